"""One heartbeat: how the machine and the agent are doing, read through psutil."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Dict

import psutil

from agent.domain.health import Health
from agent.domain.moment import Moment
from agent.ports import Clock, Outbox
from agent.telemetry import Telemetry


class HealthReader:
    """Reads a Health; `folder` is the data folder whose disk matters."""

    def __init__(
        self, clock: Clock, started: Moment, folder: Path, outbox: Outbox, telemetry: Telemetry
    ) -> None:
        self._clock = clock
        self._started = started
        self._folder = folder
        self._outbox = outbox
        self._telemetry = telemetry
        self._process = psutil.Process()

    def read(self) -> Health:
        now = self._clock.moment()
        depth = self._outbox.depth()
        disk = psutil.disk_usage(str(self._folder))
        self._telemetry.pending.set(depth.pending)
        self._telemetry.parked.set(depth.parked)
        self._telemetry.shed.set(depth.shed)
        return Health(
            at=now.utc,
            uptime_s=now.since(self._started),
            load_1m=os.getloadavg()[0],
            temperatures_c=_temperatures(),
            memory_rss=int(self._process.memory_info().rss),
            memory_available=int(psutil.virtual_memory().available),
            disk_free=int(disk.free),
            disk_total=int(disk.total),
            outbox_pending=depth.pending,
            outbox_parked=depth.parked,
            outbox_shed=depth.shed,
            stages=self._telemetry.latencies(),
        )


def _temperatures() -> Dict[str, float]:
    """Degrees Celsius by sensor; empty where the machine shows none."""
    readings: Dict[str, float] = {}
    for chip, sensors in psutil.sensors_temperatures().items():
        for sensor in sensors:
            name = f"{chip}.{sensor.label}" if sensor.label else chip
            readings[name] = float(sensor.current)
    return readings
