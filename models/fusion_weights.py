"""The weights of agent.domain.fusion, fitted to pictures: none below 0, scores on the classifier's scale."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Dict, List, Mapping, Sequence

import numpy as np
import numpy.typing as npt

from agent.domain.detection import Detection
from agent.domain.evidence import FireScores
from agent.domain.fusion import FLAMES, SMOKE, Fusion, Weights, evidence, logit
from agent.domain.policy.settings import FirePolicySettings
from agent.inference.manifest import FIRE_LABELS
from models.calibration import MOST_FALSE_ALARMS, choose_thresholds
from models.scoring import Probabilities, Truth, wilson

Features = npt.NDArray[np.float64]
"""N x parts: logits and evidence as agent.domain.fusion weighs them, the first all 1."""

ALONE = Fusion(Weights(0.0, 1.0, 0.0), Weights(0.0, 1.0, 0.0))
"""The classifier's own word."""

_RIDGE = 1e-3
"""Holds the weights near the classifier's own where pictures say nothing of them, such as where all are told
apart."""

_STEPS = 1000
_CALM, _FIRE = FIRE_LABELS.index("no-fire"), FIRE_LABELS.index("fire")


@dataclass(frozen=True)
class Looked:
    """What both networks say of N pictures; `truth` are indices of FIRE_LABELS."""

    truth: Truth
    judged: List[FireScores]
    found: List[List[Detection]]


def choose(looked: Looked, thresholds: Mapping[str, float], judged: bool = True) -> Fusion:
    """The rule that gives these pictures the least log-loss, its scores on the classifier's scale.

    Its thresholds are chosen as the classifier's are (models.calibration) and the biases shifted until they
    are the classifier's `thresholds`. Without `judged` the boxes are weighed alone.
    """
    danger = _features([one.danger for one in looked.judged], looked.found, (FLAMES, SMOKE))
    fire = _features([one.fire for one in looked.judged], looked.found, (FLAMES,))
    if not judged:
        danger[:, 1] = fire[:, 1] = 0.0
    fitted = Fusion(
        _weights(danger, looked.truth != _CALM, judged), _weights(fire, looked.truth == _FIRE, judged)
    )
    own = choose_thresholds(probabilities(fitted, looked), looked.truth, FIRE_LABELS)
    default = vars(FirePolicySettings())
    meant = {name: thresholds.get(name, default[name]) for name in own}
    return Fusion(
        _shifted(fitted.danger, own["open_above"], meant["open_above"]),
        _shifted(fitted.fire, own["fire_above"], meant["fire_above"]),
    )


def probabilities(rule: Fusion, looked: Looked) -> Probabilities:
    """N x 3: what the rule says of the pictures, in the order of FIRE_LABELS."""
    fused = [rule.of(scores, boxes) for scores, boxes in zip(looked.judged, looked.found)]
    return np.array([[one.fire, one.start_fire, one.no_fire] for one in fused], np.float32)


def figures(rule: Fusion, looked: Looked) -> Dict[str, object]:
    """How good it is: log-loss of fire or not, and how much of what burns is called so at a threshold that
    calls at most MOST_FALSE_ALARMS of the calm pictures dangerous, with an interval of 95 %."""
    danger = 1.0 - probabilities(rule, looked)[:, _CALM].astype(float)
    burns = looked.truth != _CALM
    calm = np.sort(danger[~burns])[::-1]
    above = calm[int(MOST_FALSE_ALARMS * len(calm))] if len(calm) else 0.0
    called = int((danger[burns] > above).sum())
    right = np.clip(np.where(burns, danger, 1.0 - danger), 1e-6, 1.0)
    low, high = wilson(called, int(burns.sum()))
    return {
        "log_loss": round(float(-np.log(right).mean()), 4),
        "recall": round(called / max(1, int(burns.sum())), 4),
        "recall_interval": [round(low, 4), round(high, 4)],
        "false_alarms_at_most": MOST_FALSE_ALARMS,
    }


def _features(said: Sequence[float], found: Sequence[Sequence[Detection]], labels: Sequence[str]) -> Features:
    rows = [
        [1.0, logit(one), *(evidence(boxes, label) for label in labels)] for one, boxes in zip(said, found)
    ]
    return np.array(rows, np.float64)


def _weights(features: Features, truth: npt.NDArray[np.bool_], judged: bool) -> Weights:
    """Projected gradient with momentum (Beck and Teboulle 2009, "A Fast Iterative Shrinkage-Thresholding
    Algorithm"): steps as long as the curvature allows, weights below 0 put back to 0."""
    start = np.zeros(features.shape[1])
    start[1] = float(judged)
    step = 1.0 / (0.25 * np.linalg.eigvalsh(features.T @ features / len(features))[-1] + _RIDGE)
    weights = ahead = start
    pace = 1.0
    for _ in range(_STEPS):
        wrong = 1.0 / (1.0 + np.exp(-features @ ahead)) - truth
        before = weights
        weights = ahead - step * (features.T @ wrong / len(features) + _RIDGE * (ahead - start))
        weights[1:] = np.maximum(weights[1:], 0.0)
        pace, last = (1.0 + np.sqrt(1.0 + 4.0 * pace * pace)) / 2.0, pace
        ahead = weights + (last - 1.0) / pace * (weights - before)
    return Weights(*(round(one, 4) for one in weights.tolist()))


def _shifted(weights: Weights, own: float, meant: float) -> Weights:
    return replace(weights, bias=round(weights.bias + logit(meant) - logit(own), 4))
