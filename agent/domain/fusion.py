"""One evidence of two: what the classifier says of a whole picture, and the flames and smoke boxed in it.

A logistic rule, whose weights are chosen on pictures that neither network was trained on (`python -m models
fuse`, docs/fusion.md):

    danger = sigmoid(bias + judged * logit(P(fire) + P(start-fire)) + flames * E(flames) + smoke * E(smoke))
    fire   = sigmoid(bias + judged * logit(P(fire))                 + flames * E(flames)), danger at most

E is how much the surest box says: the logit of its score above that of NOTHING, 0 without a box. No weight
is below 0, so that more evidence never lowers what it speaks for.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Sequence, Tuple

from agent.domain.detection import Detection
from agent.domain.evidence import FireScores

FLAMES, SMOKE = "fire", "smoke"
"""What the detector calls them."""

BURNING = (FLAMES, SMOKE)

NOTHING = 0.01
"""A box of this score says as little as none."""

_SURE = 1e-6
"""Probabilities are kept this far from 0 and 1, where the logit has no end."""

MOST_BOXES = 16
"""So many of the surest go with a look."""


@dataclass(frozen=True)
class Weights:
    """What each part weighs; none but the bias is below 0."""

    bias: float
    judged: float
    flames: float
    smoke: float = 0.0

    def of(self, probability: float, boxed: Tuple[float, float]) -> float:
        """The fused probability; `boxed` is the evidence of flames and of smoke."""
        return sigmoid(
            self.bias + self.judged * logit(probability) + self.flames * boxed[0] + self.smoke * boxed[1]
        )


@dataclass(frozen=True)
class Fusion:
    """The weights for danger and for fire."""

    danger: Weights
    fire: Weights

    def of(self, judged: FireScores, found: Sequence[Detection]) -> FireScores:
        """The classifier's scores and the detector's boxes of one picture as one evidence, with the boxes of
        flames and smoke; what else was found says nothing of fire. The classifier's heat stays."""
        burning = sorted((one for one in found if one.label in BURNING), key=lambda one: -one.score)
        boxed = evidence(burning, FLAMES), evidence(burning, SMOKE)
        danger = self.danger.of(judged.danger, boxed)
        fire = min(danger, self.fire.of(judged.fire, boxed))
        return FireScores(fire, danger - fire, 1.0 - danger, tuple(burning[:MOST_BOXES]), judged.heat)


def evidence(found: Sequence[Detection], label: str) -> float:
    """How much the surest box of that label says, 0 for none: the logit of its score less that of NOTHING."""
    surest = max((one.score for one in found if one.label == label), default=NOTHING)
    return logit(max(surest, NOTHING)) - logit(NOTHING)


def logit(probability: float) -> float:
    """The logarithm of the odds."""
    kept = min(1.0 - _SURE, max(_SURE, probability))
    return math.log(kept / (1.0 - kept))


def sigmoid(odds: float) -> float:
    """The probability of which `odds` is the logit; any size of it is right."""
    if odds >= 0:
        return 1.0 / (1.0 + math.exp(-odds))
    grown = math.exp(odds)
    return grown / (1.0 + grown)
