"""The address of a camera on the Jetson's CSI connector: `csi:0`, or `csi:0?width=1280&height=720&fps=15`."""

from __future__ import annotations

import difflib
import re
from dataclasses import dataclass
from typing import Dict, Tuple
from urllib.parse import parse_qsl

_ADDRESS = re.compile(r"csi:(\d{1,2})(?:\?(.*))?", re.I)
_RANGES: Dict[str, Tuple[int, int]] = {"width": (160, 8192), "height": (90, 8192), "fps": (1, 240)}


@dataclass(frozen=True)
class CsiAddress:
    """Which sensor, the size in pixels and the pictures a second that it is asked for."""

    sensor: int
    width: int = 1920
    height: int = 1080
    fps: int = 30


def parse_csi(address: str) -> CsiAddress:
    """Raises ValueError, whose text follows "the address ..."."""
    found = _ADDRESS.fullmatch(address)
    if found is None:
        raise ValueError('is not "csi:" and the number of the sensor')
    given: Dict[str, int] = {}
    for name, text in parse_qsl(found[2] or "", keep_blank_values=True):
        if name not in _RANGES:
            raise ValueError(f'has the option "{name}", which is not known{_hint(name)}')
        low, high = _RANGES[name]
        if not (text.isascii() and text.isdigit() and low <= int(text) <= high):
            raise ValueError(f'has "{name}", which must be a whole number from {low} to {high}')
        given[name] = int(text)
    return CsiAddress(int(found[1]), **given)


def _hint(name: str) -> str:
    close = difflib.get_close_matches(name, _RANGES, n=1)
    return f'; perhaps "{close[0]}" is meant' if close else f"; known are {', '.join(_RANGES)}"
