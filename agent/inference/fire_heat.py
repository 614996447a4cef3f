"""Where the classifier sees fire: a box around the hottest part of its class-activation map."""

from __future__ import annotations

from typing import Optional, Tuple

import cv2
import numpy as np
import numpy.typing as npt

from agent.domain.box import Box
from agent.vision.preprocess import InputSpec, fitted

Heat = npt.NDArray[np.float32]
"""rows x columns over the network's input: how much each place speaks for one label."""

SHARE = 0.6
"""What is this far from the coolest place to the hottest belongs to it. Zhou et al. 2016 ("Learning Deep
Features for Discriminative Localization") take 0.2, for things that fill a picture; flames do not. Chosen on
pictures for validation (`python -m benchmarks.fire_heat`)."""

_FINER = 8
"""A place is 32 pixels of the input: between the middles of places the map is interpolated."""


def hottest(heat: Heat, size: Tuple[int, int], spec: InputSpec, share: float = SHARE) -> Optional[Box]:
    """The box, in shares of a picture of `size` (width, height in pixels), around the largest connected part
    of the map that is hot; None where no place is hotter than another, or the map holds what is no number.

    Padding that the picture was given to fit into the input is not looked at.
    """
    if not np.isfinite(heat).all():
        return None
    shown = _finer(heat, size, spec)
    low, high = float(shown.min()), float(shown.max())
    if not high > low:
        return None
    hot = (shown >= low + share * (high - low)).astype(np.uint8)
    _, _, parts, _ = cv2.connectedComponentsWithStats(hot, connectivity=8)
    left, top, width, height, _ = parts[1 + int(parts[1:, cv2.CC_STAT_AREA].argmax())].tolist()
    rows, columns = shown.shape
    return Box(left / columns, top / rows, (left + width) / columns, (top + height) / rows)


def _finer(heat: Heat, size: Tuple[int, int], spec: InputSpec) -> Heat:
    """The part of the map that lies over the picture, interpolated."""
    rows, columns = (side * _FINER for side in heat.shape)
    fine = np.asarray(cv2.resize(heat, (columns, rows), interpolation=cv2.INTER_LINEAR), np.float32)
    width, height = fitted(*size, spec)
    across = max(1, round(columns * width / spec.width))
    down = max(1, round(rows * height / spec.height))
    return fine[:down, :across]
