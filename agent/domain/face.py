"""Faces as the rules see them: where one is, and whom it is nearest to."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Optional


@dataclass(frozen=True)
class Box:
    """A rectangle in pixels of its picture; x grows to the right, y downwards. It may lie partly outside."""

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

    @property
    def area(self) -> float:
        return max(0.0, self.width) * max(0.0, self.height)


@dataclass(frozen=True)
class Nearest:
    """Whom of the gallery a face is nearest to: the person's id, the Euclidean distance of the embeddings
    (0 the same picture, about 0.6 a doubt, 1 and more a stranger), and the distance of the nearest face of
    anybody else (infinite where there is nobody else). `person` is None in an empty gallery."""

    person: Optional[int]
    distance: float
    second: float
