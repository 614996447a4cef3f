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

    The whole view is looked at: `squash` resizes a picture without regard to its proportions, `letterbox`
    keeps them, puts the picture in the upper left corner and fills the rest with grey of the value `padding`.
    """

    width: int
    height: int
    colour: str = "RGB"
    mean: Tuple[float, float, float] = (0.0, 0.0, 0.0)
    scale: Tuple[float, float, float] = (1.0, 1.0, 1.0)
    resize: str = "squash"
    padding: int = 0


def resized(picture: Picture, width: int, height: int) -> Picture:
    """`picture` (H x W x 3) at another size: averaged where it shrinks, interpolated where it grows.

    It shrinks by exact halves while it can and the rest of the way by interpolation: six times as fast as
    averaging over the whole way, and within two grey levels of it on street pictures.
    """
    while True:
        rows, columns = picture.shape[:2]
        by_y, by_x = 2 if rows >= 2 * height else 1, 2 if columns >= 2 * width else 1
        if by_y == by_x == 1:
            break
        even = picture[: rows // by_y * by_y, : columns // by_x * by_x]
        picture = _resize(even, columns // by_x, rows // by_y)
    return picture if picture.shape[:2] == (height, width) else _resize(picture, width, height)


def fitted(width: int, height: int, spec: InputSpec) -> Tuple[int, int]:
    """The width and height that a picture of `width` x `height` has within the input."""
    if spec.resize == "squash":
        return spec.width, spec.height
    scale = min(spec.width / width, spec.height / height)
    return max(1, round(width * scale)), max(1, round(height * scale))


def _shaped(picture: Picture, spec: InputSpec) -> Picture:
    width, height = fitted(picture.shape[1], picture.shape[0], spec)
    shown = resized(picture, width, height)
    if (width, height) == (spec.width, spec.height):
        return shown
    canvas: Picture = np.full((spec.height, spec.width, 3), spec.padding, np.uint8)
    canvas[:height, :width] = shown
    return canvas


def _resize(picture: Picture, width: int, height: int) -> Picture:
    # Linear interpolation at exactly half the size is the average of each pair or square of pixels.
    result: Picture = cv2.resize(  # type: ignore[assignment]  # OpenCV's stubs know no dtypes
        picture, (width, height), interpolation=cv2.INTER_LINEAR
    )
    return result


def to_batch(pictures: Sequence[Picture], spec: InputSpec) -> Batch:
    """N pictures (H x W x 3, BGR, uint8, any sizes) as one N x 3 x height x width float32 array."""
    batch: Batch = np.empty((len(pictures), 3, spec.height, spec.width), np.float32)
    order = (2, 1, 0) if spec.colour == "RGB" else (0, 1, 2)
    factor = np.reciprocal(np.array(spec.scale, np.float32))
    offset = np.array(spec.mean, np.float32) * factor
    for index, picture in enumerate(pictures):
        planes: List[Picture] = list(cv2.split(_shaped(picture, spec)))  # type: ignore[arg-type]
        for target, channel in enumerate(order):
            np.multiply(planes[channel], factor[target], out=batch[index, target])
            batch[index, target] -= offset[target]
    return batch
