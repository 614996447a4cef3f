"""The device's facts for the heartbeat: cheap ones anew each time, those that cost a process now and then."""

from __future__ import annotations

import threading
from dataclasses import dataclass
from pathlib import Path
from typing import Callable, Dict, Optional

from agent.device import disk, jtop, power, thermal, timekeeping
from agent.device.commands import Ask, ask
from agent.device.gpu import gpu_load
from agent.device.root import Root
from agent.ports import Clock

_KEPT_S = 300.0


@dataclass(frozen=True)
class DeviceFacts:
    """What the device says of itself; None (or no temperatures) where it does not."""

    power_mode: Optional[str]
    throttled: Optional[bool]
    temperatures_c: Dict[str, float]
    gpu_load: Optional[float]
    clock_synchronised: Optional[bool]
    disk_wear: Optional[float]


@dataclass(frozen=True)
class _Slow:
    clock_synchronised: Optional[bool]
    disk_wear: Optional[float]
    jtop: jtop.JtopFacts


class DeviceReader:
    """Reads from `root`; thread-safe. `folder` is the data folder, whose disk matters."""

    def __init__(
        self,
        folder: Path,
        clock: Clock,
        root: Optional[Root] = None,
        ask: Ask = ask,
        has_jtop: Callable[[], bool] = jtop.is_installed,
    ) -> None:
        self._folder = folder
        self._clock = clock
        self._root = root or Root()
        self._ask = ask
        self._has_jtop = has_jtop
        self._lock = threading.Lock()
        self._slow: Optional[_Slow] = None
        self._read_at = 0.0

    def read(self) -> DeviceFacts:
        slow = self._kept()
        mode = power.power_mode(self._root)
        limiters = thermal.limiters(self._root)
        load = gpu_load(self._root)
        temperatures = {zone.name: zone.celsius for zone in thermal.zones(self._root)}
        return DeviceFacts(
            power_mode=slow.jtop.power_mode if mode is None else mode.name,
            throttled=None if limiters is None else bool(limiters),
            temperatures_c=temperatures or slow.jtop.temperatures_c,
            gpu_load=slow.jtop.gpu_load if load is None else load,
            clock_synchronised=slow.clock_synchronised,
            disk_wear=slow.disk_wear,
        )

    def _kept(self) -> _Slow:
        with self._lock:
            now = self._clock.monotonic()
            if self._slow is None or now - self._read_at >= _KEPT_S:
                self._slow, self._read_at = self._read_slow(), now
            return self._slow

    def _read_slow(self) -> _Slow:
        mount = disk.mount_of(self._root, disk.nearest(self._folder))
        wear = disk.wear(self._root, mount.device, self._ask) if mount is not None else None
        return _Slow(
            clock_synchronised=timekeeping.synchronised(self._root, ask=self._ask),
            disk_wear=None if wear is None else wear.used,
            jtop=jtop.read_jtop(self._ask) if self._has_jtop() else jtop.JtopFacts(),
        )
