"""What YuNet and YOLOX have in common: cells that each say a box, and which of overlapping boxes stay."""

from __future__ import annotations

import cv2
import numpy as np
import numpy.typing as npt

from agent.inference.manifest import STRIDES

Rows = npt.NDArray[np.float32]

LARGEST = 10.0
"""Logarithm of a size in strides: more than any picture, and still a number."""


def cells(width: int, height: int) -> Rows:
    """Of every cell of an input of that size column, row and stride (A x 3), in the order of the output."""
    levels = []
    for stride in STRIDES:
        rows, columns = np.mgrid[: height // stride, : width // stride]
        levels.append(np.stack([columns.ravel(), rows.ravel(), np.full(rows.size, stride)], axis=1))
    return np.concatenate(levels).astype(np.float32)


def boxed(found: Rows, at: Rows) -> Rows:
    """M x 4, left, top, right and bottom in pixels of the input, of M rows of offset and logarithmic size in
    strides (M x 4) and their cells (M x 3)."""
    stride = at[:, 2:]
    middle = (at[:, :2] + found[:, :2]) * stride
    half = np.exp(np.minimum(found[:, 2:], LARGEST)) * stride / 2
    return np.concatenate([middle - half, middle + half], axis=1)


def suppressed(
    scores: Rows, boxes: Rows, groups: npt.NDArray[np.int64], overlap: float
) -> npt.NDArray[np.int64]:
    """Which of M boxes to keep, by index, the best first: none overlaps a better one of its group by more
    than `overlap` (IoU). `scores` are above 0.

    OpenCV's greedy suppression: the same boxes as a loop in numpy keeps, in a fifth of the time or less.
    """
    if not len(scores):
        return np.empty(0, np.int64)
    # OpenCV sets groups apart by moving each beyond the largest coordinate: none may be negative.
    corners = (boxes - boxes.min()).astype(np.float64)
    corners[:, 2:] -= corners[:, :2]
    kept = cv2.dnn.NMSBoxesBatched(
        corners,
        scores,  # type: ignore[arg-type]  # OpenCV takes arrays for sequences, its stubs do not
        groups.astype(np.int32),  # type: ignore[arg-type]
        0.0,
        overlap,
    )
    return np.asarray(kept, np.int64)
