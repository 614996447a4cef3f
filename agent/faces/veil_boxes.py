"""Which of the faces that were found are to be veiled."""

from __future__ import annotations

from typing import List, Sequence

from agent.domain.box import Box

_SAME = 0.4
_PART = 0.5


def merged(boxes: Sequence[Box]) -> List[Box]:
    """One box a face, the largest first: looks at overlapping parts find some twice, and some in halves."""
    kept: List[Box] = []
    for box in sorted(boxes, key=lambda one: one.area, reverse=True):
        twin = next((one for one in kept if one.common(box) > _PART * min(one.area, box.area)), None)
        if twin is None:
            kept.append(box)
        else:
            kept[kept.index(twin)] = _around(twin, box)
    return kept


def without(boxes: Sequence[Box], clear: Sequence[Box]) -> List[Box]:
    """The boxes but those of the faces that may be seen: one at most for each of `clear`, the nearest."""
    left = list(boxes)
    for seen in clear:
        best = max(left, key=lambda box: seen.overlap(box), default=None)
        if best is not None and seen.overlap(best) > _SAME:
            left.remove(best)
    return left


def _around(one: Box, other: Box) -> Box:
    return Box(
        min(one.left, other.left),
        min(one.top, other.top),
        max(one.right, other.right),
        max(one.bottom, other.bottom),
    )
