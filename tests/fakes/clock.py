"""A clock that moves only when told; waiting on it passes time at once."""

from __future__ import annotations

import threading
from datetime import datetime, timedelta, timezone

from agent.domain.moment import Moment


class FakeClock:
    """Implements agent.ports.Clock. `wait` advances time by its time-out unless the event is set."""

    def __init__(self, start: datetime = datetime(2026, 1, 1, tzinfo=timezone.utc)) -> None:
        self._start = start
        self._elapsed = 0.0
        self._lock = threading.Lock()

    def now(self) -> datetime:
        return self._start + timedelta(seconds=self._elapsed)

    def monotonic(self) -> float:
        return self._elapsed

    def moment(self) -> Moment:
        return Moment(self.now(), self._elapsed)

    def advance(self, seconds: float) -> None:
        with self._lock:
            self._elapsed += seconds

    def wait(self, event: threading.Event, timeout_s: float) -> bool:
        if not event.is_set():
            self.advance(timeout_s)
        return event.is_set()
