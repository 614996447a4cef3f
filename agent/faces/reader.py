"""Faces of a picture, each aligned and embedded."""

from __future__ import annotations

from dataclasses import dataclass
from typing import List, Sequence, Tuple

import numpy as np
import numpy.typing as npt

from agent.domain.evidence import ModelInfo
from agent.faces.chips import chip
from agent.faces.predictor import Predictor, hog_box
from agent.ports import Face, FaceDetector, FaceEmbedder, Picture


@dataclass(frozen=True, eq=False)
class FaceRead:
    """A face of a picture, cut out (150 x 150 x 3, BGR), and its embedding (128 float32)."""

    face: Face
    chip: Picture
    embedding: npt.NDArray[np.float32]


class FaceReader:
    """Finds, aligns and embeds faces; used by one thread, which owns both networks.

    Each method raises InferenceError.
    """

    def __init__(self, detector: FaceDetector, embedder: FaceEmbedder, predictor: Predictor) -> None:
        self._detector, self._embedder, self._predictor = detector, embedder, predictor

    @property
    def model(self) -> ModelInfo:
        """What says whose faces they are."""
        return self._embedder.model

    @property
    def models(self) -> Tuple[ModelInfo, ModelInfo]:
        """What finds faces, and what says whose they are."""
        return self._detector.model, self._embedder.model

    def read(self, pictures: Sequence[Picture]) -> List[List[FaceRead]]:
        """The faces of each picture, the largest first; all are embedded in one batch."""
        return self._reads(pictures, self.find(pictures))

    def find(self, pictures: Sequence[Picture]) -> List[List[Face]]:
        """Where faces are, without saying whose."""
        return self._detector.find(pictures)

    def embed(self, picture: Picture, faces: Sequence[Face]) -> List[FaceRead]:
        """Some of the faces that were found in a picture, in that order."""
        return self._reads([picture], [faces])[0]

    def chip(self, picture: Picture, face: Face) -> Picture:
        """The face cut out and upright, as it is embedded."""
        return chip(picture, self._predictor.predict(picture, hog_box(face.box)))

    def close(self) -> None:
        """Free both networks; may be called twice."""
        self._detector.close()
        self._embedder.close()

    def _reads(self, pictures: Sequence[Picture], found: Sequence[Sequence[Face]]) -> List[List[FaceRead]]:
        chips = [[self.chip(picture, face) for face in faces] for picture, faces in zip(pictures, found)]
        rows = iter(self._embedder.embed([one for cut in chips for one in cut]))
        return [
            [FaceRead(face, one, next(rows)) for face, one in zip(faces, cut)]
            for faces, cut in zip(found, chips)
        ]
