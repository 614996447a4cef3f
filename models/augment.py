"""What cameras do to pictures: crop, night, glare, haze, blur, noise, compression, grey infra-red, dirt."""

from __future__ import annotations

import math
import random
from typing import Callable, Sequence, Tuple

import cv2
import numpy as np
import numpy.typing as npt

from agent.ports import Picture
from agent.vision.preprocess import resized

Values = npt.NDArray[np.float32]
"""H x W x 3, BGR, nominally 0..255 but not yet clipped."""


WHOLE = 0.55
"""The least share of the area that a crop keeps, so that a small flame is seldom cut off."""
CLOSE = 0.04
"""The same for a close look at a calm picture: asphalt, walls, sky and cloth, which resemble smoke."""
_CLOSE_LOOKS = 0.35


def least_of_calm(rng: random.Random) -> float:
    """The least share of a calm picture that a crop of it is to keep: some are looked at closely."""
    return CLOSE if rng.random() < _CLOSE_LOOKS else WHOLE


def augment(picture: Picture, side: int, rng: random.Random, least: float = WHOLE) -> Picture:
    """A random variant of a square BGR picture, side x side x 3; the same for the same `rng` state.

    Crops keep at least the share `least` of the area.
    """
    return weathered(framed(picture, side, rng, least), rng)


def weathered(picture: Picture, rng: random.Random) -> Picture:
    """What light, air, lens and compression do to it: H x W x 3, BGR, as large as it was."""
    values = picture.astype(np.float32)
    for chance, change in _LIGHT:
        if rng.random() < chance:
            values = change(values, rng)
    picture = np.clip(values, 0, 255).astype(np.uint8)
    for chance, spoil in _SPOIL:
        if rng.random() < chance:
            picture = spoil(picture, rng)
    return picture


def framed(picture: Picture, side: int, rng: random.Random, least: float) -> Picture:
    """What a camera of its own has in view: a crop, mirrored, turned or coarse, side x side x 3, BGR."""
    height, width = picture.shape[:2]
    area = height * width * rng.uniform(least, 1.0 if least >= WHOLE else WHOLE)
    aspect = math.exp(rng.uniform(math.log(0.75), math.log(1.33)))
    w, h = min(width, int(math.sqrt(area * aspect))), min(height, int(math.sqrt(area / aspect)))
    left, top = rng.randint(0, width - w), rng.randint(0, height - h)
    picture = picture[top : top + h, left : left + w]
    if rng.random() < 0.2:  # a far or cheap camera
        factor = rng.uniform(0.25, 0.7)
        picture = resized(picture, max(8, int(w * factor)), max(8, int(h * factor)))
    picture = resized(picture, side, side)
    if rng.random() < 0.5:
        picture = np.ascontiguousarray(picture[:, ::-1])
    if rng.random() < 0.15:
        turn = cv2.getRotationMatrix2D((side / 2, side / 2), rng.uniform(-12, 12), 1.1)
        picture = np.asarray(cv2.warpAffine(picture, turn, (side, side), borderMode=cv2.BORDER_REFLECT))
    return picture


def _grey(values: Values, _: random.Random) -> Values:
    return np.repeat(values.mean(2, keepdims=True, dtype=np.float32), 3, 2)


def _colour(values: Values, rng: random.Random) -> Values:
    grey = values.mean(2, keepdims=True, dtype=np.float32)
    cast = np.array([rng.uniform(0.88, 1.12) for _ in range(3)], np.float32)
    return np.asarray((grey + (values - grey) * rng.uniform(0.5, 1.4)) * cast, np.float32)


def _contrast(values: Values, rng: random.Random) -> Values:
    return np.asarray((values - 128) * rng.uniform(0.7, 1.3) + 128 + rng.uniform(-30, 30), np.float32)


def _gamma(values: Values, rng: random.Random) -> Values:
    """Dusk and night (above 1), over-exposure (below)."""
    return np.asarray(255 * (np.clip(values, 0, 255) / 255) ** rng.uniform(0.6, 2.2), np.float32)


def _haze(values: Values, rng: random.Random) -> Values:
    veil = rng.uniform(0.1, 0.4)
    return np.asarray(values * (1 - veil) + veil * rng.uniform(150, 230), np.float32)


def _noise(values: Values, rng: random.Random) -> Values:
    depth = rng.choice((1, 3))
    noise = np.random.default_rng(rng.getrandbits(32)).standard_normal((*values.shape[:2], depth), np.float32)
    return np.asarray(values + noise * rng.uniform(2, 14), np.float32)


def _blur(picture: Picture, rng: random.Random) -> Picture:
    size = rng.choice((3, 5))
    kernel: Tuple[int, int] = rng.choice(((size, size), (size, 1), (1, size)))
    return np.asarray(cv2.blur(picture, kernel))


def _jpeg(picture: Picture, rng: random.Random) -> Picture:
    _, data = cv2.imencode(".jpg", picture, [cv2.IMWRITE_JPEG_QUALITY, rng.randint(20, 85)])
    return np.asarray(cv2.imdecode(data, cv2.IMREAD_COLOR))


def _dirt(picture: Picture, rng: random.Random) -> Picture:
    side = picture.shape[0]
    size = rng.randint(side // 10, side // 4)
    top, left = rng.randint(0, side - size), rng.randint(0, side - size)
    picture = picture.copy()
    picture[top : top + size, left : left + size] = rng.randint(0, 255)
    return picture


_LIGHT: Sequence[Tuple[float, Callable[[Values, random.Random], Values]]] = (
    (0.5, _colour),
    (0.08, _grey),
    (0.6, _contrast),
    (0.2, _gamma),
    (0.06, _haze),
    (0.25, _noise),
)
_SPOIL: Sequence[Tuple[float, Callable[[Picture, random.Random], Picture]]] = (
    (0.2, _blur),
    (0.35, _jpeg),
    (0.15, _dirt),
)
