from __future__ import annotations

from pathlib import Path

import pytest

from agent.device.power import PowerMode, clocks_held, power_mode
from tests.fakes.asking import Programs
from tests.fakes.device_tree import Tree, orin, pc, xavier_nx


def test_a_xavier_nx_at_its_strongest(tmp_path: Path) -> None:
    tree = xavier_nx(tmp_path)
    mode = power_mode(tree.root)
    assert mode is not None
    assert (mode.id, mode.name, mode.stronger) == (8, "MODE_20W_6CORE", None)
    assert clocks_held(tree.root) is False


def test_a_weaker_mode_knows_the_strongest(tmp_path: Path) -> None:
    tree = xavier_nx(tmp_path)
    tree.write("/var/lib/nvpmodel/status", "fmode:quiet\npmode:0003 fmode:fanNull\n")
    mode = power_mode(tree.root)
    assert mode is not None
    assert (mode.name, mode.stronger) == ("MODE_10W_2CORE", 8)


def test_an_orin_with_its_clocks_held(tmp_path: Path) -> None:
    tree = orin(tmp_path)
    mode = power_mode(tree.root)
    assert mode is not None
    assert (mode.name, mode.stronger) == ("MAXN", None)
    assert clocks_held(tree.root) is True


def test_a_pc_has_no_mode(tmp_path: Path) -> None:
    tree = pc(tmp_path)
    assert power_mode(tree.root, Programs()) is None
    assert clocks_held(tree.root) is None


def test_nvpmodel_is_asked_where_its_files_say_nothing(tmp_path: Path) -> None:
    programs = Programs({"nvpmodel -q": "NV Fan Mode:quiet\nNV Power Mode: MODE_15W_6CORE\n2"})
    assert power_mode(Tree(tmp_path).root, programs) == PowerMode(2, "MODE_15W_6CORE", {})
    assert power_mode(Tree(tmp_path).root, Programs({"nvpmodel": "NVPM ERROR"})) is None


def test_a_mode_without_a_name_is_its_number(tmp_path: Path) -> None:
    tree = Tree(tmp_path)
    tree.write("/var/lib/nvpmodel/status", "pmode:0005")
    mode = power_mode(tree.root)
    assert mode == PowerMode(5, "5", {})
    assert mode is not None
    assert mode.stronger is None


@pytest.mark.parametrize(
    ("name", "stronger"),
    [("15W", 0), ("MAXN", None), ("MAXN_SUPER", None), ("CUSTOM", None), ("MODE_15W_6CORE", 0)],
)
def test_which_is_stronger(name: str, stronger: int) -> None:
    assert PowerMode(9, name, {0: "MAXN", 9: name}).stronger == stronger
