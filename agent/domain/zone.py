"""A part of a camera's picture: a polygon."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Tuple


@dataclass(frozen=True)
class Zone:
    """`corners` are (x, y) each, as shares of the picture's width and height, in the order of its edge."""

    name: str
    corners: Tuple[Tuple[float, float], ...]

    def holds(self, x: float, y: float) -> bool:
        """Whether a point lies inside, by the even-odd rule: a line from it crosses the edge an odd number
        of times (Shimrat 1962)."""
        inside = False
        for (x0, y0), (x1, y1) in zip(self.corners, self.corners[1:] + self.corners[:1]):
            if (y0 > y) != (y1 > y) and x < x0 + (y - y0) / (y1 - y0) * (x1 - x0):
                inside = not inside
        return inside
