"""Waits for what has no event to wait on."""

from __future__ import annotations

import threading
import time
from typing import Callable


def until(holds: Callable[[], bool], what: str, timeout_s: float = 20.0) -> None:
    """Look again and again until it holds; fails after `timeout_s`, naming `what` did not come true."""
    deadline = time.monotonic() + timeout_s
    pause = threading.Event()
    while not holds():
        assert time.monotonic() < deadline, f"not within {timeout_s} s: {what}"
        pause.wait(0.01)
