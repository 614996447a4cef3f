"""A rectangle in a picture."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Box:
    """x grows to the right, y downwards. It may lie partly outside its picture.

    Of a face it is in pixels, of a detection in shares of the picture's width and height.
    """

    left: float
    top: float
    right: float
    bottom: float

    @property
    def width(self) -> float:
        return self.right - self.left

    @property
    def height(self) -> float:
        return self.bottom - self.top

    def common(self, other: Box) -> float:
        """The area that both cover."""
        width = min(self.right, other.right) - max(self.left, other.left)
        height = min(self.bottom, other.bottom) - max(self.top, other.top)
        return max(0.0, width) * max(0.0, height)

    def overlap(self, other: Box) -> float:
        """What both cover, as part of what they cover together (IoU): 0..1."""
        common = self.common(other)
        together = self.area + other.area - common
        return common / together if together > 0 else 0.0

    def moved(self, right: float, down: float) -> Box:
        """The same box elsewhere."""
        return Box(self.left + right, self.top + down, self.right + right, self.bottom + down)

    @property
    def area(self) -> float:
        return max(0.0, self.width) * max(0.0, self.height)
