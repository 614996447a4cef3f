"""Whether something is before a face: a linear look at its aligned chip, learned from drawn covers."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

import cv2
import numpy as np
import numpy.typing as npt

from agent.ports import Picture

WEIGHTS = Path(__file__).with_name("gate_cover.npz")
"""Made by `python -m benchmarks.enrolment_covers` from LFW: no picture of it is inside."""

PARTS = ("mouth", "eyes", "side")
SIDE = 24
_FACE = (slice(10, 140), slice(15, 135))
_MIDDLE = (slice(5, 20), slice(5, 19))

_Row = npt.NDArray[np.float32]


def features(chip: Picture) -> _Row:
    """1728 float32 in -3..3: the chip's (150 x 150 x 3, BGR) face at 24 x 24 in L*a*b*, with the brightness
    and tint of its middle taken out, so that neither the light nor the skin counts."""
    small = cv2.resize(chip[_FACE], (SIDE, SIDE), interpolation=cv2.INTER_AREA).astype(np.float32) / 255
    lab = cv2.cvtColor(small, cv2.COLOR_BGR2Lab)
    middle = lab[_MIDDLE]
    spread = np.array([middle[..., 0].std() + 5, 15, 15], np.float32)
    level = np.median(middle.reshape(-1, 3), axis=0)
    return np.asarray(np.clip((lab - level) / spread, -3, 3).ravel(), np.float32)


def cover(chip: Picture) -> float:
    """How much speaks for a cover of the mouth, the eyes or a side, as log odds: above 0 more than not."""
    weights, bias = _weights()
    return float((weights @ features(chip) + bias).max())


@lru_cache(maxsize=1)
def _weights() -> tuple[_Row, _Row]:
    with np.load(WEIGHTS) as archive:
        return archive["weights"].astype(np.float32), archive["bias"].astype(np.float32)
