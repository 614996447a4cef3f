"""How many pictures a second really come."""

from __future__ import annotations

from collections import deque
from typing import Deque


class FrameRate:
    """A sliding window over the last `window_s` seconds; times are monotonic seconds."""

    def __init__(self, window_s: float = 5.0) -> None:
        self._window_s = window_s
        self._times: Deque[float] = deque()
        self._since: float = 0.0

    def add(self, now: float) -> None:
        """A picture was decoded."""
        if not self._times:
            self._since = now
        self._times.append(now)

    def per_second(self, now: float) -> float:
        """Pictures a second; 0 before there is enough to tell."""
        start = now - self._window_s
        while self._times and self._times[0] <= start:
            self._since = self._times.popleft()
        span_s = now - max(self._since, start)
        return len(self._times) / span_s if span_s >= 0.5 else 0.0
