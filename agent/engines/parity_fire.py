"""Parity of fire engines: probabilities, and the labels that they make."""

from __future__ import annotations

from typing import List, Sequence

import numpy as np
import numpy.typing as npt

from agent.engines.parity import Limits, Trial
from agent.engines.record import Parity
from agent.inference.backend import Session
from agent.inference.bundle import Bundle
from agent.inference.fire import FireClassifier
from agent.ports import FireDetector, Picture
from agent.sources.scene import SceneScript
from agent.sources.scene.stage import Stage

LIMITS = {
    # Weights rounded to ten bits, as TF32 (fp32 on Ampere and later) and fp16 round them, move the
    # probabilities of fire-lite0 by 0.0052 at most on rendered pictures (ONNX Runtime on the CPU). Rounded
    # activations add to it; what is several times as much is a fault, not rounding.
    "fp32": Limits(0.02, 0.95),
    "fp16": Limits(0.03, 0.95),
    # Under half of the way between fire-lite0's thresholds (0.43 and 0.85): no picture that keeps an incident
    # from opening may open one.
    "int8": Limits(0.2, 0.9),
}

_SCRIPT = SceneScript(calm_s=4.0, smoke_s=6.0, flame_s=6.0, fire_s=20.0, out_s=0.0)
_SEEDS, _AT_S = (1, 2), (2.0, 7.0, 9.5, 13.0, 18.0, 24.0)
_WIDTH, _HEIGHT = 640, 360


def rendered() -> List[Picture]:
    """Two streets, each calm, smoking, with first flames and burning: the same everywhere and for ever."""
    stages = [Stage(seed, _WIDTH, _HEIGHT, _SCRIPT) for seed in _SEEDS]
    return [stage.render(at) for stage in stages for at in _AT_S]


def compare(
    bundle: Bundle, candidate: Session, reference: Session, pictures: Sequence[Picture], most: int
) -> Parity:
    """See agent.engines.parity.Compare: the largest difference of a probability, the share of labels that are
    equal."""
    expected = _scores(FireClassifier(bundle, reference), pictures, most)
    error, agreement = 0.0, 1.0
    for batch in {1, most}:
        found = _scores(FireClassifier(bundle, candidate), pictures, batch)
        error = max(error, float(np.abs(found - expected).max()))
        agreement = min(agreement, float((found.argmax(1) == expected.argmax(1)).mean()))
    return Parity(len(pictures), error, agreement)


def _scores(detector: FireDetector, pictures: Sequence[Picture], batch: int) -> npt.NDArray[np.float64]:
    scores = [
        one
        for start in range(0, len(pictures), batch)
        for one in detector.look(pictures[start : start + batch])
    ]
    return np.array([[one.fire, one.start_fire, one.no_fire] for one in scores])


FIRE = Trial(
    drawn=lambda _bundle: rendered(),
    cameras=True,
    compare=compare,
    limits=LIMITS,
    words="its probabilities differ by up to {error} and of its labels are equal {agreement}",
)
