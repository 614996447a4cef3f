"""The enrolled faces, and whom a face is nearest to among them."""

from __future__ import annotations

import math
from typing import List, Tuple

import numpy as np
import numpy.typing as npt

from agent.domain.face import Nearest
from agent.ports import Embeddings

_BATCH = 16
"""Faces that are searched for at once; a search of 100,000 embeddings then needs 6 MB."""

_Row = npt.NDArray[np.float32]


class Gallery:
    """Embeddings of enrolled people, searched exhaustively. Immutable, and so safe in several threads: make a
    new one when people change."""

    def __init__(self, people: npt.NDArray[np.int64], embeddings: Embeddings) -> None:
        """Row i of `embeddings` (N x 128, in any order) is a face of the person with the id `people[i]`.

        Raises ValueError for shapes that do not fit together and for values that are not numbers.
        """
        if embeddings.ndim != 2 or people.shape != embeddings.shape[:1]:
            raise ValueError(f"{people.shape} ids and {embeddings.shape} embeddings do not fit together")
        if not np.isfinite(embeddings).all():
            raise ValueError("embeddings that are not numbers")
        order = np.argsort(people, kind="stable")
        # One person's rows lie together, so that the search for anybody else leaves out a slice.
        self._people = np.asarray(people, np.int64)[order]
        self._faces = np.asarray(embeddings, np.float32)[order]
        self._half_squares = np.einsum("ij,ij->i", self._faces, self._faces) / 2

    def __len__(self) -> int:
        """How many faces there are, not how many people."""
        return len(self._people)

    def nearest(self, embeddings: Embeddings) -> List[Nearest]:
        """For each row (M x 128) the nearest person, and the distance of the nearest face of anybody else."""
        if not len(self):
            return [Nearest(None, math.inf, math.inf) for _ in embeddings]
        rows = np.asarray(embeddings, np.float32)
        found: List[Nearest] = []
        for start in range(0, len(rows), _BATCH):
            batch = rows[start : start + _BATCH]
            # |f - r|^2 is least where f . r - |f|^2 / 2 is most.
            closeness = batch @ self._faces.T - self._half_squares
            found += [self._nearest(row, close) for row, close in zip(batch, closeness)]
        return found

    def _nearest(self, row: _Row, closeness: _Row) -> Nearest:
        """Whom `row` is nearest to; `closeness` (of every face of the gallery) is used up."""
        first, distance = self._closest(row, closeness)
        person = self._people[first]
        start, stop = np.searchsorted(self._people, [person, person + 1])
        if stop - start == len(self):
            return Nearest(int(person), distance, math.inf)
        closeness[start:stop] = -math.inf
        _, second = self._closest(row, closeness)
        return Nearest(int(person), distance, max(second, distance))

    def _closest(self, row: _Row, closeness: _Row) -> Tuple[int, float]:
        """The index of the closest face, and its distance without the rounding errors of `closeness`."""
        index = int(closeness.argmax())
        return index, float(np.linalg.norm(self._faces[index] - row))
