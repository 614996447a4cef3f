"""Faces: where they are in a picture (YuNet), and whose they are (dlib's network), on any session."""

from __future__ import annotations

from typing import List, Optional, Sequence, Tuple

import numpy as np

from agent.domain.box import Box
from agent.domain.evidence import ModelInfo
from agent.inference.backend import Result, Session
from agent.inference.bundle import Bundle
from agent.inference.cells import Rows, boxed, cells, suppressed
from agent.inference.manifest import EMBEDDING_SIZE
from agent.inference.model import model_info, refuse_no_numbers
from agent.ports import Embeddings, Face, FaceDetector, Picture
from agent.vision.preprocess import fitted, to_batch

_MOST = 5000
"""Cells that are weighed against each other; OpenCV's FaceDetectorYN takes as many."""


class YuNet:
    """Implements agent.ports.FaceDetector on any session of a face-detection bundle.

    The thresholds are the manifest's: `overlap` is the largest IoU of two faces, `score` the least confidence
    of one, unless the argument says otherwise. A face whose middle lies outside of the picture is none.
    """

    def __init__(self, bundle: Bundle, session: Session, score: Optional[float] = None) -> None:
        manifest = bundle.manifest
        thresholds = dict(manifest.thresholds) if score is None else {**manifest.thresholds, "score": score}
        self._session = session
        self._spec = manifest.input.spec
        self._score, self._overlap = thresholds["score"], thresholds["overlap"]
        self._cells = cells(self._spec.width, self._spec.height)
        self.model = model_info(bundle, session, thresholds)

    def find(self, pictures: Sequence[Picture]) -> List[List[Face]]:
        if not pictures:
            return []
        result = self._session.infer(to_batch(pictures, self._spec))
        refuse_no_numbers(result, self.model)
        return [self._faces(picture, rows) for picture, rows in zip(pictures, result)]

    def close(self) -> None:
        self._session.close()

    def _faces(self, picture: Picture, rows: Result) -> List[Face]:
        scores, boxes, landmarks = _decoded(rows, self._cells, self._score)
        kept = suppressed(scores, boxes, np.zeros(len(scores), np.int64), self._overlap)
        height, width = picture.shape[:2]
        shown_width, shown_height = fitted(width, height, self._spec)
        scale = np.array([width / shown_width, height / shown_height], np.float32)
        found = [
            Face(
                Box(*(float(edge) for edge in boxes[index] * np.tile(scale, 2))),
                float(scores[index]),
                landmarks[index] * scale,
            )
            for index in kept
        ]
        inside = [face for face in found if _middle_within(face.box, width, height)]
        return sorted(inside, key=lambda face: face.box.area, reverse=True)


class PortraitFirst:
    """Implements agent.ports.FaceDetector with two others: `portrait` searches pictures of which neither side
    is longer than `longest` pixels, `full` the rest, and those where that one finds nothing. It owns both;
    its model is that of `full`."""

    def __init__(self, portrait: FaceDetector, full: FaceDetector, longest: int) -> None:
        self._portrait, self._full, self._longest = portrait, full, longest

    @property
    def model(self) -> ModelInfo:
        return self._full.model

    def find(self, pictures: Sequence[Picture]) -> List[List[Face]]:
        small = [index for index, picture in enumerate(pictures) if max(picture.shape[:2]) <= self._longest]
        found = dict(zip(small, self._portrait.find([pictures[index] for index in small])))
        left = [index for index in range(len(pictures)) if not found.get(index)]
        found.update(zip(left, self._full.find([pictures[index] for index in left])))
        return [found[index] for index in range(len(pictures))]

    def close(self) -> None:
        self._portrait.close()
        self._full.close()


class DlibFace:
    """Implements agent.ports.FaceEmbedder on any session of a face-embedding bundle."""

    def __init__(self, bundle: Bundle, session: Session) -> None:
        self._session = session
        self._spec = bundle.manifest.input.spec
        self.model = model_info(bundle, session, bundle.manifest.thresholds)

    def embed(self, chips: Sequence[Picture]) -> Embeddings:
        if not chips:
            return np.empty((0, EMBEDDING_SIZE), np.float32)
        result = self._session.infer(to_batch(chips, self._spec))
        refuse_no_numbers(result, self.model)
        return result

    def close(self) -> None:
        self._session.close()


def _decoded(rows: Rows, where: Rows, least: float) -> Tuple[Rows, Rows, Rows]:
    """Scores M, boxes M x 4 (left, top, right, bottom) and landmarks M x 5 x 2 of the cells that score
    `least`, in pixels of the input, the best first; as OpenCV's FaceDetectorYN does."""
    scores = np.sqrt(np.clip(rows[:, 0], 0, 1) * np.clip(rows[:, 1], 0, 1))
    chosen = np.flatnonzero(scores >= least)
    chosen = chosen[np.argsort(-scores[chosen], kind="stable")][:_MOST]
    found, at = rows[chosen], where[chosen]
    landmarks = (at[:, None, :2] + found[:, 6:].reshape(-1, 5, 2)) * at[:, None, 2:]
    return scores[chosen], boxed(found[:, 2:6], at), landmarks


def _middle_within(box: Box, width: int, height: int) -> bool:
    return 0 <= box.left + box.right <= 2 * width and 0 <= box.top + box.bottom <= 2 * height
