"""What somebody who wants to know who is in a picture can do with it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import List, Optional, Sequence

import numpy as np
import numpy.typing as npt

from agent.domain.box import Box
from agent.faces.reader import FaceReader
from agent.ports import Embeddings, Face, Picture

Embedding = npt.NDArray[np.float32]

_AROUND = 1.5


@dataclass(frozen=True)
class Attempt:
    """How far a face in a picture is from one whose name is known: `found` where the detector finds it,
    looking closely at the place; `forced` where the place is embedded whatever the detector says."""

    found: Optional[float]
    forced: float


class Attacker:
    """Knows where the face was, and has the original. Used by one thread."""

    def __init__(self, reader: FaceReader) -> None:
        self._reader = reader

    def portrait(self, picture: Picture) -> Optional[Face]:
        """The face in the middle of a picture."""
        height, width = picture.shape[:2]
        middle = np.array([width, height]) / 2
        faces = self._reader.find([picture])[0]
        nearest = sorted(faces, key=lambda face: float(np.abs(_middle(face.box) - middle).sum()))
        return nearest[0] if nearest else None

    def embedding(self, picture: Picture, box: Box) -> Embedding:
        """Of what is in the box, face or not."""
        face = Face(box, 1.0, np.zeros((5, 2), np.float32))
        return self._reader.embed(picture, [face])[0].embedding

    def attempt(self, picture: Picture, box: Box, known: Embedding) -> Attempt:
        """Look closely at the place, then take it by force."""
        height, width = picture.shape[:2]
        left, right = box.left - _AROUND * box.width, box.right + _AROUND * box.width
        top, bottom = box.top - _AROUND * box.height, box.bottom + _AROUND * box.height
        x, y = max(0, round(left)), max(0, round(top))
        part = picture[y : min(height, round(bottom)), x : min(width, round(right))]
        reads = self._reader.read([part])[0]
        near = [one for one in reads if _within(_middle(one.face.box) + np.array([x, y]), box)]
        distances = [float(np.linalg.norm(one.embedding - known)) for one in near]
        forced = float(np.linalg.norm(self.embedding(picture, box) - known))
        return Attempt(min(distances, default=None), forced)


def first_guess_right(probes: Embeddings, gallery: Embeddings) -> float:
    """The share of probes (N x D) whose nearest row of the gallery (N x D) is the one of the same number."""
    distances = np.linalg.norm(probes[:, None] - gallery[None], axis=2)
    return float((distances.argmin(axis=1) == np.arange(len(probes))).mean())


def as_rows(parts: Sequence[Picture]) -> Embeddings:
    """Pictures of one size as rows, each with the same mean and contrast: to compare them pixel by pixel."""
    rows: List[npt.NDArray[np.float32]] = []
    for part in parts:
        row = part.astype(np.float32).ravel()
        rows.append((row - row.mean()) / max(float(row.std()), 1e-6))
    return np.array(rows, np.float32)


def _middle(box: Box) -> npt.NDArray[np.float64]:
    return np.array([box.left + box.right, box.top + box.bottom]) / 2


def _within(point: npt.NDArray[np.float64], box: Box) -> bool:
    return bool(box.left <= point[0] <= box.right and box.top <= point[1] <= box.bottom)
