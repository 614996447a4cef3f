"""Every face in a picture, the small ones too, within a time: first the whole picture, then parts of it."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Callable, List, Optional

from agent.domain.face import Box
from agent.ports import FaceDetector, Picture

_SIDE = 640
"""Of the detector's input: a part of this size is looked at pixel by pixel."""

_ENOUGH = 1.25
"""A picture this much larger than that needs no second look at its parts."""

_SHARED = 0.15
"""How much of a part its neighbour sees too; larger faces are found in the whole picture."""

_MOST = 12
_MISSED = 16
"""Faces of this many pixels, in the detector's input, may be missed (see docs/data-protection.md)."""


@dataclass(frozen=True)
class Part:
    """A rectangle of whole pixels."""

    left: int
    top: int
    right: int
    bottom: int


@dataclass(frozen=True)
class Search:
    """What was found. Where the time ran out, `closely` are the parts that were looked at all the same, and
    elsewhere a face of up to `missed_px` pixels may have been missed; None where it did not run out."""

    faces: List[Box]
    closely: List[Part]
    missed_px: Optional[float]


def search(detector: FaceDetector, picture: Picture, late: Callable[[], bool]) -> Search:
    """Look at the whole picture, and then at parts of it until `late()`. Raises InferenceError."""
    height, width = picture.shape[:2]
    found = [face.box for face in detector.find([picture])[0]]
    closely: List[Part] = []
    for part in parts(width, height):
        if late():
            return Search(found, closely, _MISSED * max(width, height) / _SIDE)
        seen = picture[part.top : part.bottom, part.left : part.right]
        found += [_moved(face.box, part) for face in detector.find([seen])[0]]
        closely.append(part)
    return Search(found, closely, None)


def parts(width: int, height: int) -> List[Part]:
    """Overlapping parts that cover a picture, twelve at most: of a very large one they are looked at smaller
    than they are. None where the look at the whole picture is close enough."""
    if max(width, height) <= _SIDE * _ENOUGH:
        return []
    side = _SIDE
    while _count(width, side) * _count(height, side) > _MOST:
        side = round(side * 1.25)
    return [
        Part(left, top, min(left + side, width), min(top + side, height))
        for top in _starts(height, side)
        for left in _starts(width, side)
    ]


def _count(length: int, side: int) -> int:
    return max(1, math.ceil((length - _SHARED * side) / ((1 - _SHARED) * side)))


def _starts(length: int, side: int) -> List[int]:
    count = _count(length, side)
    return [round((length - side) * index / (count - 1)) for index in range(count)] if count > 1 else [0]


def _moved(box: Box, part: Part) -> Box:
    return Box(box.left + part.left, box.top + part.top, box.right + part.left, box.bottom + part.top)
