"""Smoke: a plume of fractal noise that rises, widens, leans with the wind and is lit from above and below."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from agent.sources.scene.noise import Field, Scrolling, field, fractal, smoothstep

_TEXTURE = 512
_METRES = 9.0
_GREY = np.array((0.50, 0.47, 0.46), np.float32)
_SOOT = np.array((0.035, 0.032, 0.032), np.float32)
_EMBER = np.array((0.02, 0.17, 0.62), np.float32)


class Smoke(NamedTuple):
    """What the smoke sends to the camera (linear, h x w x 3, BGR) and lets through (h x w, 0..1)."""

    light: Field
    through: Field


class SmokePlume:
    """A plume over one place; the same for the same time."""

    def __init__(self, rng: np.random.Generator, wind: float) -> None:
        """`wind` leans it: metres aside per metre up, about -0.5..0.5."""
        self._puffs = Scrolling(fractal(rng, _TEXTURE, _TEXTURE, 7, 5))
        self._wind = wind

    def rise(self, x: Field, y: Field, amount: float, fire: float, age_s: float, time_s: float) -> Smoke:
        """Smoke of strength `amount` (0..1) that began `age_s` ago over a fire of strength `fire` (0..1).

        `x` and `y` (h x w) are metres aside of and above its source.
        """
        to_texture = _TEXTURE / _METRES
        up = np.maximum(y, 0.0)
        speed = 1.4 + 0.9 * fire
        lean = self._wind * up**1.25
        wide = 0.50 + 1.0 * fire + (0.40 + 0.04 * fire) * up
        u, v = field((x - 0.8 * lean) * to_texture), field(y * to_texture)
        lift = speed * time_s * to_texture
        swirl = self._puffs.at(0.6 * u, 0.5 * v, 40.0, 0.5 * lift) - 0.5
        u, v = u + 60.0 * swirl, v + 40.0 * swirl
        puff = self._puffs.at(u, v, 0.0, lift)
        above = self._puffs.at(u, v, 5.0, lift + 9.0)
        across = (x - lean + 1.5 * swirl * np.minimum(up, 3.0)) / wide
        body = np.exp(-across * across)
        front = smoothstep(0.0, 2.0, field(1.6 + 1.9 * age_s - up))
        thick = np.clip(body * (0.75 + 2.6 * (puff - 0.30)) - 0.16, 0.0, None) * front
        thick = thick * smoothstep(-0.15, 0.2, y) * (1.0 / (1.0 + (0.09 - 0.05 * fire) * up))
        through = np.exp(-thick * amount * (4.4 - 0.2 * fire))
        relief = np.clip(1.0 + 3.6 * (puff - above), 0.45, 1.7)
        under = fire * np.exp(-up / 2.6) * (0.5 + puff)
        tone = (_GREY * (1.0 - 0.8 * fire) + 0.8 * fire * _SOOT) * relief[..., None]
        light = (tone + under[..., None] * _EMBER) * (1.0 - through)[..., None]
        return Smoke(field(light), field(through))
