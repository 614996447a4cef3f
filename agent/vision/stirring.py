"""Whether a part of a picture stirs from one look to the next, as flames and smoke do, and cones do not."""

from __future__ import annotations

import cv2
import numpy as np
import numpy.typing as npt

from agent.domain.box import Box
from agent.ports import Picture
from agent.vision.parts import cut_out
from agent.vision.preprocess import resized

_LEAST = 6.0
"""Grey levels (of 255) by which a tenth of the part changes at least, in the channel that changes most. Grain
may pass for stirring, which is the safe side."""

_SHARE = 0.9
_GRAIN = 1.5
"""Pixels: the standard deviation of the blur that takes out grain."""

_MOST = 96
"""Pixels: a larger part is made as small before it is blurred, which costs no more for a large box."""


def stirs(now: Picture, before: Picture, part: Box) -> bool:
    """Whether that part (in shares of the picture) changed; true where the pictures differ in size."""
    return now.shape != before.shape or change(now, before, part) >= _LEAST


def change(now: Picture, before: Picture, part: Box) -> float:
    """By how many grey levels the tenth of the part that changes most changes at least; pictures of one
    size."""
    changed = np.abs(_without_grain(now, part) - _without_grain(before, part)).max(axis=2)
    return float(np.quantile(changed, _SHARE))


def _without_grain(picture: Picture, part: Box) -> npt.NDArray[np.float32]:
    inside = cut_out(picture, part)
    height, width = inside.shape[:2]
    scale = min(1.0, _MOST / max(height, width))
    small = resized(inside, max(1, round(width * scale)), max(1, round(height * scale)))
    return np.asarray(cv2.GaussianBlur(small.astype(np.float32), (0, 0), _GRAIN), np.float32)
