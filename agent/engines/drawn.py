"""Drawn faces to try engines with: the same on every device and for ever, and nobody's."""

from __future__ import annotations

from typing import List, NamedTuple, Tuple

import cv2
import numpy as np

from agent.ports import Picture

Colour = Tuple[int, int, int]

_WIDTH, _HEIGHT = 640, 480
_BACKGROUNDS: Tuple[Colour, ...] = ((90, 110, 100), (170, 160, 150), (60, 60, 70))


class _Person(NamedTuple):
    """Colours in BGR; `eyes` is the distance from the middle to an eye and `mouth` the width of it, both as
    parts of the side of the picture."""

    skin: Colour
    hair: Colour
    shirt: Colour
    eyes: float
    mouth: float


_PEOPLE = (
    _Person((140, 170, 215), (30, 40, 60), (120, 60, 40), 0.090, 0.080),
    _Person((80, 110, 160), (15, 15, 20), (60, 160, 60), 0.085, 0.100),
    _Person((165, 190, 230), (90, 150, 190), (40, 40, 160), 0.095, 0.070),
    _Person((55, 75, 115), (10, 10, 10), (200, 200, 200), 0.100, 0.090),
)


def scenes() -> List[Picture]:
    """Pictures of 640 x 480 with three faces each, 90 to 140 pixels high."""
    return [_scene(background, turn) for turn, background in enumerate(_BACKGROUNDS)]


def chips(side: int) -> List[Picture]:
    """Pictures of `side` x `side` that a face each fills."""
    found = []
    for background in _BACKGROUNDS:
        for person in _PEOPLE:
            edge = side // 4
            whole = _face(person, 2 * side, background)
            found.append(np.ascontiguousarray(whole[2 * edge : 2 * edge + side, 2 * edge : 2 * edge + side]))
    return found


def _scene(background: Colour, turn: int) -> Picture:
    canvas: Picture = np.full((_HEIGHT, _WIDTH, 3), background, np.uint8)
    left = 5
    for number, side in enumerate((170, 200, 240)):
        person = _PEOPLE[(number + turn) % len(_PEOPLE)]
        top = 20 + 60 * ((number + turn) % 3)
        canvas[top : top + side, left : left + side] = _face(person, side, background)
        left += side + 5
    return canvas


def _face(person: _Person, side: int, background: Colour) -> Picture:
    """Head and shoulders; the face is a little over half of the side high."""
    canvas: Picture = np.full((side, side, 3), background, np.uint8)

    def at(x: float, y: float) -> Tuple[int, int]:
        return round(x * side), round(y * side)

    def oval(x: float, y: float, width: float, height: float, colour: Colour) -> None:
        cv2.ellipse(canvas, at(x, y), at(width, height), 0, 0, 360, colour, -1, cv2.LINE_AA)

    def bow(x: float, y: float, size: Tuple[int, int], start: int, colour: Colour) -> None:
        thick = max(1, round(0.015 * side))
        cv2.ellipse(canvas, at(x, y), size, 0, start, start + 180, colour, thick, cv2.LINE_AA)

    shade = _darker(person.skin)
    oval(0.5, 0.95, 0.4, 0.22, person.shirt)
    cv2.rectangle(canvas, at(0.42, 0.65), at(0.58, 0.82), shade, -1)
    oval(0.5, 0.45, 0.27, 0.34, person.hair)
    oval(0.5, 0.5, 0.22, 0.29, person.skin)
    for x in (0.5 - person.eyes, 0.5 + person.eyes):
        oval(x, 0.45, 0.05, 0.025, (235, 235, 235))
        oval(x, 0.45, 0.022, 0.022, (40, 40, 40))
        bow(x, 0.40, at(0.06, 0.02), 180, person.hair)
    cv2.line(canvas, at(0.5, 0.45), at(0.49, 0.57), shade, max(1, round(0.02 * side)), cv2.LINE_AA)
    bow(0.5, 0.58, at(0.045, 0.02), 0, shade)
    oval(0.5, 0.66, person.mouth, 0.025, (90, 90, 180))
    return np.asarray(cv2.GaussianBlur(canvas, (0, 0), side / 150), np.uint8)


def _darker(colour: Colour) -> Colour:
    blue, green, red = (round(0.8 * value) for value in colour)
    return blue, green, red
