"""How well distances tell one person's faces from another's: figures with intervals, from pairs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Dict, List, Sequence, Tuple

import numpy as np
import numpy.typing as npt

from models.data import DataError
from models.scoring import Interval

Floats = npt.NDArray[np.float64]
Indices = npt.NDArray[np.int64]

FARS = (1e-2, 1e-3)
"""The false accept rates at which the true accept rate is told."""
FOLDS = 5


@dataclass(frozen=True, eq=False)
class Trials:
    """P pairs: the distance (infinite where a face was not found), whether it is one person, the index of the
    person at either end (P x 2), and the fold of that person (P x 2)."""

    distances: Floats
    same: npt.NDArray[np.bool_]
    people: Indices
    folds: Indices

    def __len__(self) -> int:
        return len(self.distances)


@dataclass(frozen=True, eq=False)
class Verification:
    """Rates in 0..1. `threshold` is the median of those that the pairs were judged by, `tar` the true accept
    rate by false accept rate; `draws` are the bootstrap's, by name, in the order of the seed's resamples."""

    accuracy: float
    threshold: float
    tar: Dict[float, float]
    draws: Dict[str, Floats]

    def interval(self, name: str) -> Interval:
        """Of 95 %, for `accuracy` or a key of `tar` as text."""
        low, high = np.percentile(self.draws[name], [2.5, 97.5])
        return float(low), float(high)


def verification(trials: Trials, rounds: int = 1000) -> Verification:
    """Judge the pairs, each by the threshold that is best for pairs of other folds' people.

    The bootstrap draws people, not pairs, since the pairs of one person are not independent. Raises DataError
    where the people are too few for that.
    """
    thresholds = _thresholds(trials)
    right = (trials.distances < thresholds) == trials.same
    names = ["accuracy", *map(str, FARS)]
    drawn: Dict[str, List[float]] = {name: [] for name in names}
    order = np.argsort(trials.distances, kind="stable")
    for weights in _resamples(trials, rounds):
        drawn["accuracy"].append(float(np.average(right, weights=weights)))
        for far in FARS:
            drawn[str(far)].append(_tar(trials, order, weights, far))
    ones = np.ones(len(trials))
    return Verification(
        accuracy=float(right.mean()),
        threshold=float(np.median(thresholds)),
        tar={far: _tar(trials, order, ones, far) for far in FARS},
        draws={name: np.array(values) for name, values in drawn.items()},
    )


def best_threshold(distances: Floats, same: npt.NDArray[np.bool_]) -> float:
    """The distance below which to call a pair one person so that most pairs are called right."""
    order = np.argsort(distances, kind="stable")
    sorted_distances, sorted_same = distances[order], same[order]
    right = np.concatenate([[0], np.cumsum(np.where(sorted_same, 1, -1))])
    edges = np.concatenate([[0.0], sorted_distances])
    # Only cuts between two different distances, and none among faces that were not found.
    cuts = np.flatnonzero(np.append(np.diff(edges) > 0, True) & np.isfinite(edges))
    best = cuts[right[cuts] == right[cuts].max()]
    cut = int(best[len(best) // 2])
    above = edges[cut + 1] if cut + 1 < len(edges) else edges[cut]
    return float((edges[cut] + above) / 2) if np.isfinite(above) else float(np.nextafter(edges[cut], np.inf))


def roc(trials: Trials) -> Tuple[Floats, Floats]:
    """False and true accept rates of every threshold, from the strictest."""
    same = trials.same[np.argsort(trials.distances, kind="stable")]
    accepted_wrongly, accepted_rightly = np.cumsum(~same) / (~same).sum(), np.cumsum(same) / same.sum()
    found = int(np.isfinite(trials.distances).sum())
    return accepted_wrongly[:found], accepted_rightly[:found]


def folds_of(people: int, folds: int = FOLDS, seed: int = 0) -> Indices:
    """A fold for each person, as evenly as can be."""
    return np.random.default_rng(seed).permutation(people) % folds


def _thresholds(trials: Trials) -> Floats:
    thresholds = np.empty(len(trials))
    lower, upper = trials.folds.min(1), trials.folds.max(1)
    for a, b in sorted(set(zip(lower.tolist(), upper.tolist()))):
        others = ~np.isin(trials.folds, (a, b)).any(1)
        if not trials.same[others].any() or trials.same[others].all():
            raise DataError("too few people: a threshold is chosen on pairs of others, of both kinds")
        judged = (lower == a) & (upper == b)
        thresholds[judged] = best_threshold(trials.distances[others], trials.same[others])
    return thresholds


def _tar(trials: Trials, order: Indices, weights: Floats, far: float) -> float:
    """The share of the same-person pairs that are nearer than all but `far` of the others."""
    same, weight, distances = trials.same[order], weights[order], trials.distances[order]
    others = np.cumsum(weight[~same])
    place = int(np.searchsorted(others, far * others[-1] * (1 + 1e-12), side="right"))
    limit = distances[~same][min(place, len(others) - 1)]
    return float(weight[same & (distances < limit)].sum() / weight[same].sum())


def _resamples(trials: Trials, rounds: int) -> Sequence[Floats]:
    """A weight for each pair in each round: how often its people were drawn."""
    rng = np.random.default_rng(0)
    people = int(trials.people.max()) + 1
    one = trials.people[:, 0] == trials.people[:, 1]
    resamples: List[Floats] = []
    while len(resamples) < rounds:
        drawn = np.bincount(rng.integers(0, people, people), minlength=people).astype(float)
        first, second = drawn[trials.people[:, 0]], drawn[trials.people[:, 1]]
        weights = np.where(one, first, first * second)
        if weights[trials.same].sum() and weights[~trials.same].sum():
            resamples.append(weights)
    return resamples
