"""Memory and swap."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Optional

from agent.device.root import Root

_LINE = re.compile(r"^(\w+):\s+(\d{1,15}) kB$", re.MULTILINE)


@dataclass(frozen=True)
class Memory:
    """Bytes; `available` is what programs can still get without swapping."""

    total: int
    available: int
    swap_total: int
    swap_free: int


def memory(root: Root) -> Optional[Memory]:
    """From /proc/meminfo."""
    found = {
        name: int(kilobytes) * 1024 for name, kilobytes in _LINE.findall(root.text("/proc/meminfo") or "")
    }
    if "MemTotal" not in found or "MemAvailable" not in found:
        return None
    return Memory(
        found["MemTotal"], found["MemAvailable"], found.get("SwapTotal", 0), found.get("SwapFree", 0)
    )
