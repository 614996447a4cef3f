"""How right a bundle is beside the first one, on the same pictures: figures, intervals and curves."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Dict, List, Optional, Tuple

import numpy as np
import numpy.typing as npt

from agent.inference.bundle import Bundle
from agent.inference.manifest import FIRE_LABELS
from models.scoring import Interval, Probabilities, Scores, Truth, score, wilson
from models.verify import Judged

CALM = FIRE_LABELS.index("no-fire")

BINS = 15
"""Of confidence, equally wide, as in Guo et al. 2017."""

_DRAWS = 2000

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Answers:
    """What a bundle said: N x FIRE_LABELS, what is there, and from which danger it opens an incident."""

    probabilities: Probabilities
    truth: Truth
    open_above: float

    @property
    def danger(self) -> Probabilities:
        """N times P(fire) + P(start-fire)."""
        return 1.0 - self.probabilities[:, CALM]

    @property
    def right(self) -> npt.NDArray[np.bool_]:
        """N times whether the likeliest label is the one that is there."""
        return np.asarray(self.probabilities.argmax(1) == self.truth)

    @property
    def right_alarm(self) -> npt.NDArray[np.bool_]:
        """N times whether it calls dangerous what is, and nothing else."""
        return np.asarray((self.danger >= self.open_above) == (self.truth != CALM))


@dataclass(frozen=True)
class Quality:
    """Shares in 0..1, intervals of 95 %.

    `false_alarms` is the share of the pictures without fire that are called dangerous, `missed` that of the
    others that are not, both by the bundle's own open_above, None where there is no such picture.
    `accuracy_gain` and `fire_or_not_gain` are the differences to the first bundle.
    """

    scores: Scores
    false_alarms: Optional[float]
    false_alarms_interval: Interval
    missed: Optional[float]
    missed_interval: Interval
    calibration_error: float
    accuracy_gain: float
    accuracy_gain_interval: Interval
    fire_or_not_gain: float
    fire_or_not_gain_interval: Interval

    def as_dict(self) -> Dict[str, Any]:
        """For JSON."""
        rest = {name: value for name, value in vars(self).items() if name != "scores"}
        return {**self.scores.as_dict(), **rest}


def answers(bundle: Bundle, judged: Judged) -> Answers:
    """With the columns in the order of FIRE_LABELS, whatever the bundle's."""
    labels = bundle.manifest.labels
    columns = [labels.index(label) for label in FIRE_LABELS]
    truth = np.array([FIRE_LABELS.index(item.label) for item in judged.items])
    threshold = bundle.manifest.thresholds.get("open_above", 0.5)
    return Answers(judged.probabilities[:, columns], truth, threshold)


def quality(said: Answers, first: Answers, seed: int) -> Quality:
    """Judge `said` by itself and beside `first`, which are of the same pictures in the same order."""
    calm = said.truth == CALM
    wrong = ~said.right_alarm
    false, missed = int(wrong[calm].sum()), int(wrong[~calm].sum())
    accuracy_gain, of_accuracy = gain(said.right, first.right, seed)
    alarm_gain, of_alarm = gain(said.right_alarm, first.right_alarm, seed)
    return Quality(
        scores=score(said.probabilities, said.truth, FIRE_LABELS, said.open_above),
        false_alarms=false / int(calm.sum()) if calm.any() else None,
        false_alarms_interval=wilson(false, int(calm.sum())),
        missed=missed / int((~calm).sum()) if not calm.all() else None,
        missed_interval=wilson(missed, int((~calm).sum())),
        calibration_error=calibration_error(said),
        accuracy_gain=accuracy_gain,
        accuracy_gain_interval=of_accuracy,
        fire_or_not_gain=alarm_gain,
        fire_or_not_gain_interval=of_alarm,
    )


def gain(right: npt.NDArray[np.bool_], before: npt.NDArray[np.bool_], seed: int) -> Tuple[float, Interval]:
    """By how much the share of true values grows from `before` to `right`, which are of the same pictures,
    and the interval of that: a paired percentile bootstrap over pictures (Efron & Tibshirani 1993)."""
    difference = right.astype(np.int8) - before.astype(np.int8)
    rng = np.random.default_rng(seed)
    n = len(difference)
    means = [float(difference[rng.integers(0, n, n)].mean()) for _ in range(_DRAWS)]
    low, high = np.percentile(means, [2.5, 97.5])
    return float(difference.mean()), (float(low), float(high))


def reliability(said: Answers) -> List[Tuple[float, float, int]]:
    """Of each bin of confidence that has pictures: mean confidence, accuracy, how many there are."""
    confidence = said.probabilities.max(1)
    bins = np.minimum((confidence * BINS).astype(int), BINS - 1)
    return [
        (
            float(confidence[bins == one].mean()),
            float(said.right[bins == one].mean()),
            int((bins == one).sum()),
        )
        for one in range(BINS)
        if (bins == one).any()
    ]


def calibration_error(said: Answers) -> float:
    """The expected calibration error (Naeini et al. 2015): how far confidence is from accuracy, over bins."""
    return sum(abs(sure - right) * n for sure, right, n in reliability(said)) / len(said.truth)


@dataclass(frozen=True, eq=False)
class Rates:
    """At every threshold of the danger, the highest first: the share of the pictures without fire that are
    called dangerous (false), of those with fire or its start (true), and of those called dangerous how many
    burn (precision). The area under false and true (ROC), and the average precision."""

    false: Floats
    true: Floats
    precision: Floats
    area: float
    average_precision: float


def rates(said: Answers) -> Optional[Rates]:
    """None where either kind of pictures is missing."""
    burning = said.truth != CALM
    if burning.all() or not burning.any():
        return None
    order = np.argsort(-said.danger, kind="stable")
    danger, there = said.danger[order], burning[order]
    last = np.append(np.diff(danger) != 0, True)  # of equal ones all are called dangerous, or none
    hits, wrong = np.cumsum(there)[last], np.cumsum(~there)[last]
    true = np.concatenate([[0.0], hits / hits[-1]])
    false = np.concatenate([[0.0], wrong / wrong[-1]])
    precision = np.concatenate([[1.0], hits / (hits + wrong)])
    area = float((np.diff(false) * (true[1:] + true[:-1]) / 2).sum())
    return Rates(false, true, precision, area, float((np.diff(true) * precision[1:]).sum()))
