"""Pictures of faces with what was said of them, for the person who enrols."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Sequence, Tuple

import cv2
import numpy as np

from agent.ports import Face, Picture
from agent.vision.annotate import plain

_WIDTH, _HEIGHT, _COLUMNS = 480, 400, 3
_LINE = 40
_FONT = cv2.FONT_HERSHEY_SIMPLEX
_GOOD, _BAD, _WHITE = (80, 160, 40), (40, 40, 225), (255, 255, 255)


@dataclass(frozen=True, eq=False)
class Shown:
    """A picture, the faces that were found in it, each with what to write below it, and the verdict."""

    picture: Picture
    faces: Sequence[Tuple[Face, str]]
    words: str
    good: bool


def contact_sheet(shown: Sequence[Shown]) -> Picture:
    """All of them, three a row, each with its verdict below in green or red."""
    tiles = [_tile(one) for one in shown]
    blank = np.full((_HEIGHT + _LINE, _WIDTH, 3), 30, np.uint8)
    columns = min(_COLUMNS, len(tiles))
    tiles += [blank] * (-len(tiles) % columns)
    rows = [np.hstack(tiles[start : start + columns]) for start in range(0, len(tiles), columns)]
    return np.ascontiguousarray(np.vstack(rows))


def _tile(shown: Shown) -> Picture:
    height, width = shown.picture.shape[:2]
    scale = min(_WIDTH / width, _HEIGHT / height)
    size = (max(1, round(width * scale)), max(1, round(height * scale)))
    small = np.asarray(cv2.resize(shown.picture, size, interpolation=cv2.INTER_AREA), np.uint8)
    colour = _GOOD if shown.good else _BAD
    for face, words in shown.faces:
        left, top, right, bottom = (
            round(value * scale) for value in (face.box.left, face.box.top, face.box.right, face.box.bottom)
        )
        cv2.rectangle(small, (left, top), (right, bottom), colour, 2)
        _write(small, words, (min(max(0, left), size[0] - 12), min(size[1] - 6, bottom + 18)), 0.5)
    tile = np.full((_HEIGHT + _LINE, _WIDTH, 3), 30, np.uint8)
    tile[: size[1], : size[0]] = small
    tile[_HEIGHT:] = colour
    _write(tile, shown.words, (10, _HEIGHT + 26), 0.55)
    return tile


def _write(canvas: Picture, text: str, at: Tuple[int, int], scale: float) -> None:
    """White on a dark strip, smaller where it would not fit between `at` and the right edge."""
    text = plain(text)
    room = max(1, canvas.shape[1] - at[0] - 4)
    (width, height), below = cv2.getTextSize(text, _FONT, scale, 1)
    if width > room:
        scale *= room / width
        (width, height), below = cv2.getTextSize(text, _FONT, scale, 1)
    strip = canvas[max(0, at[1] - height - 3) : at[1] + below, at[0] : at[0] + width + 2]
    strip[:] = (strip * 0.4).astype(np.uint8)
    cv2.putText(canvas, text, at, _FONT, scale, _WHITE, 1, cv2.LINE_AA)
