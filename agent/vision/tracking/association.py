"""Which boxes of a look are one thing, and which go on with which tracks: those that overlap most."""

from __future__ import annotations

from typing import List, Tuple

import numpy as np
import numpy.typing as npt

Corners = npt.NDArray[np.float64]
"""N x 4: left, top, right and bottom, all in one unit a side."""

Scores = npt.NDArray[np.float64]

_LEAST = 1e-12
"""Stands for an area of nothing where something is divided by it."""


def overlaps(ones: Corners, others: Corners, buffer: float = 0.0) -> Scores:
    """The overlap (IoU) of each of N boxes with each of M, N x M, every box enlarged by `buffer` of its width
    or height on each side: BIoU (Yang et al. 2023, "Hard to Track Objects with Irregular Motions and Similar
    Appearances? Make It Easier by Buffering the Matching Space")."""
    ones, others = _enlarged(ones, buffer), _enlarged(others, buffer)
    common = _common(ones, others)
    together = _areas(ones)[:, None] + _areas(others) - common
    return np.asarray(common / np.maximum(together, _LEAST))


def distinct(corners: Corners, overlap: float, inside: float) -> List[int]:
    """Which of the boxes, the surest first, are things of their own, by index: none overlaps (IoU) a surer
    one by more than `overlap`, nor is either of them covered by the other to more than `inside`."""
    areas = _areas(corners)
    covered = _common(corners, corners) / np.maximum(np.minimum(areas[:, None], areas), _LEAST)
    alike = (overlaps(corners, corners) > overlap) | (covered > inside)
    kept: List[int] = []
    for index in range(len(corners)):
        if not alike[index, kept].any():
            kept.append(index)
    return kept


def pairs(likeness: Scores, least: float) -> List[Tuple[int, int]]:
    """Rows and columns that belong together, each in one pair at most, the likest first: none is less alike
    than `least`."""
    rows, columns = np.nonzero(likeness >= least)
    order = np.argsort(-likeness[rows, columns], kind="stable")
    free_row, free_column = np.ones(likeness.shape[0], bool), np.ones(likeness.shape[1], bool)
    found: List[Tuple[int, int]] = []
    for row, column in zip(rows[order].tolist(), columns[order].tolist()):
        if free_row[row] and free_column[column]:
            free_row[row] = free_column[column] = False
            found.append((row, column))
    return found


def _common(ones: Corners, others: Corners) -> Scores:
    start = np.maximum(ones[:, None, :2], others[:, :2])
    end = np.minimum(ones[:, None, 2:], others[:, 2:])
    return np.asarray(np.maximum(end - start, 0.0).prod(axis=2))


def _enlarged(corners: Corners, buffer: float) -> Corners:
    margin = buffer * (corners[:, 2:] - corners[:, :2])
    return np.concatenate([corners[:, :2] - margin, corners[:, 2:] + margin], axis=1)


def _areas(corners: Corners) -> Scores:
    return np.asarray((corners[:, 2:] - corners[:, :2]).prod(axis=1))
