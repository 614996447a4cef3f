"""One heartbeat: how the machine and the agent are doing."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Dict, Optional

import psutil

from agent.device.reader import DeviceReader
from agent.domain.health import Health
from agent.domain.moment import Moment
from agent.ports import Clock, Outbox
from agent.telemetry import Telemetry


class HealthReader:
    """Reads a Health; `folder` is the data folder whose disk matters."""

    def __init__(
        self,
        clock: Clock,
        started: Moment,
        folder: Path,
        outbox: Outbox,
        telemetry: Telemetry,
        device: Optional[DeviceReader] = None,
    ) -> None:
        self._clock = clock
        self._started = started
        self._folder = folder
        self._outbox = outbox
        self._telemetry = telemetry
        self._device = device or DeviceReader(folder, clock)
        self._process = psutil.Process()

    def read(self) -> Health:
        now = self._clock.moment()
        depth = self._outbox.depth()
        device = self._device.read()
        disk = psutil.disk_usage(str(self._folder))
        self._telemetry.pending.set(depth.pending)
        self._telemetry.parked.set(depth.parked)
        self._telemetry.shed.set(depth.shed)
        return Health(
            at=now.utc,
            uptime_s=now.since(self._started),
            load_1m=os.getloadavg()[0],
            temperatures_c=device.temperatures_c or _sensors(),
            memory_rss=int(self._process.memory_info().rss),
            memory_available=int(psutil.virtual_memory().available),
            disk_free=int(disk.free),
            disk_total=int(disk.total),
            outbox_pending=depth.pending,
            outbox_parked=depth.parked,
            outbox_shed=depth.shed,
            stages=self._telemetry.latencies(),
            power_mode=device.power_mode,
            throttled=device.throttled,
            gpu_load=device.gpu_load,
            clock_synchronised=device.clock_synchronised,
            disk_wear=device.disk_wear,
        )


def _sensors() -> Dict[str, float]:
    """Degrees Celsius by sensor, for a machine without thermal zones; empty where it shows none."""
    readings: Dict[str, float] = {}
    for chip, sensors in psutil.sensors_temperatures().items():
        for sensor in sensors:
            name = f"{chip}.{sensor.label}" if sensor.label else chip
            readings[name] = float(sensor.current)
    return readings
