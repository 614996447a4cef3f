"""Temperature and thresholds, chosen on the validation part."""

from __future__ import annotations

from typing import Dict, Sequence

import numpy as np

from agent.inference.fire import softmax
from models.scoring import Probabilities, Truth

MOST_FALSE_ALARMS = 0.02
"""Share of calm pictures that a single look may call dangerous; the policy asks for several looks."""


def choose_temperature(logits: Probabilities, truth: Truth) -> float:
    """The temperature of least negative log-likelihood (Guo et al. 2017), searched from 0.25 to 4."""
    grid = np.exp(np.linspace(np.log(0.25), np.log(4), 113))
    rows = np.arange(len(truth))
    losses = [-np.log(np.maximum(softmax(logits, float(t))[rows, truth], 1e-12)).mean() for t in grid]
    return round(float(grid[int(np.argmin(losses))]), 3)


def choose_thresholds(
    probabilities: Probabilities,
    truth: Truth,
    labels: Sequence[str],
    most_false: float = MOST_FALSE_ALARMS,
) -> Dict[str, float]:
    """open_above: the lowest danger that calls at most `most_false` of the calm pictures dangerous,
    within 0.3 to 0.95; close_below: half of it; fire_above: the P(fire) that best tells fire from
    start-fire (balanced accuracy)."""
    names = list(labels)
    calm, fire = names.index("no-fire"), names.index("fire")
    danger = 1.0 - probabilities[:, calm]
    candidates = np.arange(0.30, 0.951, 0.01)
    false_alarms = np.array([(danger[truth == calm] >= one).mean() for one in candidates])
    allowed = candidates[false_alarms <= most_false]
    open_above = float(allowed[0]) if len(allowed) else float(candidates[-1])
    burning = truth != calm
    is_fire, of_fire = truth[burning] == fire, probabilities[burning, fire]
    balanced = [
        ((of_fire[is_fire] >= one).mean() + (of_fire[~is_fire] < one).mean()) / 2 for one in candidates
    ]
    return {
        "open_above": round(open_above, 2),
        "close_below": round(open_above / 2, 2),
        "fire_above": round(float(candidates[int(np.argmax(balanced))]), 2),
    }
