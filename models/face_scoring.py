"""How well distances tell one person's faces from another's: figures with intervals, from pairs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Dict, Iterator, List, Tuple

import numpy as np
import numpy.typing as npt

from models.data import DataError
from models.scoring import Interval, wilson

Floats = npt.NDArray[np.float64]
Indices = npt.NDArray[np.int64]

FARS = (1e-2, 1e-3)
"""The false accept rates at which the true accept rate is told."""
FOLDS = 5
ACCURACY = "accuracy"


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
    """Rates in 0..1, by name: `accuracy`, and the true accept rate at each false accept rate of FARS.

    `counts` is how many pairs a rate is of. `threshold` is the median of those that the pairs were judged by.
    `draws` are the bootstrap's values, which belong together by their order: the same people were drawn.
    """

    rates: Dict[str, float]
    counts: Dict[str, int]
    threshold: float
    draws: Dict[str, Floats]

    def interval(self, name: str) -> Interval:
        """Of 95 %: the wider of the bootstrap's, which has no width where all is right, and Wilson's, which
        takes the pairs for independent."""
        low, high = np.percentile(self.draws[name], [2.5, 97.5])
        n = self.counts[name]
        least, most = wilson(round(self.rates[name] * n), n)
        return min(float(low), least), max(float(high), most)


def verification(trials: Trials, rounds: int = 1000) -> Verification:
    """Judge the pairs, each by the threshold that is best for pairs of other folds' people.

    The bootstrap draws people, not pairs, since the pairs of one person are not independent. Raises DataError
    where the people are too few for that.
    """
    thresholds = _thresholds(trials)
    right = (trials.distances < thresholds) == trials.same
    order = np.argsort(trials.distances, kind="stable")

    def rates(weights: Floats) -> Dict[str, float]:
        return {
            ACCURACY: float(np.average(right, weights=weights)),
            **{tar_at(far): _tar(trials, order, weights, far) for far in FARS},
        }

    drawn = [rates(weights) for weights in _resamples(trials, rounds)]
    found = rates(np.ones(len(trials)))
    same = int(trials.same.sum())
    return Verification(
        rates=found,
        counts={name: len(trials) if name == ACCURACY else same for name in found},
        threshold=float(np.median(thresholds)),
        draws={name: np.array([one[name] for one in drawn]) for name in found},
    )


def tar_at(far: float) -> str:
    """The name of the true accept rate at that false accept rate."""
    return f"TAR at FAR {far:g}"


def best_threshold(distances: Floats, same: npt.NDArray[np.bool_]) -> float:
    """The distance below which to call a pair one person so that most pairs are called right."""
    order = np.argsort(distances, kind="stable")
    sorted_distances, sorted_same = distances[order], same[order]
    right = np.concatenate([[0], np.cumsum(np.where(sorted_same, 1, -1))])
    edges = np.concatenate([[0.0], sorted_distances])
    # Only cuts between two different distances, and none among faces that were not found.
    cuts = np.flatnonzero(np.append(edges[1:] > edges[:-1], True) & np.isfinite(edges))
    best = cuts[right[cuts] == right[cuts].max()]
    cut = int(best[len(best) // 2])
    above = edges[cut + 1] if cut + 1 < len(edges) else edges[cut]
    return float((edges[cut] + above) / 2) if np.isfinite(above) else float(np.nextafter(edges[cut], np.inf))


def roc(trials: Trials) -> Tuple[List[float], List[float]]:
    """False and true accept rates of every threshold, from the strictest."""
    same = trials.same[np.argsort(trials.distances, kind="stable")]
    accepted_wrongly, accepted_rightly = np.cumsum(~same) / (~same).sum(), np.cumsum(same) / same.sum()
    found = int(np.isfinite(trials.distances).sum())
    return accepted_wrongly[:found].tolist(), accepted_rightly[:found].tolist()


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


def _resamples(trials: Trials, rounds: int) -> Iterator[Floats]:
    """A weight for each pair in each round: how often its people were drawn."""
    rng = np.random.default_rng(0)
    people = int(trials.people.max()) + 1
    one = trials.people[:, 0] == trials.people[:, 1]
    while rounds:
        drawn = np.bincount(rng.integers(0, people, people), minlength=people).astype(float)
        first, second = drawn[trials.people[:, 0]], drawn[trials.people[:, 1]]
        weights = np.where(one, first, first * second)
        if weights[trials.same].any() and weights[~trials.same].any():
            rounds -= 1
            yield weights
