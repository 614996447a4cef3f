"""Flames: a field of heat, torn by rising noise, seen through a black body's colours."""

from __future__ import annotations

from typing import NamedTuple, Tuple

import cv2
import numpy as np

from agent.sources.scene.noise import Field, Scrolling, field, fractal, smoothstep

_TEXTURE = 256


class Flames(NamedTuple):
    """Linear light (h x w x 3, BGR) and how much of what is behind shows through (h x w, 0..1)."""

    light: Field
    through: Field


class FlameField:
    """A fire seen from the side; the same for the same time."""

    def __init__(self, rng: np.random.Generator) -> None:
        self._warp = Scrolling(fractal(rng, _TEXTURE, _TEXTURE, 4, 4))
        self._tear = Scrolling(fractal(rng, _TEXTURE, _TEXTURE, 5, 5, stretch=1.7))
        self._reach = Scrolling(fractal(rng, _TEXTURE, _TEXTURE, 6, 3))
        self._colours = _black_body()[None]
        self._through = (1.0 - 0.85 * smoothstep(0.12, 0.5, field(np.linspace(0.0, 1.0, 256))))[None]

    def burn(self, x: Field, y: Field, half_width: float, height: float, time_s: float) -> Flames:
        """The flames over a bed `2 * half_width` metres wide, tongues about `height` metres high.

        `x` and `y` (h x w) are metres aside of and above the middle of the bed.
        """
        heat = self._heat(x, y, half_width, height, time_s)
        index = (255.0 * heat).astype(np.uint8)
        light = cv2.LUT(cv2.merge([index, index, index]), self._colours)
        return Flames(field(light), field(cv2.LUT(index, self._through)))

    def _heat(self, x: Field, y: Field, half_width: float, height: float, time_s: float) -> Field:
        """0 where nothing burns to 1 in the hottest core."""
        rise = 2.4 * height**0.5 * time_s
        bump = 0.42 * height**0.8
        to_texture = _TEXTURE / 5.0 / bump
        aloft = np.maximum(y / height, 0.0)
        u, v = field(x * to_texture), field(y * (0.7 * to_texture))
        lift = 0.7 * to_texture * rise
        swirl = self._warp.at(0.45 * u, 0.47 * v, 0.0, 0.47 * lift) - 0.5
        fine = self._warp.at(u, v, 90.0, 1.25 * lift) - 0.5
        bent = field(x + (1.9 * swirl + 0.9 * fine) * bump * np.minimum(0.12 + 1.4 * aloft, 1.4))
        across = bent / half_width
        level = field(np.zeros_like(x))
        reach = self._reach.at(field(bent * (0.75 * to_texture)), level, 0.0, 26.0 * time_s / height**0.25)
        bed = field(np.clip(1.0 - across * across, 0.0, 1.0) ** 0.5)
        tongue = bed * (0.62 + 0.65 * smoothstep(0.3, 0.7, reach)) + 1e-3
        torn = self._tear.at(field(bent * to_texture), 0.9 * v, 0.0, 1.05 * lift)
        fuel = 1.0 - aloft / tongue + 2.0 * (torn - 0.5) * (0.12 + np.minimum(aloft, 0.7))
        heat = np.clip(fuel, 0.0, 1.0) ** 0.6 * (0.56 + 0.78 * torn)
        ragged = y - bump * (0.9 * (1.0 - bed) + 0.9 * fine)
        foot = smoothstep(-0.35 * bump, 0.35 * bump, field(ragged))
        return field(np.clip(heat * foot, 0.0, 1.0))


def _black_body() -> Field:
    """Linear BGR light by heat: nothing, dark red, orange, yellow, nearly white."""
    stops: Tuple[Tuple[float, float, float, float], ...] = (
        (0.0, 0.0, 0.0, 0.0),
        (0.16, 0.0, 0.004, 0.03),
        (0.32, 0.003, 0.05, 0.42),
        (0.52, 0.012, 0.30, 1.5),
        (0.72, 0.06, 0.95, 2.6),
        (0.88, 0.35, 2.0, 3.4),
        (1.0, 1.3, 3.0, 4.0),
    )
    table = np.array(stops)
    heat = np.linspace(0.0, 1.0, 256)
    return field(np.stack([np.interp(heat, table[:, 0], table[:, 1 + part]) for part in range(3)], axis=1))
