"""How findings write numbers and paths."""

from __future__ import annotations

_UNITS = ("B", "kB", "MB", "GB", "TB")


def size(number: float) -> str:
    """Bytes in decimal units, such as `1.5 GB`."""
    for unit in _UNITS[:-1]:
        if number < 1000:
            return f"{number:.0f} {unit}" if unit in ("B", "kB") else f"{number:.1f} {unit}"
        number /= 1000
    return f"{number:.1f} {_UNITS[-1]}"


def share(number: float) -> str:
    """Such as `42 %`."""
    return f"{number * 100:.0f} %"
