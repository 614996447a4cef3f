"""When there are more than so many at once."""

from __future__ import annotations

from typing import List, Optional

from agent.domain.policy.object_watchers import Finding, View

_FRESH_S = 1.0
"""Who was seen so lately is counted, although one look may have missed them."""


class Crowd:
    """More than `above` are there, and have been for `seconds`; it is over once they have not been for as
    long, so that somebody who comes and goes makes it no news again and again."""

    def __init__(self, above: int, seconds: float) -> None:
        self._above = above
        self._seconds = seconds
        self._crowded = False
        self._otherwise_since: Optional[float] = None

    def look(self, view: View) -> List[Finding]:
        there = [thing for thing in view.there if view.now - thing.seen <= _FRESH_S]
        begins = self._settle(len(there) > self._above, view.now) and self._crowded
        if not self._crowded or len(there) <= self._above:
            return []
        return [Finding(tuple(there), begins, needed=self._above + 1)]

    def forget(self) -> None:
        self._crowded = False
        self._otherwise_since = None

    def _settle(self, crowded: bool, now: float) -> bool:
        """Whether that changed, at last."""
        if crowded == self._crowded:
            self._otherwise_since = None
            return False
        if self._otherwise_since is None:
            self._otherwise_since = now
        if now - self._otherwise_since < self._seconds:
            return False
        self._crowded, self._otherwise_since = crowded, None
        return True
