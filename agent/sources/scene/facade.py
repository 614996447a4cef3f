"""The front of one house, drawn flat: what reflects light and what gives light."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Tuple

import cv2
import numpy as np

from agent.sources.scene.noise import Bytes, Field, fractal

Colour = Tuple[int, int, int]

_BRICK: Tuple[Colour, ...] = ((60, 68, 98), (84, 98, 122), (54, 60, 80), (88, 104, 120))
_RENDER: Tuple[Colour, ...] = ((150, 162, 170), (140, 150, 152), (128, 150, 168), (150, 148, 140))
_GLASS: Colour = (70, 58, 50)
_LIT: Tuple[Colour, ...] = ((118, 176, 222), (150, 190, 214), (168, 186, 196), (98, 150, 200))


@dataclass(frozen=True)
class Facade:
    """Flat pictures of a house front, top row first; BGR. `emits` is black where nothing shines."""

    width_m: float
    height_m: float
    reflects: Bytes
    emits: Bytes


def draw_facade(rng: np.random.Generator, width_m: float, storeys: int, detail: int) -> Facade:
    """A house of `storeys` storeys (ground floor included), drawn at `detail` pixels per metre.

    The same state of `rng` gives the same house, whatever the detail.
    """
    height_m = 3.7 + 3.0 * (storeys - 1) + 0.6
    size = (round(height_m * detail), round(width_m * detail))
    grain = np.random.default_rng(int(rng.integers(2**32)))
    reflects = _wall(rng, grain, size, detail)
    emits = np.zeros((*size, 3), np.uint8)
    painter = _Painter(rng, grain, detail, reflects, emits, height_m)
    columns = max(2, round(width_m / 2.3))
    for storey in range(1, storeys):
        for column in range(columns):
            painter.window((column + 0.5) * width_m / columns, 3.7 + 3.0 * (storey - 1) + 0.75, 1.15, 1.75)
    if rng.random() < 0.35:
        painter.shop(width_m)
    else:
        painter.house_door(width_m, columns)
    painter.trims(width_m)
    return Facade(width_m, height_m, reflects, emits)


def _wall(rng: np.random.Generator, grain: np.random.Generator, size: Tuple[int, int], detail: int) -> Bytes:
    height, width = size
    brick = rng.random() < 0.6
    palette = _BRICK if brick else _RENDER
    colour = np.array(palette[rng.integers(len(palette))], np.float32)
    spots = 1.0 + 0.5 * (fractal(grain, height, width, 6, 6) - 0.5)
    stains = 1.0 + 0.5 * (fractal(grain, height, width, 9, 3, stretch=6.0) - 0.5)
    tone: Field = (spots * stains).astype(np.float32)
    if brick:
        course, length = max(2, round(0.09 * detail)), max(3, round(0.23 * detail))
        rows = np.arange(height) % course == 0
        tone[rows] *= 1.16
        bricks = grain.normal(1.0, 0.09, (height // course + 1, width // length + 1)).astype(np.float32)
        tone *= cv2.resize(bricks, (width, height), interpolation=cv2.INTER_NEAREST)
    return np.asarray(np.clip(tone[..., None] * colour, 0, 255), np.uint8)


class _Painter:
    """Draws in metres from the lower left corner of the front."""

    def __init__(
        self,
        rng: np.random.Generator,
        grain: np.random.Generator,
        detail: int,
        reflects: Bytes,
        emits: Bytes,
        height_m: float,
    ) -> None:
        self._rng = rng
        self._grain = grain
        self._detail = detail
        self._reflects = reflects
        self._emits = emits
        self._height_m = height_m

    def window(self, x: float, y: float, width: float, height: float) -> None:
        """A window centred on `x` with its sill at `y`; one in four is lit."""
        self._box(x - width / 2 - 0.1, y - 0.12, width + 0.2, 0.12, (150, 152, 152))
        self._box(x - width / 2 - 0.06, y + height, width + 0.12, 0.2, (112, 118, 122))
        self._box(x - width / 2, y, width, height, (178, 180, 180))
        pane_w, pane_h = width / 2 - 0.09, height - 0.14
        lit = self._rng.random() < 0.3
        light = np.array(_LIT[self._rng.integers(len(_LIT))], np.float32) * self._rng.uniform(0.5, 1.0)
        for left in (x - width / 2 + 0.06, x + 0.03):
            self._box(left, y + 0.07, pane_w, pane_h, _GLASS)
            if lit:
                self._shine(left, y + 0.07, pane_w, pane_h, light)
        if lit:
            curtain = width * self._rng.uniform(0.1, 0.25)
            self._shine(x - width / 2 + 0.06, y + 0.07, curtain, pane_h, light * 0.45)
            self._shine(x + width / 2 - 0.06 - curtain, y + 0.07, curtain, pane_h, light * 0.45)
        self._box(x - width / 2, y + height * 0.66, width, 0.06, (170, 172, 172))
        self._darken(x - width / 2, y + height * 0.66, width, 0.06)

    def house_door(self, width_m: float, columns: int) -> None:
        door = int(self._rng.integers(columns))
        for column in range(columns):
            x = (column + 0.5) * width_m / columns
            if column != door:
                self.window(x, 1.0, 1.3, 1.8)
                continue
            self._box(x - 0.62, 0.0, 1.24, 2.75, (140, 146, 150))
            shade = self._rng.uniform(25, 75, 3).astype(int)
            self._box(x - 0.5, 0.1, 1.0, 2.1, (int(shade[0]), int(shade[1]), int(shade[2])))
            self._box(x - 0.5, 2.26, 1.0, 0.4, _GLASS)

    def shop(self, width_m: float) -> None:
        self._box(0.25, 0.0, width_m - 0.5, 3.3, (52, 54, 56))
        sign = self._rng.uniform(40, 120, 3).astype(int)
        self._box(0.3, 2.75, width_m - 0.6, 0.55, (int(sign[0]), int(sign[1]), int(sign[2])))
        self._box(0.45, 0.5, width_m - 0.9, 2.1, _GLASS)
        if self._rng.random() < 0.6:
            light = np.array((176, 188, 190), np.float32) * self._rng.uniform(0.4, 0.75)
            self._shine(0.45, 0.5, width_m - 0.9, 2.1, light)
        for post in np.arange(0.45, width_m - 0.4, 1.6):
            self._box(float(post) - 0.05, 0.4, 0.1, 2.3, (40, 42, 44))
            self._darken(float(post) - 0.05, 0.4, 0.1, 2.3)

    def trims(self, width_m: float) -> None:
        """Cornice, plinth and drainpipe."""
        top = self._height_m
        self._box(0.0, top - 0.35, width_m, 0.35, (138, 142, 144))
        self._box(0.0, top - 0.5, width_m, 0.13, (48, 50, 52))
        self._box(0.0, 0.0, width_m, 0.35, (72, 76, 78))
        self._box(0.06, 0.0, 0.1, top - 0.4, (84, 86, 86))

    def _box(self, x: float, y: float, width: float, height: float, colour: Colour) -> None:
        rows, columns = self._span(x, y, width, height)
        patch = self._reflects[rows, columns]
        noise = self._grain.normal(1.0, 0.05, (*patch.shape[:2], 1))
        patch[...] = np.clip(np.array(colour) * noise, 0, 255)

    def _shine(self, x: float, y: float, width: float, height: float, light: Field) -> None:
        """Lit from a lamp hung high inside: brighter towards the top, uneven."""
        rows, columns = self._span(x, y, width, height)
        patch = self._emits[rows, columns]
        h, w = patch.shape[:2]
        left, right = float(self._rng.uniform(0.8, 1.1)), float(self._rng.uniform(0.8, 1.1))
        fall = np.linspace(1.15, 0.6, h)[:, None] * np.linspace(left, right, w)[None, :]
        patch[...] = np.clip(fall[..., None] * light, 0, 255)

    def _darken(self, x: float, y: float, width: float, height: float) -> None:
        rows, columns = self._span(x, y, width, height)
        self._emits[rows, columns] = 0

    def _span(self, x: float, y: float, width: float, height: float) -> Tuple[slice, slice]:
        top = round((self._height_m - y - height) * self._detail)
        bottom = round((self._height_m - y) * self._detail)
        return (
            slice(max(0, top), max(0, bottom)),
            slice(max(0, round(x * self._detail)), max(0, round((x + width) * self._detail))),
        )
