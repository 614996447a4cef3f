"""What a camera's sensor adds: grain that is new in every picture, so that none repeats another."""

from __future__ import annotations

import cv2
import numpy as np

from agent.sources.scene.noise import Bytes

_PLAY = 96


class Sensor:
    """Adds grain of about `sigma` grey levels; the same for the same `tick`."""

    def __init__(self, rng: np.random.Generator, width: int, height: int, sigma: float = 3.0) -> None:
        self._width, self._height = width, height
        size = (height + _PLAY, width + _PLAY)
        grey = rng.standard_normal(size, np.float32)[..., None]
        colour = rng.standard_normal((*size, 3), np.float32)
        grain = cv2.GaussianBlur(0.8 * grey + 0.6 * colour, (0, 0), 0.6)
        self._grain: Bytes = np.clip(np.round(128 + sigma * grain / grain.std()), 0, 255).astype(np.uint8)

    def expose(self, picture: Bytes, tick: int) -> Bytes:
        """A new picture: `picture` (H x W x 3) with the grain of the `tick`-th exposure."""
        x, y = (tick * 37) % _PLAY, (tick * 53 + tick // _PLAY * 7) % _PLAY
        window = self._grain[y : y + self._height, x : x + self._width]
        return np.asarray(cv2.addWeighted(picture, 1.0, window, 1.0, -128.0), np.uint8)
