"""Temperatures, what slows the machine down because of them, and how often the supply could not keep up."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Dict, List, Optional

from agent.device.root import Root

_HOTTEST_C = 250.0
_OFF_C = -200.0
"""An engine that is switched off reads -256 degrees on a Jetson."""

_PLACEHOLDERS = ("pmic",)
"""Zones that show a constant: PMIC-Die says 50 or 100 on every Jetson before Orin."""

_LIMITERS = ("throttle-alert", "balanced", "cpufreq", "devfreq", "processor", "powerclamp")
"""Cooling devices that take clocks away; fans, displays and surface alerts are none of these."""


@dataclass(frozen=True)
class Zone:
    """One sensor in degrees Celsius: where it begins to slow the machine, and where it switches it off."""

    name: str
    celsius: float
    slows_at: Optional[float]
    off_at: Optional[float]


def zones(root: Root) -> List[Zone]:
    """Every thermal zone that tells a temperature."""
    found = []
    for folder in root.find("/sys/class/thermal/thermal_zone[0-9]*"):
        name = root.word(f"{folder}/type")
        celsius = _celsius(root, f"{folder}/temp")
        if name is None or celsius is None or name.lower().startswith(_PLACEHOLDERS):
            continue
        trips = _trips(root, folder)
        found.append(Zone(name, celsius, trips.get("passive"), trips.get("critical")))
    return found


def limiters(root: Root) -> Optional[List[str]]:
    """The names of what takes clocks away now, because of heat or power; None where nothing tells."""
    known, active = False, []
    for folder in root.find("/sys/class/thermal/cooling_device[0-9]*"):
        name = root.word(f"{folder}/type")
        state = root.number(f"{folder}/cur_state")
        if name is None or state is None or not any(part in name.lower() for part in _LIMITERS):
            continue
        known = True
        if state > 0:
            active.append(name)
    return active if known else None


def over_currents(root: Root) -> Optional[int]:
    """How often since the start the supply could not give what a Jetson drew; None where nobody counts."""
    counts = [root.number(path) for path in root.find("/sys/class/hwmon/hwmon[0-9]*/oc[0-9]_event_cnt")]
    known = [count for count in counts if count is not None and count >= 0]
    return sum(known) if known else None


def _trips(root: Root, folder: str) -> Dict[str, float]:
    """The lowest trip point of each kind."""
    lowest: Dict[str, float] = {}
    for path in root.find(f"{folder}/trip_point_[0-9]*_type"):
        kind = root.word(path)
        celsius = _celsius(root, path[: -len("type")] + "temp")
        if kind is not None and celsius is not None and celsius > 0:
            lowest[kind] = min(celsius, lowest.get(kind, celsius))
    return lowest


def _celsius(root: Root, path: str) -> Optional[float]:
    thousandths = root.number(path)
    if thousandths is None:
        return None
    celsius = thousandths / 1000
    return celsius if _OFF_C < celsius < _HOTTEST_C else None
