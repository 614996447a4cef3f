"""Means with bootstrap intervals and rank correlations, for what is measured picture by picture."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Dict

import numpy as np
import numpy.typing as npt

from models.scoring import Interval


@dataclass(frozen=True)
class Mean:
    """A mean over pictures and its interval of 95 %."""

    value: float
    interval: Interval

    def as_dict(self) -> Dict[str, Any]:
        return {"mean": round(self.value, 4), "interval": [round(end, 4) for end in self.interval]}

    def __str__(self) -> str:
        return f"{self.value:.3f} ({self.interval[0]:.3f} to {self.interval[1]:.3f})"


def mean(values: npt.ArrayLike, rounds: int = 2000) -> Mean:
    """Percentile bootstrap over pictures (Efron 1979), with a fixed seed; `values` has one at least."""
    known = np.asarray(values, np.float64)
    drawn = known[np.random.default_rng(0).integers(0, len(known), (rounds, len(known)))].mean(1)
    low, high = np.percentile(drawn, [2.5, 97.5])
    return Mean(float(known.mean()), (float(low), float(high)))


def rank_correlation(one: npt.NDArray[np.float64], other: npt.NDArray[np.float64]) -> float:
    """Spearman's (1904), equal values sharing their mean rank; 0 where all values of either are the same."""
    ranks = [_ranks(values) for values in (one, other)]
    a, b = (values - values.mean() for values in ranks)
    scale = float(np.sqrt((a * a).sum() * (b * b).sum()))
    return float((a * b).sum()) / scale if scale else 0.0


def _ranks(values: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    _, which, counts = np.unique(values, return_inverse=True, return_counts=True)
    ranks: npt.NDArray[np.float64] = (np.cumsum(counts) - (counts - 1) / 2)[which.ravel()]
    return ranks
