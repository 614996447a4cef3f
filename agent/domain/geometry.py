"""Where things cross a line in a picture, and which way they go."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Optional, Tuple

Point = Tuple[float, float]
"""(x, y), as shares of the picture's width and height from its left top."""

IN, OUT = "in", "out"


@dataclass(frozen=True)
class Line:
    """A line from `start` to `end`: who looks along it from the one to the other in the picture sees what
    crosses `in` go from the left to the right."""

    name: str
    start: Point
    end: Point

    def crossed(self, before: Point, after: Point) -> Optional[str]:
        """IN or OUT where the way from `before` to `after` crosses the line, else None.

        A point on the line counts as on its right, so that a way in two steps crosses once or not at all.
        """
        was, now = self._right_of(before), self._right_of(after)
        if was == now or not _straddles(before, after, self.start, self.end):
            return None
        return IN if now else OUT

    def _right_of(self, point: Point) -> bool:
        return cross(self.start, self.end, point) >= 0.0


def cross(origin: Point, end: Point, point: Point) -> float:
    """The cross product of origin-end and origin-point: positive where `point` is to the right of the way
    from `origin` to `end` in a picture, whose y grows downwards."""
    return (end[0] - origin[0]) * (point[1] - origin[1]) - (end[1] - origin[1]) * (point[0] - origin[0])


def _straddles(before: Point, after: Point, start: Point, end: Point) -> bool:
    """Whether the way before-after passes between `start`, which belongs to the line, and `end`, which does
    not: of two lines that share a point, a way through it crosses one."""
    return (cross(before, after, start) >= 0.0) != (cross(before, after, end) >= 0.0)


def turned_from(before: Point, after: Point, way: Tuple[Point, Point]) -> float:
    """The angle between a movement and a way, in degrees from 0 (along it) to 180 (against it); both must
    have a length."""
    moved = math.atan2(after[1] - before[1], after[0] - before[0])
    meant = math.atan2(way[1][1] - way[0][1], way[1][0] - way[0][0])
    turned = abs(math.degrees(moved - meant)) % 360.0
    return min(turned, 360.0 - turned)
