"""Objects: what stands where in a picture (YOLOX, Ge et al. 2021, "YOLOX: Exceeding YOLO Series in 2021")."""

from __future__ import annotations

from typing import Iterator, List, Mapping, Optional, Sequence, Tuple

import numpy as np
import numpy.typing as npt

from agent.domain.box import Box
from agent.domain.detection import Detection
from agent.domain.fusion import BURNING
from agent.inference.backend import Result, Session
from agent.inference.bundle import Bundle
from agent.inference.cells import Rows, boxed, cells, suppressed
from agent.inference.manifest import BOX_COLUMNS
from agent.inference.model import model_info, refuse_no_numbers
from agent.inference.nested import doubted
from agent.ports import Picture
from agent.vision.preprocess import fitted, to_batch

_MOST = 1000
"""Cells that are weighed against each other: several times as many as any street gives."""

_OBJECT = BOX_COLUMNS - 1
"""The column of the object score."""

Labels = npt.NDArray[np.int64]


class YoloX:
    """Implements agent.ports.ObjectDetector on any session of an object-detection bundle.

    The thresholds are the manifest's, but for those that are given: `overlap` is the largest IoU of two
    things of one label, `score` the least confidence of one. Flames and smoke within surer ones count for
    less (agent.inference.nested). Boxes are cut off at the picture's edge; one
    that lies beyond it is none.
    """

    def __init__(
        self,
        bundle: Bundle,
        session: Session,
        thresholds: Optional[Mapping[str, float]] = None,
    ) -> None:
        manifest = bundle.manifest
        thresholds = {**manifest.thresholds, **(thresholds or {})}
        self._session = session
        self._spec = manifest.input.spec
        self._labels, self._heads = manifest.labels, manifest.heads
        self._burning = np.isin(manifest.labels, BURNING)
        self._score, self._overlap = thresholds["score"], thresholds["overlap"]
        self._cells = cells(self._spec.width, self._spec.height)
        self.model = model_info(bundle, session, thresholds)

    def find(self, pictures: Sequence[Picture]) -> List[List[Detection]]:
        if not pictures:
            return []
        result = self._session.infer(to_batch(pictures, self._spec))
        refuse_no_numbers(result, self.model)
        return [self.things(picture, rows) for picture, rows in zip(pictures, result)]

    def close(self) -> None:
        self._session.close()

    def things(self, picture: Picture, rows: Result) -> List[Detection]:
        """What the network says of a picture, A x (5 + labels of each head), as `find` tells it."""
        said = [
            (scores, labels + first, boxes)
            for first, part in by_head(rows, self._heads)
            for scores, labels, boxes in [decoded(part, self._cells, self._score)]
        ]
        scores, labels, boxes = (np.concatenate(parts) for parts in zip(*said))
        kept = suppressed(scores, boxes, labels, self._overlap)
        burning = kept[self._burning[labels[kept]]]
        scores[burning] = doubted(scores[burning], boxes[burning], labels[burning])
        kept = kept[scores[kept] >= self._score]
        kept = kept[np.argsort(-scores[kept], kind="stable")]
        shown = np.array(fitted(picture.shape[1], picture.shape[0], self._spec), np.float32)
        shares = np.clip(boxes[kept] / np.tile(shown, 2), 0.0, 1.0)
        within = (shares[:, :2] < shares[:, 2:]).all(axis=1)
        found = zip(labels[kept][within].tolist(), scores[kept][within].tolist(), shares[within].tolist())
        return [Detection(self._labels[label], score, Box(*box)) for label, score, box in found]


def by_head(rows: Rows, heads: Sequence[int]) -> Iterator[Tuple[int, Rows]]:
    """Of each head, which has so many labels, the number of its first label and its columns of `rows`."""
    first = start = 0
    for labels in heads:
        yield first, rows[:, start : start + BOX_COLUMNS + labels]
        first, start = first + labels, start + BOX_COLUMNS + labels


def decoded(rows: Rows, at: Rows, least: float) -> Tuple[Rows, Labels, Rows]:
    """Scores M, labels M (the likeliest of each cell) and boxes M x 4 (left, top, right, bottom in pixels of
    the input) of the cells that score `least`, the best first.

    `rows` is A x (5 + labels) as YOLOX exports it: of each cell the middle's offset from the cell and the
    logarithmic size, both in strides, then the probability of an object and that of each label given one.
    `at` are the cells (see agent.inference.cells.cells).
    """
    maybe = np.flatnonzero(rows[:, _OBJECT] >= least)
    labels = rows[maybe, BOX_COLUMNS:].argmax(axis=1)
    scores = rows[maybe, _OBJECT] * rows[maybe, BOX_COLUMNS + labels]
    best = np.argsort(-scores, kind="stable")[:_MOST]
    best = best[scores[best] >= least]
    chosen = maybe[best]
    return scores[best], labels[best], boxed(rows[chosen, :_OBJECT], at[chosen])
