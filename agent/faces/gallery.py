"""The enrolled people, each as the mean of their faces, and whom a face is nearest to among them."""

from __future__ import annotations

import math
from typing import List, Tuple

import numpy as np
import numpy.typing as npt

from agent.domain.face import Nearest
from agent.ports import Embeddings

_BATCH = 16
"""Faces that are searched for at once; among 100,000 people the search then needs 6 MB."""

_Row = npt.NDArray[np.float32]


class Gallery:
    """Enrolled people, searched exhaustively. Immutable, and so safe in several threads: make a new one when
    people change.

    A person is the mean of their embeddings, in which what is peculiar to one picture fades: while as few
    strangers pass, more of the enrolled do than by the nearest single picture (docs/faces.md has figures).
    """

    def __init__(self, people: npt.NDArray[np.int64], embeddings: Embeddings) -> None:
        """Row i of `embeddings` (N x 128, in any order) is a face of the person with the id `people[i]`.

        Raises ValueError for shapes that do not fit together and for values that are not numbers.
        """
        if embeddings.ndim != 2 or people.shape != embeddings.shape[:1]:
            raise ValueError(f"{people.shape} ids and {embeddings.shape} embeddings do not fit together")
        if not np.isfinite(embeddings).all():
            raise ValueError("embeddings that are not numbers")
        order = np.argsort(people, kind="stable")
        self._people, starts, counts = np.unique(people[order], return_index=True, return_counts=True)
        faces = np.asarray(embeddings, np.float32)[order]
        if len(counts) < len(faces):
            faces = np.asarray(np.add.reduceat(faces, starts, axis=0) / counts[:, None], np.float32)
        self._means = faces
        self._half_squares = np.einsum("ij,ij->i", faces, faces) / 2

    def __len__(self) -> int:
        """How many people there are."""
        return len(self._people)

    def nearest(self, embeddings: Embeddings) -> List[Nearest]:
        """For each row (M x 128) the nearest person, and the distance of the next."""
        if not len(self):
            return [Nearest(None, math.inf, math.inf) for _ in embeddings]
        rows = np.asarray(embeddings, np.float32)
        found: List[Nearest] = []
        for start in range(0, len(rows), _BATCH):
            batch = rows[start : start + _BATCH]
            # |m - r|^2 is least where m . r - |m|^2 / 2 is most.
            closeness = batch @ self._means.T
            closeness -= self._half_squares
            found += [self._nearest(row, close) for row, close in zip(batch, closeness)]
        return found

    def _nearest(self, row: _Row, closeness: _Row) -> Nearest:
        """Whom `row` is nearest to; `closeness` (of everybody) is used up."""
        first, distance = self._closest(row, closeness)
        if len(self) == 1:
            return Nearest(int(self._people[first]), distance, math.inf)
        closeness[first] = -math.inf
        _, second = self._closest(row, closeness)
        return Nearest(int(self._people[first]), distance, max(second, distance))

    def _closest(self, row: _Row, closeness: _Row) -> Tuple[int, float]:
        """The index of the closest person, and the distance without the rounding errors of `closeness`."""
        index = int(closeness.argmax())
        return index, float(np.linalg.norm(self._means[index] - row))
