"""Media time out of time stamps that cameras get wrong: missing, repeated or starting over."""

from __future__ import annotations

from typing import Optional


class MediaClock:
    """Seconds since a stream's first picture; never goes back."""

    def __init__(self, gap_s: float) -> None:
        """`gap_s`: what lies between two pictures where the stamps do not say it."""
        self._gap_s = gap_s
        self._origin: Optional[float] = None
        self._last: Optional[float] = None

    def at(self, stamp_s: Optional[float]) -> float:
        """Media time of the next picture, whose presentation time stamp is `stamp_s`."""
        expected = 0.0 if self._last is None else self._last + self._gap_s
        if stamp_s is None:
            now = expected
        elif self._origin is None or stamp_s - self._origin < (self._last or 0.0):
            self._origin = stamp_s - expected
            now = expected
        else:
            now = stamp_s - self._origin
        self._last = now
        return now
