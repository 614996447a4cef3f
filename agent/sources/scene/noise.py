"""Fractal noise that tiles, made once and sampled many times."""

from __future__ import annotations

from typing import Any

import cv2
import numpy as np
import numpy.typing as npt

Field = npt.NDArray[np.float32]
"""An H x W or H x W x 3 array of float32."""

Bytes = npt.NDArray[np.uint8]
"""An H x W or H x W x 3 array of 0..255."""


def field(array: Any) -> Field:
    """The same values as float32, whatever type OpenCV's stubs give them."""
    return np.asarray(array, dtype=np.float32)


def fractal(
    rng: np.random.Generator, height: int, width: int, cells: int, octaves: int, stretch: float = 1.0
) -> Field:
    """Tileable fractal noise, `height` x `width`, in 0..1 around 0.5.

    `cells` is the number of bumps across in the coarsest octave; `stretch` > 1 makes them that much taller
    than wide.
    """
    total = np.zeros((height, width), np.float32)
    for octave in range(octaves):
        across = cells * 2**octave
        down = max(2, round(across * height / width / stretch))
        grid = rng.standard_normal((down, across)).astype(np.float32)
        total += field(_wrapped(grid, height, width)) * 0.5**octave
    total -= total.mean()
    return field(np.clip(0.5 + total / (6.0 * total.std()), 0.0, 1.0))


def _wrapped(grid: Field, height: int, width: int) -> Field:
    """Resize so that the left edge goes on where the right one ends, and top and bottom likewise."""
    margin = 2
    step_y, step_x = height / grid.shape[0], width / grid.shape[1]
    padded = np.pad(grid, margin, mode="wrap")
    size = (round(padded.shape[1] * step_x), round(padded.shape[0] * step_y))
    grown = field(cv2.resize(padded, size, interpolation=cv2.INTER_CUBIC))
    top, left = round(margin * step_y), round(margin * step_x)
    return grown[top : top + height, left : left + width]


class Scrolling:
    """A tiling texture that can be sampled at any place, shifted by any distance.

    It is kept three tiles wide and high: samples near the middle tile need no wrapping, which is slow.
    """

    def __init__(self, tile: Field) -> None:
        self._size = tile.shape[0], tile.shape[1]
        self._tiles = np.ascontiguousarray(np.tile(tile, (3, 3)))

    def at(self, x: Field, y: Field, shift_x: float = 0.0, shift_y: float = 0.0) -> Field:
        """Values at (x + shift_x, y + shift_y), in pixels of the tile; shapes of `x` and `y`."""
        height, width = self._size
        at_x = x + np.float32(width + shift_x % width)
        at_y = y + np.float32(height + shift_y % height)
        return field(cv2.remap(self._tiles, at_x, at_y, cv2.INTER_LINEAR, borderMode=cv2.BORDER_WRAP))


def smoothstep(low: float, high: float, values: Field) -> Field:
    """0 below `low`, 1 above `high`, smooth in between."""
    share = np.clip((values - low) * np.float32(1.0 / (high - low)), 0.0, 1.0)
    return field(share * share * (3.0 - 2.0 * share))
