"""The street itself, built once: houses, road, lamps, parked cars, and the place where it will burn."""

from __future__ import annotations

from dataclasses import dataclass
from typing import List, Sequence, Tuple

import numpy as np

from agent.sources.scene.canvas import Canvas
from agent.sources.scene.facade import Facade, draw_facade
from agent.sources.scene.noise import Bytes, Field, fractal
from agent.sources.scene.vehicle import Colour, Face, car, container
from agent.sources.scene.view import FAR, KERB, WALL, Point, View

_NEAR_Z = 7.0
_LAMP_HEIGHT = 6.2
_CAR_COLOURS: Sequence[Colour] = (
    (120, 116, 112),
    (60, 56, 54),
    (96, 70, 52),
    (150, 150, 148),
    (52, 50, 92),
    (84, 92, 88),
)


@dataclass(frozen=True)
class Street:
    """What of a scene does not move.

    `canvas` holds what it reflects and emits; `site` is the foot of the fire-to-be, `burns_car` whether it is
    a car (else a waste container), `lamps` the heads of the street lamps, `wet` (H x W, 0..1) how much the
    road mirrors.
    """

    canvas: Canvas
    site: Point
    burns_car: bool
    lamps: Sequence[Point]
    wet: Field


def build_street(view: View, rng: np.random.Generator) -> Street:
    """Another state of `rng`, another street."""
    side = -1.0 if rng.random() < 0.5 else 1.0
    burns_car = bool(rng.random() < 0.5)
    site = (side * 4.6, 0.0, 15.0) if burns_car else (side * 4.9, 0.0, 15.5)
    canvas = Canvas(view)
    _belfry(canvas, float(rng.uniform(-3.0, 3.0)))
    _far_end(canvas, rng)
    for sign in (-1.0, 1.0):
        for near_z, facade in reversed(_row(rng, view)):
            canvas.house(sign, near_z, facade)
    wet = _road(canvas, rng)
    lamps = [_lamp(canvas, sign, z) for z in (74.0, 60.0, 46.0, 32.0) for sign in (-1.0, 1.0)]
    empty = canvas.reflects.copy()
    for faces in _standing(rng, site, burns_car):
        canvas.faces(faces)
    lamps.append(_lamp(canvas, -side, 17.0))
    wet[np.any(canvas.reflects != empty, axis=2)] = 0.0
    return Street(canvas, site, burns_car, lamps, wet)


def _row(rng: np.random.Generator, view: View) -> List[Tuple[float, Facade]]:
    """Houses from near to far, each with where it begins."""
    row, z = [], _NEAR_Z
    while z < FAR:
        facade = draw_facade(rng, float(rng.uniform(5.0, 8.5)), int(rng.integers(2, 5)), view.detail(z))
        row.append((z, facade))
        z += facade.width_m
    return row


def _far_end(canvas: Canvas, rng: np.random.Generator) -> None:
    left = -2.0 * WALL
    while left < 2.0 * WALL:
        facade = draw_facade(
            rng, float(rng.uniform(6.0, 9.0)), int(rng.integers(2, 4)), canvas.view.detail(FAR)
        )
        right, top = left + facade.width_m, facade.height_m
        canvas.polygon(
            [(left, top, FAR), (right, top, FAR), (right, top + 2.5, FAR + 4), (left, top + 2.5, FAR + 4)],
            (66, 62, 60),
        )
        corners = [(left, top, FAR), (right, top, FAR), (right, 0.0, FAR), (left, 0.0, FAR)]
        canvas.flat(facade.reflects, facade.emits, corners)
        left = right


def _belfry(canvas: Canvas, x: float) -> None:
    """The town's watch tower, far away above the roofs."""
    z, stone = 170.0, (112, 108, 108)
    canvas.polygon([(x - 3.6, 0, z), (x - 3.6, 34, z), (x + 3.6, 34, z), (x + 3.6, 0, z)], stone)
    canvas.polygon([(x - 4.2, 34, z), (x + 4.2, 34, z), (x + 2.4, 39, z), (x - 2.4, 39, z)], (96, 88, 86))
    canvas.polygon([(x - 2.2, 39, z), (x + 2.2, 39, z), (x + 2.0, 43, z), (x - 2.0, 43, z)], stone)
    canvas.polygon([(x - 2.4, 43, z), (x + 2.4, 43, z), (x, 53, z)], (96, 88, 86))
    canvas.polygon([(x - 1.2, 35, z), (x + 1.2, 35, z), (x + 1.2, 37, z), (x - 1.2, 37, z)], (60, 58, 58))


def _road(canvas: Canvas, rng: np.random.Generator) -> Field:
    """Asphalt, markings, kerbs and pavements; returns how wet each pixel is."""
    across = canvas.view.detail(_NEAR_Z)
    along = max(8, across // 2)
    width, length = round(2 * WALL * across), round((FAR - _NEAR_Z) * along)
    tone = 54.0 * (1.0 + 0.9 * (fractal(rng, length, width, 24, 6) - 0.5))
    tone *= 1.0 + 0.5 * (fractal(rng, length, width, 3, 3) - 0.5)
    flat = np.repeat(np.clip(tone, 0, 255)[..., None], 3, axis=2)
    pave, line = round((WALL - KERB) * across), max(1, round(0.07 * across))
    flat[:, :pave] *= 1.75
    flat[:, -pave:] *= 1.75
    for edge in (flat[:, :pave], flat[:, -pave:]):
        edge[:: round(0.6 * along)] *= 0.72
        edge[:, :: round(0.6 * across)] *= 0.72
    for kerb in (slice(pave - 2 * line, pave), slice(width - pave, width - pave + 2 * line)):
        flat[:, kerb] = flat[:, kerb] * 0.2 + 120.0
    dash, middle = 3 * along, width // 2
    for start in range(0, length, 2 * dash):
        flat[start : start + dash, middle - line : middle + line] += 75.0
    wet = 0.22 + 0.78 * np.clip((fractal(rng, length, width, 5, 4) - 0.47) * 7.0, 0.0, 1.0)
    wet[:, :pave] *= 0.45
    wet[:, -pave:] *= 0.45
    corners = [(-WALL, 0.0, FAR), (WALL, 0.0, FAR), (WALL, 0.0, _NEAR_Z), (-WALL, 0.0, _NEAR_Z)]
    reflects: Bytes = np.clip(flat, 0, 255).astype(np.uint8)
    canvas.flat(reflects, np.zeros_like(reflects), corners)
    layer = Canvas(canvas.view)
    layer.flat(
        np.repeat((wet * 255).astype(np.uint8)[..., None], 3, axis=2), np.zeros_like(reflects), corners
    )
    return np.asarray(layer.reflects[..., 0], np.float32) / 255.0


def _lamp(canvas: Canvas, side: float, z: float) -> Point:
    """A lamp post at the kerb with its arm over the road; returns the place of its light."""
    x, head_x, y, steel = side * (KERB + 0.5), side * (KERB - 0.7), _LAMP_HEIGHT, (70, 68, 66)
    canvas.polygon([(x - 0.07, 0, z), (x - 0.05, y, z), (x + 0.05, y, z), (x + 0.07, 0, z)], steel)
    canvas.polygon([(x, y - 0.1, z), (x, y, z), (head_x, y + 0.1, z), (head_x, y, z)], steel)
    wide = 0.34
    canvas.polygon(
        [
            (head_x - wide, y, z),
            (head_x + wide, y, z),
            (head_x + wide, y - 0.12, z),
            (head_x - wide, y - 0.12, z),
        ],
        (200, 200, 200),
        (214, 236, 255),
    )
    return head_x, y - 0.15, z


def _standing(rng: np.random.Generator, site: Point, burns_car: bool) -> List[List[Face]]:
    """Parked cars, far ones first, and what will burn."""
    standing: List[Tuple[float, List[Face]]] = []
    for side in (-1.0, 1.0):
        z = 23.0 if side * site[0] > 0 else 15.5
        while z < 70.0:
            colour = _CAR_COLOURS[int(rng.integers(len(_CAR_COLOURS)))]
            if rng.random() < 0.6:
                standing.append((z, car(side * 4.6, z, colour, comes=side < 0, lights=False)))
            z += float(rng.uniform(5.2, 7.0))
    x, _, z = site
    colour = _CAR_COLOURS[int(rng.integers(len(_CAR_COLOURS)))]
    burning = car(x, z, colour, comes=x < 0, lights=False) if burns_car else container(x, z)
    standing.append((z, burning))
    return [faces for _, faces in sorted(standing, key=lambda item: -item[0])]
