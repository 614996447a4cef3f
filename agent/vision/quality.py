"""Is there anything to see? Black, washed out, covered, frozen or blurred, by a small grey thumbnail."""

from __future__ import annotations

import math
import zlib
from collections import deque
from typing import Deque, Optional

import cv2
import numpy as np
import numpy.typing as npt

from agent.domain.camera import Blindness, Quality
from agent.ports import Picture

_WIDTH, _HEIGHT = 160, 90
_BLOCK = 10  # the thumbnail is judged in 16 x 9 blocks
_EVERY_ROW = 16  # of the full picture, for the fingerprint
_REMEMBERED = 32  # a frozen picture that is encoded anew repeats with every group of pictures

# All in grey levels (0..255) or shares (0..1); held against real nights, fires and streets.
_TEXTURED = 2.5  # spread within a block that shows something
_DARK = 40  # nothing in a black picture is brighter
_BURNT = 245
_FEW_BLOCKS = 0.03
_BLURRED = 0.08  # a blur of a twentieth of the width; the softest of real pictures has 0.09
_ROUNDING = 1.0  # what whole grey levels alone give

Thumbnail = npt.NDArray[np.uint8]


class QualityGauge:
    """Judges the pictures of one camera in order; remembers only fingerprints. Not thread-safe."""

    def __init__(self) -> None:
        self._seen: Deque[int] = deque(maxlen=_REMEMBERED)

    def assess(self, pixels: Picture) -> Quality:
        """Judge one picture (H x W x 3, BGR). Of several faults the most telling one is given."""
        grey = thumbnail(pixels)
        sharpness = _sharpness(grey)
        repeated = self._repeats(pixels)
        blindness = _nothing_to_see(grey) or (Blindness.FROZEN if repeated else None)
        return Quality(blindness, blindness is None and sharpness < _BLURRED, sharpness)

    def _repeats(self, pixels: Picture) -> bool:
        """Noise makes every picture of a live sensor different, if only by one grey level somewhere."""
        fingerprint = zlib.crc32(pixels[::_EVERY_ROW].tobytes())
        if fingerprint in self._seen:
            return True
        self._seen.append(fingerprint)
        return False


def thumbnail(pixels: Picture) -> Thumbnail:
    """160 x 90 grey levels; the aspect does not matter here."""
    # Nearest first: averaging all of a large picture would cost ten times as much.
    small = cv2.resize(pixels, (_WIDTH * 2, _HEIGHT * 2), interpolation=cv2.INTER_NEAREST)
    grey = cv2.cvtColor(small, cv2.COLOR_BGR2GRAY)
    return cv2.resize(grey, (_WIDTH, _HEIGHT), interpolation=cv2.INTER_AREA).astype(np.uint8, copy=False)


def _nothing_to_see(grey: Thumbnail) -> Optional[Blindness]:
    textured = float((_block_spread(grey) > _TEXTURED).mean())
    if textured > _FEW_BLOCKS:
        return None
    if int(grey.max()) < _DARK:
        return Blindness.BLACK
    middle = float(np.median(grey))
    if middle >= _BURNT:
        return Blindness.WASHED_OUT
    # A lamp or a flame in the night lights few blocks too, but around it is darkness.
    return Blindness.COVERED if middle >= _DARK else None


def _block_spread(grey: Thumbnail) -> npt.NDArray[np.float32]:
    blocks = grey.reshape(_HEIGHT // _BLOCK, _BLOCK, _WIDTH // _BLOCK, _BLOCK).astype(np.float32)
    return np.asarray(blocks.std(axis=(1, 3)), np.float32)


def _sharpness(grey: Thumbnail) -> float:
    """Fine detail as a share of all contrast: independent of light, falls with every blur.

    At half the thumbnail's size a sensor's noise has been averaged away and cannot pass for detail.
    """
    half = cv2.resize(grey.astype(np.float32), (_WIDTH // 2, _HEIGHT // 2), interpolation=cv2.INTER_AREA)
    contrast = float(half.var())
    detail = float(cv2.Laplacian(half, cv2.CV_32F, ksize=1).var()) - _ROUNDING
    return math.sqrt(max(0.0, detail) / contrast) if contrast > 0 else 0.0
