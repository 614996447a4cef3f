"""Whether the clock is kept right by somebody: incidents are dated by it."""

from __future__ import annotations

import ctypes
from typing import Callable, Optional

from agent.device.commands import Ask
from agent.device.root import Root

_SYNCHRONISED_US = 16_000_000
"""The kernel's error bound while nobody keeps the clock; systemd's timedated judges by it, too."""

Kernel = Callable[[], Optional[int]]
"""The most that the clock may be wrong by, in microseconds; None where the kernel does not tell."""


class _Timex(ctypes.Structure):
    """The beginning of `struct timex` (man 2 adjtimex), and room for the rest."""

    _fields_ = (
        ("modes", ctypes.c_uint),
        ("offset", ctypes.c_long),
        ("freq", ctypes.c_long),
        ("maxerror", ctypes.c_long),
        ("rest", ctypes.c_byte * 512),
    )


def kernel_error_us() -> Optional[int]:
    """Asks the kernel, changing nothing.

    Not for the daemon: a sandbox without @clock ends whoever makes this call.
    """
    timex = _Timex()
    try:
        state = ctypes.CDLL(None).adjtimex(ctypes.byref(timex))
    except (OSError, AttributeError):
        return None
    return None if state < 0 else int(timex.maxerror)


def synchronised(root: Root, kernel: Optional[Kernel] = None, ask: Optional[Ask] = None) -> Optional[bool]:
    """By the kernel, else by timedatectl, else by what systemd-timesyncd left; None where none tells."""
    error_us = kernel() if kernel is not None else None
    if error_us is not None:
        return error_us < _SYNCHRONISED_US
    answer = (
        ask(["timedatectl", "show", "--property=NTPSynchronized", "--value"]) if ask is not None else None
    )
    if answer is not None and answer.code == 0 and answer.text in ("yes", "no"):
        return answer.text == "yes"
    return True if root.exists("/run/systemd/timesync/synchronized") else None
