"""How good a classifier is: figures with intervals, from probabilities and labels."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any, Dict, List, Sequence, Tuple

import numpy as np
import numpy.typing as npt

Probabilities = npt.NDArray[np.float32]
"""N x labels; rows sum to 1."""
Truth = npt.NDArray[np.int64]
"""N label indices."""

Interval = Tuple[float, float]


@dataclass(frozen=True)
class Scores:
    """Shares are in 0..1; `confusion[i][j]` counts pictures of label i judged j; intervals are of 95 %."""

    labels: Sequence[str]
    n: int
    accuracy: float
    macro_f1: float
    recall: Dict[str, float]
    precision: Dict[str, float]
    fire_or_not_accuracy: float
    confusion: List[List[int]]
    intervals: Dict[str, Any]

    def as_dict(self) -> Dict[str, Any]:
        return {
            "n": self.n,
            "labels": list(self.labels),
            "accuracy": self.accuracy,
            "macro_f1": self.macro_f1,
            "recall": self.recall,
            "precision": self.precision,
            "fire_or_not_accuracy": self.fire_or_not_accuracy,
            "confusion": self.confusion,
            "intervals": self.intervals,
        }


def score(
    probabilities: Probabilities,
    truth: Truth,
    labels: Sequence[str],
    danger_above: float = 0.5,
    rounds: int = 1000,
) -> Scores:
    """Judge N predictions; fire-or-not says fire where P(anything but `no-fire`) >= `danger_above`."""
    guess = probabilities.argmax(1)
    calm = list(labels).index("no-fire")
    alarmed = 1.0 - probabilities[:, calm] >= danger_above
    burning = truth != calm
    confusion = _confusion(guess, truth, len(labels))
    recall, precision, macro_f1 = _per_label(confusion, labels)
    right, right_binary = int((guess == truth).sum()), int((alarmed == burning).sum())
    n = len(truth)
    return Scores(
        labels=labels,
        n=n,
        accuracy=right / n,
        macro_f1=macro_f1,
        recall=recall,
        precision=precision,
        fire_or_not_accuracy=right_binary / n,
        confusion=confusion.tolist(),
        intervals={
            "accuracy": wilson(right, n),
            "fire_or_not_accuracy": wilson(right_binary, n),
            "macro_f1": _bootstrap_f1(guess, truth, labels, rounds),
            "recall": {
                label: wilson(int(confusion[i, i]), int(confusion[i].sum())) for i, label in enumerate(labels)
            },
        },
    )


def wilson(right: int, n: int, z: float = 1.96) -> Interval:
    """Wilson's interval for a proportion (Wilson 1927); (0, 1) for no observations."""
    if n == 0:
        return 0.0, 1.0
    share = right / n
    centre = share + z * z / (2 * n)
    spread = z * math.sqrt(share * (1 - share) / n + z * z / (4 * n * n))
    scale = 1 + z * z / n
    return max(0.0, (centre - spread) / scale), min(1.0, (centre + spread) / scale)


def _confusion(guess: Truth, truth: Truth, labels: int) -> npt.NDArray[np.int64]:
    return np.bincount(truth * labels + guess, minlength=labels * labels).reshape(labels, labels)


def _per_label(
    confusion: npt.NDArray[np.int64], labels: Sequence[str]
) -> Tuple[Dict[str, float], Dict[str, float], float]:
    """Recall and precision by label, and macro-F1 over the labels that occur."""
    recall, precision, f1 = {}, {}, []
    for i, label in enumerate(labels):
        hit, is_it, called = int(confusion[i, i]), int(confusion[i].sum()), int(confusion[:, i].sum())
        recall[label] = hit / is_it if is_it else 0.0
        precision[label] = hit / called if called else 0.0
        if is_it:
            f1.append(2 * hit / (is_it + called))
    return recall, precision, float(np.mean(f1))


def _bootstrap_f1(guess: Truth, truth: Truth, labels: Sequence[str], rounds: int) -> Interval:
    """Percentile bootstrap over pictures, with a fixed seed."""
    rng = np.random.default_rng(0)
    values = []
    for _ in range(rounds):
        pick = rng.integers(0, len(truth), len(truth))
        values.append(_per_label(_confusion(guess[pick], truth[pick], len(labels)), labels)[2])
    low, high = np.percentile(values, [2.5, 97.5])
    return float(low), float(high)
