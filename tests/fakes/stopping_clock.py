"""A clock that ends what waits on it."""

from __future__ import annotations

import threading
from typing import List

from tests.fakes.clock import FakeClock


class StoppingClock(FakeClock):
    """Notes how long each wait would have been, and sets `stop` at the n-th."""

    def __init__(self, waits: int) -> None:
        super().__init__()
        self.stop = threading.Event()
        self.waits: List[float] = []
        self._most = waits

    def wait(self, event: threading.Event, timeout_s: float) -> bool:
        self.waits.append(timeout_s)
        if len(self.waits) >= self._most:
            self.stop.set()
        return super().wait(event, timeout_s)
