from __future__ import annotations

from pathlib import Path

from agent.device.thermal import Zone, limiters, over_currents, zones
from tests.fakes.device_tree import Tree, orin, pc, xavier_nx


def test_a_xavier_nx(tmp_path: Path) -> None:
    root = xavier_nx(tmp_path).root
    found = zones(root)
    assert found[0] == Zone("CPU-therm", 45.5, 95.5, 96.0)
    assert [zone.name for zone in found] == [
        "CPU-therm",
        "GPU-therm",
        "AUX-therm",
        "AO-therm",
        "thermal-fan-est",
    ]
    assert limiters(root) == []
    assert over_currents(root) is None


def test_an_orin_leaves_out_what_is_switched_off(tmp_path: Path) -> None:
    root = orin(tmp_path).root
    assert [zone.name for zone in zones(root)] == ["cpu-thermal", "gpu-thermal", "soc0-thermal", "tj-thermal"]
    assert limiters(root) == []
    assert over_currents(root) == 0


def test_a_pc_has_trip_points_that_are_none(tmp_path: Path) -> None:
    root = pc(tmp_path).root
    assert zones(root) == [Zone("acpitz", 52.0, None, 110.0), Zone("x86_pkg_temp", 55.0, None, None)]
    assert limiters(root) == []


def test_what_takes_clocks_away(tmp_path: Path) -> None:
    tree = orin(tmp_path)
    tree.cooling({"pwm-fan": 4, "cpu-throttle-alert": 1, "devfreq-17000000.gpu": 3, "hot-surface-alert": 1})
    assert limiters(tree.root) == ["cpu-throttle-alert", "devfreq-17000000.gpu"]
    tree.write("/sys/class/hwmon/hwmon1/oc3_event_cnt", "813\n")
    assert over_currents(tree.root) == 813


def test_a_machine_that_tells_nothing(tmp_path: Path) -> None:
    tree = Tree(tmp_path)
    assert zones(tree.root) == []
    assert limiters(tree.root) is None
    tree.cooling({"pwm-fan": 1})
    assert limiters(tree.root) is None


def test_readings_that_are_none(tmp_path: Path) -> None:
    tree = Tree(tmp_path)
    tree.zones([("a", 400_000, {}), ("b", -300_000, {}), ("c", 20_000, {"passive": 9_000_000})])
    tree.write("/sys/class/thermal/thermal_zone9/temp", "20000")
    assert zones(tree.root) == [Zone("c", 20.0, None, None)]
