from __future__ import annotations

from pathlib import Path

import pytest

from agent.doctor import hardware
from tests.fakes.device_tree import Tree, orin, pc, xavier_nx
from tests.unit.doctor.subjects import FAILED, NOT_APPLICABLE, OK, WARNING, held, subject

GB = 1_000_000  # kB


def test_power_mode(tmp_path: Path) -> None:
    tree = xavier_nx(tmp_path)
    held(hardware.power_mode(subject(tree.root)), OK, "MODE_20W_6CORE (mode 8)")
    tree.write("/var/lib/nvpmodel/status", "pmode:0002\n")
    held(
        hardware.power_mode(subject(tree.root)),
        WARNING,
        "MODE_15W_6CORE (mode 2); MODE_20W_6CORE may draw more",
        "sudo nvpmodel -m 8",
    )
    tree.write("/var/lib/nvpmodel/status", "pmode:0099\n")
    held(hardware.power_mode(subject(tree.root)), OK, "99")
    tree.write("/var/lib/nvpmodel/status", "")
    held(hardware.power_mode(subject(tree.root)), WARNING, "nvpmodel -q")
    held(hardware.power_mode(subject(pc(tmp_path / "pc").root)), NOT_APPLICABLE)


def test_clocks(tmp_path: Path) -> None:
    held(hardware.clocks(subject(xavier_nx(tmp_path / "a").root)), OK, "as the load asks for", "busy 37 %")
    held(hardware.clocks(subject(orin(tmp_path / "b").root)), OK, "jetson_clocks")
    held(hardware.clocks(subject(pc(tmp_path / "c").root)), NOT_APPLICABLE, "not a Jetson")
    tree = Tree(tmp_path / "d")
    tree.write("/etc/nv_tegra_release", "# R36 (release), REVISION: 4.3")
    held(hardware.clocks(subject(tree.root)), NOT_APPLICABLE, "cannot be read")


def test_temperature(tmp_path: Path) -> None:
    tree = xavier_nx(tmp_path)
    held(hardware.temperature(subject(tree.root)), OK, "CPU-therm 46 °C", "GPU-therm 44 °C")
    tree.zones([("CPU-therm", 91_000, {"passive": 95_500, "critical": 96_500})])
    held(hardware.temperature(subject(tree.root)), WARNING, "slows the machine at 96 °C", "air")
    tree.zones([("CPU-therm", 92_000, {"passive": 95_500, "critical": 96_500})])
    held(hardware.temperature(subject(tree.root)), FAILED, "off at 96 °C", "air")
    held(hardware.temperature(subject(Tree(tmp_path / "none").root)), NOT_APPLICABLE)


def test_throttling(tmp_path: Path) -> None:
    tree = orin(tmp_path)
    held(hardware.throttling(subject(tree.root)), OK, "not slowed down")
    tree.write("/sys/class/hwmon/hwmon1/oc2_event_cnt", "8\n")
    held(hardware.throttling(subject(tree.root)), WARNING, "8 times", "supply")
    tree.cooling({"pwm-fan": 3, "gpu-throttle-alert": 1})
    held(hardware.throttling(subject(tree.root)), WARNING, "gpu-throttle-alert", "nvpmodel -m")
    held(hardware.throttling(subject(Tree(tmp_path / "none").root)), NOT_APPLICABLE)


@pytest.mark.parametrize(
    ("available_kb", "swap_kb", "swap_free_kb", "status", "word"),
    [
        (4 * GB, 0, 0, OK, "no swap"),
        (4 * GB, 2 * GB, 2 * GB, OK, "swap: 0 B of 2.0 GB used"),
        (4 * GB, 2 * GB, GB // 2, WARNING, "wears the disk"),
        (200_000, 0, 0, WARNING, "204.8 MB of 8.2 GB available"),
        (50_000, 0, 0, FAILED, "fewer cameras"),
    ],
)
def test_memory(
    tmp_path: Path, available_kb: int, swap_kb: int, swap_free_kb: int, status: object, word: str
) -> None:
    tree = pc(tmp_path)
    tree.memory(8 * GB, available_kb, swap_kb, swap_free_kb)
    finding = hardware.memory_left(subject(tree.root))
    assert finding.status is status
    assert word in f"{finding.found} {finding.remedy}"


def test_memory_that_is_not_told(tmp_path: Path) -> None:
    held(hardware.memory_left(subject(Tree(tmp_path).root)), NOT_APPLICABLE)
