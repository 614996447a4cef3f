"""People whom FakeFaceDetector finds and who have features: lines of blue, gone where they cannot be told."""

from __future__ import annotations

import numpy as np

from agent.ports import Picture
from tests.fakes.faces import show

SIDE = 60


def passer_by(picture: Picture, left: int, top: int) -> Picture:
    """Put a face of SIDE pixels into the picture; returns it."""
    show(picture, 1, left, top, SIDE)
    picture[top : top + SIDE, left : left + SIDE, 0] = np.where(np.arange(SIDE) // 6 % 2, 230, 20)
    return picture


def recognisable(picture: Picture, left: int, top: int) -> bool:
    """Whether that face still has its features."""
    blue = picture[top : top + SIDE, left : left + SIDE, 0].astype(int)
    return bool(np.ptp(blue[SIDE // 3 : 2 * SIDE // 3], axis=1).mean() > 80)
