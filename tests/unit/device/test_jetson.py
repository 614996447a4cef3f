from __future__ import annotations

from pathlib import Path

import pytest

from agent.device import jetson
from agent.device.gpu import gpu_load
from agent.device.memory import Memory, memory
from tests.fakes.device_tree import Tree, orin, pc, xavier_nx


def test_a_xavier_nx(tmp_path: Path) -> None:
    root = xavier_nx(tmp_path).root
    release = jetson.l4t(root)
    assert release is not None
    assert jetson.model(root) == "NVIDIA Jetson Xavier NX Developer Kit"
    assert (release.version, release.jetpack) == ("35.4.1", 5)
    assert jetson.installed(root, ["nvidia-jetpack", "missing"]) == {"nvidia-jetpack": "5.1.2-b104"}
    assert gpu_load(root) == 0.371
    assert memory(root) == Memory(7_168_000_000, 4_608_000_000, 3_584_000_000, 3_481_600_000)


def test_an_orin(tmp_path: Path) -> None:
    root = orin(tmp_path).root
    release = jetson.l4t(root)
    assert release is not None
    assert (release.version, release.jetpack) == ("36.4.3", 6)
    assert gpu_load(root) == 0.0


def test_a_pc(tmp_path: Path) -> None:
    root = pc(tmp_path).root
    assert jetson.model(root) is None
    assert jetson.l4t(root) is None
    assert gpu_load(root) is None


def test_a_release_of_the_future(tmp_path: Path) -> None:
    tree = Tree(tmp_path)
    tree.write("/etc/nv_tegra_release", "# R44 (release), REVISION: 1.0, GCID: 1")
    release = jetson.l4t(tree.root)
    assert release is not None
    assert release.jetpack is None


def test_removed_packages_do_not_count(tmp_path: Path) -> None:
    tree = Tree(tmp_path)
    tree.packages({})
    assert jetson.installed(tree.root, ["old-thing"]) == {}


@pytest.mark.parametrize("load", ["-1", "1001", "busy", ""])
def test_a_load_that_is_none(tmp_path: Path, load: str) -> None:
    tree = Tree(tmp_path)
    tree.write("/sys/devices/gpu.0/load", load)
    assert gpu_load(tree.root) is None


@pytest.mark.parametrize("text", ["", "MemTotal: 12 kB\n", "MemTotal: x kB\nMemAvailable: 3 kB\n"])
def test_memory_that_is_not_told(tmp_path: Path, text: str) -> None:
    tree = Tree(tmp_path)
    tree.write("/proc/meminfo", text)
    assert memory(tree.root) is None
