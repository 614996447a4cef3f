"""From pictures to a network's input; the same code trains, verifies and watches."""

from __future__ import annotations

from dataclasses import dataclass
from typing import List, Sequence, Tuple

import cv2
import numpy as np
import numpy.typing as npt

from agent.ports import Picture

Batch = npt.NDArray[np.float32]
"""N x 3 x height x width."""


@dataclass(frozen=True)
class InputSpec:
    """What a network takes: its size in pixels, channel order `RGB` or `BGR`, and the normalisation
    (value - mean) / scale of pixel values 0..255, per channel in that order.

    Pictures are resized without regard to their proportions, so that the whole view is looked at.
    """

    width: int
    height: int
    colour: str = "RGB"
    mean: Tuple[float, float, float] = (0.0, 0.0, 0.0)
    scale: Tuple[float, float, float] = (1.0, 1.0, 1.0)


def resized(picture: Picture, width: int, height: int) -> Picture:
    """`picture` (H x W x 3) at another size: averaged where it shrinks, interpolated where it grows."""
    if picture.shape[:2] == (height, width):
        return picture
    shrinks = picture.shape[0] >= height and picture.shape[1] >= width
    result: Picture = cv2.resize(  # type: ignore[assignment]  # OpenCV's stubs know no dtypes
        picture, (width, height), interpolation=cv2.INTER_AREA if shrinks else cv2.INTER_LINEAR
    )
    return result


def to_batch(pictures: Sequence[Picture], spec: InputSpec) -> Batch:
    """N pictures (H x W x 3, BGR, uint8, any sizes) as one N x 3 x height x width float32 array."""
    batch: Batch = np.empty((len(pictures), 3, spec.height, spec.width), np.float32)
    order = (2, 1, 0) if spec.colour == "RGB" else (0, 1, 2)
    for index, picture in enumerate(pictures):
        planes: List[Picture] = list(cv2.split(resized(picture, spec.width, spec.height)))  # type: ignore[arg-type]
        for target, channel in enumerate(order):
            np.subtract(planes[channel], spec.mean[target], out=batch[index, target], casting="unsafe")
            if spec.scale[target] != 1.0:
                batch[index, target] /= spec.scale[target]
    return batch
