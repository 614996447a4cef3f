from __future__ import annotations

import json
from pathlib import Path
from typing import Dict, Union

import pytest

from agent.device import disk
from agent.device.commands import Answer
from agent.device.disk import Mount, Wear
from tests.fakes.asking import Programs
from tests.fakes.device_tree import Tree, xavier_nx


def test_the_mount_of_a_folder(tmp_path: Path) -> None:
    root = xavier_nx(tmp_path).root
    assert disk.mount_of(root, Path("/var/lib")) == Mount("/", "ext4", "/dev/mmcblk0p1", False)
    assert disk.mount_of(root, Path("/mnt/old disk/data")) == Mount(
        "/mnt/old disk", "ext4", "/dev/sdz1", False
    )
    assert disk.mount_of(root, Path("/mnt/old disks")) == Mount("/", "ext4", "/dev/mmcblk0p1", False)
    assert disk.mount_of(Tree(tmp_path / "empty").root, Path("/")) is None


def test_the_last_mount_at_a_place_counts(tmp_path: Path) -> None:
    tree = Tree(tmp_path)
    tree.write(
        "/proc/self/mountinfo", "1 0 0:1 / / rw - ext4 /dev/a rw\n2 1 0:2 / / ro - ext4 /dev/b ro\nodd\n"
    )
    assert disk.mount_of(tree.root, Path("/x")) == Mount("/", "ext4", "/dev/b", True)


def test_the_nearest_folder_that_is_there(tmp_path: Path) -> None:
    assert disk.nearest(tmp_path / "a" / "b") == tmp_path.resolve()
    assert disk.nearest(tmp_path) == tmp_path.resolve()


def test_the_space_is_that_of_the_disk(tmp_path: Path) -> None:
    found = disk.space(tmp_path)
    assert found.total >= found.used + found.free > 0


@pytest.mark.parametrize(
    ("life", "spare", "wear"),
    [
        ("0x02 0x01\n", "0x01\n", Wear(0.2, False)),
        ("0x01 0x0b\n", "0x02\n", Wear(1.1, True)),
        ("0x00 0x00\n", "0x00\n", None),
        ("0x55 junk\n", "0x01\n", None),
        ("", "", None),
    ],
)
def test_emmc(tmp_path: Path, life: str, spare: str, wear: Wear) -> None:
    tree = Tree(tmp_path)
    tree.write("/sys/block/mmcblk0/device/life_time", life)
    tree.write("/sys/block/mmcblk0/device/pre_eol_info", spare)
    assert disk.wear(tree.root, "/dev/mmcblk0p1") == wear


@pytest.mark.parametrize(
    ("answers", "wear"),
    [
        (
            {"nvme smart-log /dev/nvme0 ": json.dumps({"percent_used": 7, "critical_warning": 0})},
            Wear(0.07, False),
        ),
        ({"nvme": Answer(1, "must be root"), "smartctl": "no"}, None),
        ({"nvme": '{"percent_used": Infinity}', "smartctl": '{"percentage_used": []}'}, None),
        ({"nvme": "{" * 100_000, "smartctl": "[1]"}, None),
        (
            {
                "smartctl --json --all /dev/nvme0": "noise\n"
                + json.dumps(
                    {"nvme_smart_health_information_log": {"percentage_used": 104, "critical_warning": 4}}
                )
            },
            Wear(1.04, True),
        ),
        ({}, None),
    ],
)
def test_nvme(tmp_path: Path, answers: Dict[str, Union[str, Answer]], wear: Wear) -> None:
    assert disk.wear(Tree(tmp_path).root, "/dev/nvme0n1p2", Programs(answers)) == wear


@pytest.mark.parametrize("device", ["/dev/sda1", "overlay", "/dev/mapper/root", "/dev/nvme0n1"])
def test_disks_that_do_not_tell(tmp_path: Path, device: str) -> None:
    assert disk.wear(Tree(tmp_path).root, device) is None
