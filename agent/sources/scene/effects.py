"""Smoke, flames, sparks, bloom and reflections as one layer over the street, at a fraction of its size."""

from __future__ import annotations

from typing import NamedTuple, Tuple

import cv2
import numpy as np
import numpy.typing as npt

from agent.sources.scene.flame import FlameField
from agent.sources.scene.noise import Bytes, Field, field
from agent.sources.scene.script import Blaze
from agent.sources.scene.smoke import SmokePlume
from agent.sources.scene.street import Street
from agent.sources.scene.view import View

_SPARKS = 60

Numbers = npt.NDArray[np.float64]
Indices = npt.NDArray[np.int64]


class Layer(NamedTuple):
    """For each pixel and channel (h x w x 3): what to multiply the street by (255 = 1), and what to add."""

    keeps: Bytes
    adds: Bytes


class Effects:
    """Everything that burns, at one place of one street."""

    def __init__(self, view: View, street: Street, rng: np.random.Generator) -> None:
        self._top = 0.9 if street.burns_car else 1.25
        self._spread = 3.3 if street.burns_car else 3.0
        self._fine = _Grid(view, street, max(1, round(view.width / 430)))
        self._coarse = _Grid(view, street, max(1, round(view.width / 320)))
        self._flames = FlameField(rng)
        self._smoke = SmokePlume(rng, float(rng.uniform(0.10, 0.28)) * (1.0 if street.site[0] < 0 else -1.0))
        self._offset = float(rng.uniform(0.0, 100.0))
        self._spark = rng.uniform(0.0, 1.0, (_SPARKS, 4))
        self._wet = self._fine.shrunk(street.wet)

    def layer(self, blaze: Blaze, age_s: float, media_s: float) -> Layer:
        """What burns `age_s` after the first smoke, with the strengths of `blaze`."""
        time_s = media_s + self._offset
        grid = self._coarse
        fire = blaze.fire
        smoke = self._smoke.rise(grid.x, grid.y - self._top + 0.1, blaze.smoke, fire, age_s, time_s)
        light = self._fine.grown(smoke.light)
        through = self._fine.grown(smoke.through)
        if blaze.flame > 0.0 or fire > 0.0:
            self._add_flames(light, through, blaze, time_s)
        shown = np.sqrt(1.0 - np.exp(-1.5 * light))
        keeps = np.sqrt(through)[..., None] * (1.0 - shown)
        return Layer((255.0 * keeps).astype(np.uint8), (255.0 * shown).astype(np.uint8))

    def _add_flames(self, light: Field, through: Field, blaze: Blaze, time_s: float) -> None:
        fire = blaze.fire
        grown = max(blaze.flame, fire)
        half = (0.3 + 0.55 * blaze.flame) * (1.0 - fire) + self._spread * fire
        height = (0.5 + 2.0 * grown) * (1.0 - fire) + 6.6 * fire
        bed = self._top * (1.0 - 0.8 * fire)
        aside = half + 0.5 * height + 0.3
        place = self._fine.window(-aside, aside, bed - 0.3 * height, bed + 1.8 * height)
        rows, columns = place
        x, y = self._fine.x[rows, columns], self._fine.y[rows, columns] - bed
        flames = self._flames.burn(x, y, half, height, time_s)
        shown = flames.light * (min(1.0, 3.0 * grown) * (0.65 + 0.35 * through[rows, columns, None]))
        light[rows, columns] *= flames.through[..., None]
        light[rows, columns] += shown
        through[rows, columns] *= flames.through
        self._reflect(light, shown, place)
        self._add_sparks(light, fire, time_s)
        self._bloom(light)

    def _reflect(self, light: Field, shown: Field, place: Tuple[slice, slice]) -> None:
        """The flames upside down in the wet road below their foot."""
        rows, columns = place
        foot = self._fine.foot
        above = shown[: max(0, foot - rows.start)]
        length = min(above.shape[0], light.shape[0] - foot)
        if length <= 0:
            return
        smear = max(3, length // 7) | 1
        upside = cv2.blur(np.ascontiguousarray(above[::-1][:length]), (3, smear))
        wet = self._wet[foot : foot + length, columns, None]
        light[foot : foot + length, columns] += 0.30 * field(upside) * wet

    def _add_sparks(self, light: Field, fire: float, time_s: float) -> None:
        """Glowing flakes that fly up, each on its own path again and again."""
        if fire <= 0.0:
            return
        period = 1.2 + 1.6 * self._spark[:, 0]
        age = (time_s / period + self._spark[:, 1]) % 1.0
        x = (self._spark[:, 2] - 0.5) * 2.6 + 1.2 * age * np.sin(9.0 * age + 40.0 * self._spark[:, 3])
        y = 0.8 + 7.0 * age
        column, row = self._fine.pixel(x, y)
        inside = (column >= 0) & (column < light.shape[1]) & (row >= 0) & (row < light.shape[0])
        glow = (1.0 - age)[:, None] * np.array((0.05, 0.7, 2.2)) * fire
        light[row[inside], column[inside]] += glow[inside].astype(np.float32)

    def _bloom(self, light: Field) -> None:
        """Light that the lens and the air scatter around what is brighter than the picture can show."""
        h, w = self._coarse.x.shape
        small = cv2.resize(light, (w, h), interpolation=cv2.INTER_AREA)
        bright = np.clip(field(small) - 0.5, 0.0, 2.5)
        near = cv2.GaussianBlur(bright, (0, 0), w / 110)
        tiny = cv2.resize(bright, (max(1, w // 4), max(1, h // 4)), interpolation=cv2.INTER_AREA)
        wide = cv2.resize(cv2.GaussianBlur(tiny, (0, 0), w / 4 / 14), (w, h))
        light += self._fine.grown(field(0.10 * field(near) + 0.22 * field(wide)))


class _Grid:
    """Metres aside of and above the site for each pixel of a picture 1/`shrink` the view's size."""

    def __init__(self, view: View, street: Street, shrink: int) -> None:
        self._size = (max(1, view.width // shrink), max(1, view.height // shrink))
        width, height = self._size
        self._scale_x, self._scale_y = width / view.width, height / view.height
        self._metre = view.pixels_per_metre(street.site[2])
        self._foot = view.project([street.site])[0]
        x = ((np.arange(width) + 0.5) / self._scale_x - self._foot[0]) / self._metre
        y = (self._foot[1] - (np.arange(height) + 0.5) / self._scale_y) / self._metre
        grid_x, grid_y = np.meshgrid(x, y)
        self.x, self.y = field(grid_x), field(grid_y)

    @property
    def foot(self) -> int:
        """The row where the site meets the road."""
        return int(self._foot[1] * self._scale_y)

    def pixel(self, x: Numbers, y: Numbers) -> Tuple[Indices, Indices]:
        column = (self._foot[0] + x * self._metre) * self._scale_x
        row = (self._foot[1] - y * self._metre) * self._scale_y
        return column.astype(np.int64), row.astype(np.int64)

    def window(self, left: float, right: float, low: float, high: float) -> Tuple[slice, slice]:
        """The rows and columns that hold a rectangle given in metres."""
        inside_x = np.flatnonzero((self.x[0] >= left) & (self.x[0] <= right))
        inside_y = np.flatnonzero((self.y[:, 0] >= low) & (self.y[:, 0] <= high))
        return slice(inside_y[0], inside_y[-1] + 1), slice(inside_x[0], inside_x[-1] + 1)

    def shrunk(self, full: Field) -> Field:
        return field(cv2.resize(full, self._size, interpolation=cv2.INTER_AREA))

    def grown(self, small: Field) -> Field:
        return field(cv2.resize(small, self._size, interpolation=cv2.INTER_LINEAR))
