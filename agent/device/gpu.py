"""How busy the Jetson's GPU is."""

from __future__ import annotations

from typing import Optional

from agent.device.root import Root

_PLACES = (
    "/sys/class/devfreq/*.gv11b/device/load",  # Xavier
    "/sys/class/devfreq/*.ga10b/device/load",  # Orin, JetPack 5
    "/sys/class/devfreq/*.gpu/device/load",  # Orin, JetPack 6
    "/sys/devices/gpu.[0-9]/load",
)


def gpu_load(root: Root) -> Optional[float]:
    """0 to 1 over the driver's last interval; None where no such GPU is."""
    for place in _PLACES:
        for path in root.find(place):
            thousandths = root.number(path)
            if thousandths is not None and 0 <= thousandths <= 1000:
                return thousandths / 1000
    return None
