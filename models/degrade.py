"""What bad light, weather, lenses and links do to a picture, at two fixed strengths each.

For measuring (benchmarks.fire_robustness). What a training picture goes through is drawn anew each time, in
models.augment; here the same picture always comes out the same.
"""

from __future__ import annotations

import zlib
from dataclasses import dataclass
from functools import partial
from typing import Callable, Tuple

import cv2
import numpy as np
import numpy.typing as npt

from agent.ports import Picture
from agent.vision.preprocess import resized

Values = npt.NDArray[np.float32]
"""H x W x 3, BGR, nominally 0..255 but not yet clipped."""
Rng = np.random.Generator

_GAMMA = 2.2
"""Of the usual display curve: a pixel's value to this power is proportional to the light."""


@dataclass(frozen=True)
class Degradation:
    """One thing that goes wrong, at one `strength` (1 or 2); `detail` says how much in words."""

    name: str
    strength: int
    detail: str
    spoil: Callable[[Picture, Rng], Picture]

    @property
    def key(self) -> str:
        """Names it among DEGRADATIONS."""
        return f"{self.name} {self.strength}"

    def of(self, picture: Picture, sha256: str) -> Picture:
        """The picture (H x W x 3, BGR, uint8) spoilt; the same for the same picture and hash of its file."""
        seed = int(sha256[:16], 16), zlib.crc32(self.key.encode())
        return self.spoil(picture, np.random.default_rng(seed))


def _clipped(values: Values) -> Picture:
    return np.clip(values, 0, 255).astype(np.uint8)


def _noisy(values: Values, sigma: float, rng: Rng) -> Values:
    return np.asarray(values + sigma * rng.standard_normal(values.shape, np.float32), np.float32)


def _dark(picture: Picture, rng: Rng, light: float, sigma: float) -> Picture:
    """So much of the light, and the sensor's noise, which does not shrink with it."""
    dimmed = picture.astype(np.float32) * np.float32(light ** (1 / _GAMMA))
    return _clipped(_noisy(dimmed, sigma, rng))


def _rain(picture: Picture, rng: Rng, streaks: int, haze: float) -> Picture:
    """Slanting streaks, so many on a square whose side is the picture's shorter one, and a grey haze."""
    height, width = picture.shape[:2]
    short = min(height, width)
    lines = np.zeros((height, width), np.uint8)
    slant = rng.uniform(-0.3, 0.3)
    for _ in range(round(streaks * height * width / short**2)):
        x, y = rng.uniform(0, width), rng.uniform(-0.1 * height, height)
        long = short * rng.uniform(0.05, 0.16)
        end = (round(x + slant * long), round(y + long))
        cv2.line(
            lines, (round(x), round(y)), end, int(rng.integers(90, 200)), max(1, short // 240), cv2.LINE_AA
        )
    cover = cv2.blur(lines, (1, max(1, short // 60))).astype(np.float32)[..., None] / 255
    hazy = picture * np.float32(1 - haze) + np.float32(190 * haze)
    return _clipped(np.asarray(hazy + (225 - hazy) * cover, np.float32))


def _blurred(picture: Picture, _: Rng, share: float) -> Picture:
    """Out of focus: a Gaussian whose deviation is a share of the longer side."""
    return np.asarray(cv2.GaussianBlur(picture, (0, 0), share * max(picture.shape[:2])), np.uint8)


def _jpeg(picture: Picture, _: Rng, quality: int) -> Picture:
    data = cv2.imencode(".jpg", picture, [cv2.IMWRITE_JPEG_QUALITY, quality])[1]
    return np.asarray(cv2.imdecode(data, cv2.IMREAD_COLOR), np.uint8)


def _smaller(picture: Picture, _: Rng, by: int) -> Picture:
    height, width = picture.shape[:2]
    return resized(picture, max(1, width // by), max(1, height // by))


def _grey(picture: Picture, rng: Rng, sigma: float, corner: float) -> Picture:
    """Without colour, as by infra-red light: `corner` of the light gets as far as the corners."""
    grey = cv2.cvtColor(picture, cv2.COLOR_BGR2GRAY).astype(np.float32)
    height, width = grey.shape
    y, x = np.linspace(-1, 1, height)[:, None], np.linspace(-1, 1, width)[None]
    lit = 1 - (1 - corner) * (x * x + y * y) / 2
    spoilt = _noisy(np.asarray(grey * lit, np.float32), sigma, rng)
    return np.asarray(np.repeat(_clipped(spoilt)[..., None], 3, 2))


DEGRADATIONS: Tuple[Degradation, ...] = (
    Degradation(
        "darkness", 1, "a quarter of the light, noise of 4 levels", partial(_dark, light=1 / 4, sigma=4)
    ),
    Degradation(
        "darkness", 2, "a sixteenth of the light, noise of 8 levels", partial(_dark, light=1 / 16, sigma=8)
    ),
    Degradation("rain", 1, "150 streaks, haze of 10 %", partial(_rain, streaks=150, haze=0.1)),
    Degradation("rain", 2, "500 streaks, haze of 30 %", partial(_rain, streaks=500, haze=0.3)),
    Degradation("blur", 1, "0.5 % of the longer side", partial(_blurred, share=0.005)),
    Degradation("blur", 2, "1.25 % of the longer side", partial(_blurred, share=0.0125)),
    Degradation("JPEG", 1, "quality 50", partial(_jpeg, quality=50)),
    Degradation("JPEG", 2, "quality 20", partial(_jpeg, quality=20)),
    Degradation("resolution", 1, "half", partial(_smaller, by=2)),
    Degradation("resolution", 2, "a quarter", partial(_smaller, by=4)),
    Degradation("grey", 1, "without colour", partial(_grey, sigma=0, corner=1)),
    Degradation(
        "grey",
        2,
        "without colour, noise of 10 levels, corners at 40 % of the light",
        partial(_grey, sigma=10, corner=0.4),
    ),
)
"""Mild (1) and strong (2) of each."""
