"""Parity of engines that box objects: what every cell of the network says, before any is chosen."""

from __future__ import annotations

from typing import Sequence, Tuple

import numpy as np

from agent.engines.parity import Limits, Trial
from agent.engines.parity_fire import rendered
from agent.engines.record import Parity
from agent.inference.backend import Session
from agent.inference.bundle import Bundle
from agent.inference.cells import Rows, boxed, cells
from agent.inference.manifest import BOX_COLUMNS
from agent.inference.model import model_info, refuse_no_numbers
from agent.inference.objects import by_head
from agent.ports import Picture
from agent.vision.preprocess import to_batch

LIMITS = {
    # Weights and activations rounded to ten bits, as fp16 rounds them, move the scores of yolox-nano by 0.045
    # at most and no box by much (rendered streets and 40 pictures of COCO, ONNX Runtime on the CPU):
    # depthwise convolutions feel it more than others. What is over twice as much is a fault, not rounding.
    "fp32": Limits(0.1, 0.95),
    "fp16": Limits(0.1, 0.95),
    "int8": Limits(0.2, 0.9),
}

_SURE = 0.3
"""Score from which the box of a cell matters; rules that people write ask for as much or more."""

_IOU = 0.8
"""Two boxes are the same where they overlap so much."""


def compare(
    bundle: Bundle, candidate: Session, reference: Session, pictures: Sequence[Picture], most: int
) -> Parity:
    """See agent.engines.parity.Compare: the largest difference of the score of a label, the share of boxes
    that are the same, of the cells that either is sure of.

    Cells are compared rather than things found: a pair of nearly equal boxes that the suppression decides
    otherwise is no fault. Rendered streets have cars in them, and smoke and flames.
    """
    expected = _said(bundle, reference, pictures, most)
    error, agreement = 0.0, 1.0
    for batch in {1, most}:
        found = _said(bundle, candidate, pictures, batch)
        error = max(error, float(np.abs(found[0] - expected[0]).max()))
        sure = np.maximum(found[0], expected[0]).max(axis=1) >= _SURE
        if sure.any():
            same = _overlap(found[1][sure], expected[1][sure]) >= _IOU
            agreement = min(agreement, float(same.mean()))
    return Parity(len(pictures), error, agreement)


def _said(bundle: Bundle, session: Session, pictures: Sequence[Picture], batch: int) -> Tuple[Rows, Rows]:
    """Of every cell of every picture, by each head, the scores of the labels (C x labels, 0 of those that the
    head has not) and the box (C x 4)."""
    given = bundle.manifest.input
    parts = [
        session.infer(to_batch(pictures[start : start + batch], given.spec))
        for start in range(0, len(pictures), batch)
    ]
    rows = np.concatenate(parts)
    refuse_no_numbers(rows, model_info(bundle, session, bundle.manifest.thresholds))
    at = np.tile(cells(given.width, given.height), (len(rows), 1))
    rows = rows.reshape(len(at), -1)
    edge = BOX_COLUMNS - 1
    scores, boxes = [], []
    for first, said in by_head(rows, bundle.manifest.heads):
        labels = said[:, BOX_COLUMNS:]
        every = np.zeros((len(said), len(bundle.manifest.labels)), np.float32)
        every[:, first : first + labels.shape[1]] = said[:, edge : edge + 1] * labels
        scores.append(every)
        boxes.append(boxed(said[:, :edge], at))
    return np.concatenate(scores), np.concatenate(boxes)


def _overlap(boxes: Rows, others: Rows) -> Rows:
    """IoU of each box (M x 4) with the other of the same row."""
    sides = np.minimum(boxes[:, 2:], others[:, 2:]) - np.maximum(boxes[:, :2], others[:, :2])
    common = np.clip(sides, 0, None).prod(axis=1)
    areas = [(one[:, 2:] - one[:, :2]).prod(axis=1) for one in (boxes, others)]
    return np.asarray(common / (areas[0] + areas[1] - common), np.float32)


BOXES = Trial(
    drawn=lambda _bundle: rendered(),
    cameras=True,
    compare=compare,
    limits=LIMITS,
    words="its scores of things differ by up to {error} and of its boxes are the same {agreement}",
)
