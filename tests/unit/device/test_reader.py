from __future__ import annotations

import json
import math
from pathlib import Path

import pytest

from agent.device import jtop
from agent.device.commands import Answer, ask
from agent.device.jtop import JtopFacts, read_jtop
from agent.device.reader import DeviceFacts, DeviceReader
from agent.device.root import Root
from tests.fakes.asking import Programs
from tests.fakes.clock import FakeClock
from tests.fakes.device_tree import Tree, hostile, orin, pc, xavier_nx

JTOP = json.dumps({"mode": "MODE 15W 6CORE", "gpu": 37.1, "temperatures": {"CPU": 45.5}})


def reader(tree: Tree, programs: Programs, clock: FakeClock, *, has_jtop: bool = False) -> DeviceReader:
    return DeviceReader(Path("/var/lib/beffroi"), clock, tree.root, programs, lambda: has_jtop)


def test_a_xavier_nx(tmp_path: Path) -> None:
    tree = xavier_nx(tmp_path)
    facts = reader(tree, Programs(), FakeClock()).read()
    assert facts.temperatures_c.pop("CPU-therm") == 45.5
    assert facts == DeviceFacts(
        power_mode="MODE_20W_6CORE",
        throttled=False,
        temperatures_c={"GPU-therm": 44.0, "AUX-therm": 43.5, "AO-therm": 44.5, "thermal-fan-est": 44.6},
        gpu_load=0.371,
        clock_synchronised=True,
        disk_wear=0.2,
    )


def test_an_orin_that_is_too_hot(tmp_path: Path) -> None:
    tree = orin(tmp_path)
    tree.cooling({"pwm-fan": 3, "cpu-throttle-alert": 1})
    facts = reader(tree, Programs(), FakeClock()).read()
    assert (facts.power_mode, facts.throttled, facts.gpu_load, facts.disk_wear) == ("MAXN", True, 0.0, None)


def test_a_machine_that_tells_nothing(tmp_path: Path) -> None:
    facts = reader(Tree(tmp_path), Programs(), FakeClock()).read()
    assert facts == DeviceFacts(None, None, {}, None, None, None)


def test_junk_is_no_fact(tmp_path: Path) -> None:
    facts = reader(hostile(tmp_path), Programs(), FakeClock()).read()
    assert facts == DeviceFacts(None, None, {}, None, True, None)


def test_processes_are_asked_now_and_then_files_each_time(tmp_path: Path) -> None:
    tree, clock = pc(tmp_path), FakeClock()
    programs = Programs({"timedatectl": "yes"})
    read = reader(tree, programs, clock).read
    assert read().clock_synchronised is True
    programs.answers["timedatectl"] = "no"
    tree.cooling({"Processor": 2})
    clock.advance(299)
    second = read()
    assert (second.clock_synchronised, second.throttled) == (True, True)
    assert len(programs.asked) == 1
    clock.advance(1)
    assert read().clock_synchronised is False


def test_jetson_stats_fills_what_the_files_leave_out(tmp_path: Path) -> None:
    facts = reader(Tree(tmp_path), Programs({"python": JTOP}), FakeClock(), has_jtop=True).read()
    assert (facts.power_mode, facts.gpu_load, facts.temperatures_c) == (
        "MODE 15W 6CORE",
        0.371,
        {"CPU": 45.5},
    )


def test_files_go_before_jetson_stats(tmp_path: Path) -> None:
    facts = reader(xavier_nx(tmp_path), Programs({"python": JTOP}), FakeClock(), has_jtop=True).read()
    assert (facts.power_mode, facts.gpu_load) == ("MODE_20W_6CORE", 0.371)
    assert "CPU" not in facts.temperatures_c


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[]",
        "no",
        '{"gpu": "much"}',
        json.dumps({"gpu": math.nan}),
        '{"temperatures": {"CPU": null}}',
        "[" * 50_000,
    ],
)
def test_jetson_stats_that_talks_nonsense(text: str) -> None:
    assert read_jtop(Programs({"python": text})) == JtopFacts()


def test_jetson_stats_that_does_not_answer() -> None:
    assert read_jtop(Programs()) == JtopFacts()
    assert (
        read_jtop(Programs({"python": Answer(1, "JtopException: the service is not active")})) == JtopFacts()
    )


def test_the_probe_speaks_to_jetson_stats(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Against a module of the same shape as jetson-stats 4: the real one runs on a Jetson only."""
    (tmp_path / "jtop.py").write_text(
        "class jtop:\n"
        "    nvpmodel = 'MODE_15W_6CORE'\n"
        "    gpu = {'gv11b': {'type': 'integrated', 'status': {'load': 12.5}}}\n"
        "    temperature = {'CPU': {'temp': 41.0, 'online': True}, 'CV0': {'temp': -256, 'online': False}}\n"
        "    def ok(self): return True\n"
        "    def __enter__(self): return self\n"
        "    def __exit__(self, *_): pass\n"
    )
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    assert read_jtop(ask) == JtopFacts("MODE_15W_6CORE", 0.125, {"CPU": 41.0})


def test_it_is_not_installed_here() -> None:
    assert jtop.is_installed() is False


def test_this_very_machine() -> None:
    facts = DeviceReader(Path.cwd(), FakeClock(), Root()).read()
    assert all(-200 < celsius < 250 for celsius in facts.temperatures_c.values())
