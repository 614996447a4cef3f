"""Cars, and the big bin that may burn, as a few flat faces in the world."""

from __future__ import annotations

from dataclasses import dataclass
from typing import List, Sequence, Tuple

import numpy as np

from agent.sources.scene.view import Point

Colour = Tuple[int, int, int]

_SHADOW: Colour = (22, 20, 20)


@dataclass(frozen=True)
class Face:
    """A flat polygon; BGR. `emits` is what it shines by itself."""

    corners: Sequence[Point]
    reflects: Colour
    emits: Colour = (0, 0, 0)


def car(x: float, z: float, colour: Colour, *, comes: bool, lights: bool) -> List[Face]:
    """A car centred on `x` whose nearest end, the front where it `comes`, is at `z`; farthest face first."""
    half, far = 0.88, z + 4.2
    side = half if x < 0 else -half
    shade = _scaled(colour, 0.8)
    dark = (52, 44, 40)
    faces = [
        Face(_flat(x, half + 0.06, 0.01, z - 0.12, far + 0.1), _SHADOW),
        Face(_box_side(x + side, z + 0.02, far, 0.32, 0.95), shade),
        Face(_flat(x, half, 0.95, z, far), _scaled(colour, 1.25)),
        Face(_sloped(x, half - 0.1, half - 0.22, 0.95, 1.45, z + 0.9, z + 1.5), dark),
        Face(_cabin_side(x + side, x + side * 0.8, z), dark),
        Face(_flat(x, half - 0.22, 1.45, z + 1.5, far - 0.9), _scaled(colour, 1.2)),
        Face(_upright(x - half, x + half, 0.30, 0.95, z), colour),
        Face(_upright(x - half, x + half, 0.22, 0.42, z), (34, 34, 34)),
        Face(_upright(x - 0.26, x + 0.26, 0.5, 0.62, z), (170, 176, 178)),
    ]
    for wheel_z in (far - 0.8, z + 0.8):
        faces.append(Face(_disc(x + side, 0.33, wheel_z, 0.32), (22, 22, 22)))
        faces.append(Face(_disc(x + side, 0.33, wheel_z, 0.18), (96, 96, 96)))
    lamp, shine = ((200, 205, 205), (205, 225, 235)) if comes else ((40, 30, 110), (30, 25, 170))
    for lamp_x in (x - half + 0.24, x + half - 0.24):
        faces.append(
            Face(_upright(lamp_x - 0.16, lamp_x + 0.16, 0.62, 0.76, z), lamp, shine if lights else (0, 0, 0))
        )
    for tyre_x in (x - half + 0.15, x + half - 0.15):
        faces.append(Face(_upright(tyre_x - 0.12, tyre_x + 0.12, 0.0, 0.3, z + 0.1), (18, 18, 18)))
    return faces


def container(x: float, z: float) -> List[Face]:
    """A waste container, 1.6 m wide and 1.3 m high, front at `z`."""
    green = (56, 74, 50)
    side = 0.8 if x < 0 else -0.8
    return [
        Face(_flat(x, 0.86, 0.01, z - 0.1, z + 1.2), _SHADOW),
        Face(_box_side(x + side, z, z + 1.1, 0.15, 1.2), _scaled(green, 0.75)),
        Face(_flat(x, 0.84, 1.3, z, z + 1.1), (60, 62, 60)),
        Face(_upright(x - 0.8, x + 0.8, 0.15, 1.2, z), green),
        Face(_upright(x - 0.84, x + 0.84, 1.18, 1.3, z), (50, 54, 50)),
        Face(_upright(x - 0.5, x + 0.5, 0.6, 0.85, z), (66, 86, 60)),
        Face(_upright(x - 0.75, x - 0.6, 0.0, 0.16, z), (20, 20, 20)),
        Face(_upright(x + 0.6, x + 0.75, 0.0, 0.16, z), (20, 20, 20)),
    ]


def _scaled(colour: Colour, by: float) -> Colour:
    b, g, r = (min(255, int(part * by)) for part in colour)
    return b, g, r


def _upright(left: float, right: float, low: float, high: float, z: float) -> List[Point]:
    return [(left, low, z), (right, low, z), (right, high, z), (left, high, z)]


def _flat(x: float, half: float, y: float, near: float, far: float) -> List[Point]:
    return [(x - half, y, near), (x + half, y, near), (x + half, y, far), (x - half, y, far)]


def _box_side(x: float, near: float, far: float, low: float, high: float) -> List[Point]:
    return [(x, low, near), (x, low, far), (x, high, far), (x, high, near)]


def _sloped(
    x: float, low_half: float, high_half: float, low: float, high: float, near: float, far: float
) -> List[Point]:
    return [
        (x - low_half, low, near),
        (x + low_half, low, near),
        (x + high_half, high, far),
        (x - high_half, high, far),
    ]


def _cabin_side(low_x: float, high_x: float, z: float) -> List[Point]:
    return [(low_x, 0.95, z + 0.9), (low_x, 0.95, z + 3.7), (high_x, 1.45, z + 3.2), (high_x, 1.45, z + 1.5)]


def _disc(x: float, y: float, z: float, radius: float) -> List[Point]:
    turns = np.linspace(0.0, 2 * np.pi, 14, endpoint=False)
    return [(x, y + radius * float(np.sin(turn)), z + radius * float(np.cos(turn))) for turn in turns]
