"""Which faces of successive looks are one appearance: by where they are."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Dict, List, Sequence

from agent.domain.box import Box

_REACH = 1.0
"""A face is the same one up to this many of its widths from where it was: between looks people move."""


@dataclass
class _Track:
    box: Box
    seen: float


class Tracker:
    """Follows the faces of one camera; the nearest pairs are joined first. Not thread-safe.

    A track that was not seen for `lost_after_s` seconds has ended; who comes back is a new one.
    """

    def __init__(self, lost_after_s: float = 2.0) -> None:
        self._lost_after_s = lost_after_s
        self._tracks: Dict[int, _Track] = {}
        self._last = 0

    @property
    def tracks(self) -> List[int]:
        """Those that have not ended."""
        return list(self._tracks)

    def look(self, boxes: Sequence[Box], at: float) -> List[int]:
        """The track of each face of one look, in order; `at` in seconds that never go back."""
        self._tracks = {
            number: track for number, track in self._tracks.items() if at - track.seen <= self._lost_after_s
        }
        pairs = sorted(
            (_apart(track.box, box), number, index)
            for number, track in self._tracks.items()
            for index, box in enumerate(boxes)
        )
        found: Dict[int, int] = {}
        taken = set()
        for apart, number, index in pairs:
            if apart > _REACH or index in found or number in taken:
                continue
            found[index] = number
            taken.add(number)
        numbers = [found.get(index) or self._next() for index in range(len(boxes))]
        for number, box in zip(numbers, boxes):
            self._tracks[number] = _Track(box, at)
        return numbers

    def part(self, number: int) -> int:
        """Somebody else stands there now: a new track in place of that one."""
        fresh = self._next()
        self._tracks[fresh] = self._tracks.pop(number)
        return fresh

    def _next(self) -> int:
        self._last += 1
        return self._last


def _apart(one: Box, other: Box) -> float:
    """The distance of the middles in widths of the larger; infinite where one is over twice as wide."""
    large, small = max(one.width, other.width), min(one.width, other.width)
    if large <= 0 or small < large / 2:
        return float("inf")
    x = (one.left + one.right - other.left - other.right) / 2
    y = (one.top + one.bottom - other.top - other.bottom) / 2
    return float((x * x + y * y) ** 0.5 / large)
