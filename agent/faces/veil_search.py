"""Every face in a picture, the small ones too, within a time: first the whole picture, then parts of it."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Callable, List, Optional

from agent.domain.box import Box
from agent.ports import FaceDetector, Picture

_INPUT = 640
"""Of the detector: the longer side of what it looks at is made this long."""

_SIDE = 320
"""Of a part: at twice its size, faces of 20 pixels are found."""

_ENOUGH = 1.25
"""A picture this much larger than a part needs no second look."""

_SHARED = 0.3
"""How much of a part its neighbour sees too; larger faces are found in the whole picture."""

_MOST = 18
_MISSED = 40
"""Faces of this many pixels, in the detector's input, are missed now and then."""

_SURE = ((48, 0.2), (100, 0.45), (math.inf, 0.6))
"""How sure the detector must be of a face of at most so many pixels in its input. Flames and smoke look like
large faces to it, at scores that real ones have only where they are small (by `benchmarks.privacy`). Half of
0.2 for the smallest, with 0.2 up to 80 pixels, leaves 2 of 60 small faces instead of 3, and touches 95 fires
of 600 instead of 13."""

LEAST = min(score for _, score in _SURE)


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


def search(
    detector: FaceDetector, picture: Picture, late: Callable[[], bool], closely: bool = True
) -> Search:
    """Look at the whole picture, then, if `closely`, at parts of it until `late()`. Raises InferenceError."""
    height, width = picture.shape[:2]
    found = _found(detector, picture, Part(0, 0, width, height))
    seen: List[Part] = []
    for part in parts(width, height) if closely else []:
        if late():
            return Search(found, seen, _MISSED * max(width, height) / _INPUT)
        found += _found(detector, picture, part)
        seen.append(part)
    return Search(found, seen, None)


def parts(width: int, height: int) -> List[Part]:
    """Overlapping parts that cover a picture, eighteen at most: those of a larger picture are larger. None
    where the look at the whole picture is close enough."""
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


def _found(detector: FaceDetector, picture: Picture, part: Part) -> List[Box]:
    """The faces in a part of which the detector is sure enough, where they are in the picture."""
    seen = picture[part.top : part.bottom, part.left : part.right]
    scale = _INPUT / max(seen.shape[:2])
    faces = detector.find([seen])[0]
    return [
        face.box.moved(part.left, part.top) for face in faces if face.score >= _needed(face.box.width * scale)
    ]


def _needed(width: float) -> float:
    return next(score for most, score in _SURE if width <= most)
