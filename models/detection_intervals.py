"""How far an average precision may be chance: what other draws of the pictures give (bootstrap)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Optional, Sequence

import numpy as np
import numpy.typing as npt

from models.scoring import Interval

_RECALLS = np.linspace(0, 1, 101)
"""Where COCO reads the precision."""

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Boxes:
    """What was found of one label, the surest first: whether each is right, and the index of its picture;
    and how many there are to find in each picture."""

    right: npt.NDArray[np.bool_]
    picture: npt.NDArray[np.int64]
    there: npt.NDArray[np.int64]


def boxes_of(evaluated: Sequence[Optional[Any]]) -> Boxes:
    """Of `evalImgs` of a COCOeval of one label, the boxes at its lowest IoU; crowds are left out."""
    scores, right, picture = [np.empty(0)], [np.empty(0, bool)], [np.empty(0, np.int64)]
    there = np.zeros(len(evaluated), np.int64)
    for index, one in enumerate(evaluated):
        if one is None:
            continue  # nothing is there, and nothing was found
        counts = ~np.asarray(one["dtIgnore"][0], bool)
        scores.append(np.asarray(one["dtScores"], float)[counts])
        right.append(np.asarray(one["dtMatches"][0])[counts] > 0)
        picture.append(np.full(int(counts.sum()), index))
        there[index] = int((~np.asarray(one["gtIgnore"], bool)).sum())
    order = np.argsort(-np.concatenate(scores), kind="stable")
    return Boxes(np.concatenate(right)[order], np.concatenate(picture)[order], there)


def average_precision(boxes: Boxes, weights: npt.NDArray[np.int64]) -> float:
    """As COCO counts it, each picture as often as `weights` says; no number where nothing is there."""
    often = weights[boxes.picture]
    total = int((weights * boxes.there).sum())
    if total == 0:
        return float("nan")
    found, wrong = np.cumsum(often * boxes.right), np.cumsum(often * ~boxes.right)
    precision = found / np.maximum(found + wrong, 1)
    best = np.append(np.maximum.accumulate(precision[::-1])[::-1], 0.0)
    return float(best[np.searchsorted(found / total, _RECALLS, side="left")].mean())


def interval(boxes: Boxes, rounds: int = 1000) -> Interval:
    """Of 95 %: as many pictures are drawn from them again; draws without anything to find do not count."""
    random = np.random.default_rng(0)
    pictures = len(boxes.there)
    drawn: Floats = np.array(
        [
            average_precision(boxes, np.bincount(random.integers(0, pictures, pictures), minlength=pictures))
            for _ in range(rounds)
        ]
    )
    low, high = np.nanpercentile(drawn, [2.5, 97.5])
    return float(low), float(high)
