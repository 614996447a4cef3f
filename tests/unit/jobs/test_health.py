from __future__ import annotations

from pathlib import Path

import pytest

from agent.device.reader import DeviceReader
from agent.domain.health import Health
from agent.jobs.health import HealthReader
from agent.ports import OutboxDepth
from agent.telemetry import Telemetry
from tests.fakes.asking import Programs
from tests.fakes.clock import FakeClock
from tests.fakes.device_tree import Tree, xavier_nx


class Waiting:
    """The part of an outbox that the heartbeat asks."""

    def depth(self) -> OutboxDepth:
        return OutboxDepth(pending=1, parked=2, shed=3)


def read(tree: Tree) -> Health:
    clock = FakeClock()
    started = clock.moment()
    clock.advance(12.5)
    device = DeviceReader(tree.folder, clock, tree.root, Programs({"timedatectl": "no"}), lambda: False)
    outbox = Waiting()
    return HealthReader(clock, started, tree.folder, outbox, Telemetry(clock), device).read()  # type: ignore[arg-type]


def test_a_heartbeat_tells_of_the_device(tmp_path: Path) -> None:
    told = read(xavier_nx(tmp_path))
    assert (told.uptime_s, told.outbox_pending, told.outbox_parked, told.outbox_shed) == (12.5, 1, 2, 3)
    assert told.temperatures_c["GPU-therm"] == 44.0
    assert (told.power_mode, told.throttled, told.gpu_load) == ("MODE_20W_6CORE", False, 0.371)
    assert told.clock_synchronised is False
    assert told.disk_wear == 0.2
    assert 0 < told.disk_free <= told.disk_total


def test_without_zones_the_sensors_speak(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    class Sensor:
        def __init__(self, label: str, current: float) -> None:
            self.label = label
            self.current = current

    sensors = {"coretemp": [Sensor("Core 0", 51.0)], "nvme": [Sensor("", 40.0)]}
    monkeypatch.setattr("psutil.sensors_temperatures", lambda: sensors)
    told = read(Tree(tmp_path))
    assert told.temperatures_c == {"coretemp.Core 0": 51.0, "nvme": 40.0}
    assert (told.power_mode, told.throttled, told.gpu_load, told.disk_wear) == (None, None, None, None)
