"""Faces that are coloured squares: whose each is, its colour says; all that reads faces reads that."""

from __future__ import annotations

from typing import List, Optional, Sequence, Tuple

import cv2
import numpy as np

from agent.domain.box import Box
from agent.domain.evidence import ModelInfo
from agent.enrolments import Reason
from agent.errors import InferenceError
from agent.faces.gate import Judged
from agent.faces.reader import FaceRead, FaceReader
from agent.ports import Embeddings, Face, Picture

FINDER = ModelInfo("fake-finder", "1" * 64, "fake", "fp32", {"score": 0.6, "overlap": 0.3})
READER = ModelInfo("fake-reader", "2" * 64, "fake", "fp32", {})
SIDE = 150
MOST = 20
"""People with a colour of their own, from 1."""

_RED, _GREEN, _STEP = 220, 70, 12
_LANDMARKS = ((0.3, 0.35), (0.7, 0.35), (0.5, 0.55), (0.35, 0.75), (0.65, 0.75))


def street(height: int = 240, width: int = 320, shade: int = 20) -> Picture:
    """Nobody is there."""
    return np.full((height, width, 3), shade, np.uint8)


def show(picture: Picture, person: int, left: int, top: int, side: int = 100) -> Picture:
    """Put the face of a person (1..20) into the picture; returns it."""
    picture[top : top + side, left : left + side] = colour(person)
    return picture


def portrait(person: int, shade: int = 20) -> Picture:
    """One person, alone. With another `shade` it is another picture of them."""
    return show(street(shade=shade), person, 110, 60, 120)


def colour(person: int) -> Tuple[int, int, int]:
    """Blue, green, red of a person's face; it survives JPEG."""
    return (person * _STEP, _GREEN, _RED)


def embedding(person: int, drift: float = 0.0) -> Embeddings:
    """128 float32: 1.4 from those of anybody else; moved by `drift` in a direction that all share."""
    row = np.zeros(128, np.float32)
    row[person], row[127] = 1.0, drift
    return row


class FakeFaceDetector:
    """Implements agent.ports.FaceDetector: finds the squares. `failures` calls fail first."""

    def __init__(self, failures: int = 0) -> None:
        self.model = FINDER
        self.batches: List[int] = []
        self.closed = False
        self.failures = failures

    def find(self, pictures: Sequence[Picture]) -> List[List[Face]]:
        if self.failures:
            self.failures -= 1
            raise InferenceError("the device is gone")
        self.batches.append(len(pictures))
        return [_faces(picture) for picture in pictures]

    def close(self) -> None:
        self.closed = True


class FakeFaceEmbedder:
    """Implements agent.ports.FaceEmbedder: by the colour in the middle of a chip. `failures` calls fail
    first; `drift` moves every row (see `embedding`)."""

    def __init__(self, failures: int = 0, drift: float = 0.0) -> None:
        self.model = READER
        self.batches: List[int] = []
        self.closed = False
        self.failures, self.drift = failures, drift

    def embed(self, chips: Sequence[Picture]) -> Embeddings:
        if self.failures:
            self.failures -= 1
            raise InferenceError("the device is gone")
        self.batches.append(len(chips))
        rows = [embedding(_person(chip[50:100, 50:100]), self.drift) for chip in chips]
        return np.array(rows, np.float32).reshape(-1, 128)

    def close(self) -> None:
        self.closed = True


class FakeFaceReader:
    """Has the methods of agent.faces.reader.FaceReader, over the two fakes, without a predictor."""

    def __init__(
        self, detector: Optional[FakeFaceDetector] = None, embedder: Optional[FakeFaceEmbedder] = None
    ) -> None:
        self.detector = detector or FakeFaceDetector()
        self.embedder = embedder or FakeFaceEmbedder()

    @property
    def model(self) -> ModelInfo:
        return self.embedder.model

    @property
    def models(self) -> Tuple[ModelInfo, ModelInfo]:
        return self.detector.model, self.embedder.model

    def read(self, pictures: Sequence[Picture]) -> List[List[FaceRead]]:
        return [self.embed(picture, faces) for picture, faces in zip(pictures, self.find(pictures))]

    def find(self, pictures: Sequence[Picture]) -> List[List[Face]]:
        return self.detector.find(pictures)

    def embed(self, picture: Picture, faces: Sequence[Face]) -> List[FaceRead]:
        chips = [self.chip(picture, face) for face in faces]
        rows = self.embedder.embed(chips)
        return [FaceRead(face, chip, row) for face, chip, row in zip(faces, chips, rows)]

    def chip(self, picture: Picture, face: Face) -> Picture:
        box = face.box
        cut = picture[int(box.top) : int(box.bottom), int(box.left) : int(box.right)]
        return np.asarray(cv2.resize(cut, (SIDE, SIDE)), np.uint8)

    def close(self) -> None:
        self.detector.close()
        self.embedder.close()


def any_face(reader: FaceReader, picture: Picture) -> Judged:
    """A gate that lets every picture with a face pass."""
    (reads,) = reader.read([picture])
    return Judged(Reason.ACCEPTED, reads[0]) if reads else Judged(Reason.NO_FACE, None)


def _faces(picture: Picture) -> List[Face]:
    """The squares, the largest first."""
    _, green, red = (picture[..., channel].astype(int) for channel in range(3))
    shown = (abs(green - _GREEN) < 30) & (abs(red - _RED) < 30)
    count, _, stats, _ = cv2.connectedComponentsWithStats(shown.astype(np.uint8))
    found = []
    for left, top, width, height, area in stats[1:count].astype(float).tolist():
        if area < 64:
            continue
        points = np.array(_LANDMARKS) * (width, height) + (left, top)
        found.append(Face(Box(left, top, left + width, top + height), 0.9, points.astype(np.float32)))
    return sorted(found, key=lambda face: face.box.area, reverse=True)


def _person(pixels: Picture) -> int:
    return int(np.clip(round(float(np.median(pixels[..., 0])) / _STEP), 0, MOST))
