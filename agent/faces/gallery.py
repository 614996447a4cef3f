"""The enrolled faces, and whom a face is nearest to among them."""

from __future__ import annotations

import math
from typing import List, Tuple

import numpy as np
import numpy.typing as npt

from agent.domain.face import Nearest
from agent.ports import Embeddings


class Gallery:
    """Embeddings of enrolled people, searched exhaustively. Immutable, and so safe in several threads: make a
    new one when people change."""

    def __init__(self, people: npt.NDArray[np.int64], embeddings: Embeddings) -> None:
        """Row i of `embeddings` (N x 128, any order) is a face of the person `people[i]` (N ids).

        Raises ValueError for shapes that do not fit together and for values that are not numbers.
        """
        if embeddings.ndim != 2 or people.shape != embeddings.shape[:1]:
            raise ValueError(f"{people.shape} ids and {embeddings.shape} embeddings do not fit together")
        if not np.isfinite(embeddings).all():
            raise ValueError("embeddings that are not numbers")
        order = np.argsort(people, kind="stable")
        # One person's rows lie together, so that the search for anybody else can skip a slice.
        self._people = np.ascontiguousarray(people[order], np.int64)
        self._faces = np.ascontiguousarray(embeddings[order], np.float32)
        self._half_norms = np.einsum("ij,ij->i", self._faces, self._faces) / 2

    def __len__(self) -> int:
        """How many faces there are, not how many people."""
        return len(self._people)

    def nearest(self, embeddings: Embeddings) -> List[Nearest]:
        """For each row, the nearest person and the distance of the nearest face of anybody else."""
        return [self._nearest(row) for row in np.asarray(embeddings, np.float32)]

    def _nearest(self, row: npt.NDArray[np.float32]) -> Nearest:
        if not len(self):
            return Nearest(None, math.inf, math.inf)
        # |f - r|^2 is least where f . r - |f|^2 / 2 is most: one pass through memory.
        closeness = self._faces @ row
        closeness -= self._half_norms
        first, distance = self._best(closeness, row)
        person = self._people[first]
        own = slice(*np.searchsorted(self._people, [person, person + 1]))
        closeness[own] = -math.inf
        if own.stop - own.start == len(self):
            return Nearest(int(person), distance, math.inf)
        _, second = self._best(closeness, row)
        return Nearest(int(person), distance, max(second, distance))

    def _best(self, closeness: npt.NDArray[np.float32], row: npt.NDArray[np.float32]) -> Tuple[int, float]:
        """The index of the closest face and its distance, free of the rounding of the search."""
        index = int(closeness.argmax())
        return index, float(np.linalg.norm(self._faces[index] - row))
