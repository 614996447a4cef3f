"""Whose face it is, as far as a look can tell."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Optional


@dataclass(frozen=True)
class Nearest:
    """Whom of the gallery a face is nearest to: the person's id, the Euclidean distance of the embeddings
    (0 the same picture, about 0.6 a doubt, 1 and more a stranger), and the distance of the nearest face of
    anybody else (infinite where there is nobody else). `person` is None in an empty gallery."""

    person: Optional[int]
    distance: float
    second: float
