"""A grid of tenths over a picture, to read points off it, and the ways that things should go."""

from __future__ import annotations

from typing import Sequence, Tuple

import cv2
import numpy as np

from agent.domain.geometry import Point
from agent.ports import Picture
from agent.vision.annotate import scale_of

_TENTHS = range(1, 10)
_WHITE, _BLACK, _GREEN = (255, 255, 255), (0, 0, 0), (90, 220, 90)
_STRENGTH = 0.45
"""How much of a grid's line is its own colour, and not the picture's."""


def gridded(picture: Picture) -> Picture:
    """A copy of the picture (H x W x 3, BGR) with a line at each tenth of its width and height; numbers
    along the top are x, along the left y."""
    height, width = picture.shape[:2]
    lined: Picture = np.array(picture, order="C")
    for tenth in _TENTHS:
        x, y = round(width * tenth / 10), round(height * tenth / 10)
        cv2.line(lined, (x, 0), (x, height - 1), _WHITE)
        cv2.line(lined, (0, y), (width - 1, y), _WHITE)
    canvas: Picture = np.asarray(cv2.addWeighted(lined, _STRENGTH, picture, 1 - _STRENGTH, 0.0), np.uint8)
    for tenth in _TENTHS:
        _number(canvas, tenth, (width * tenth / 10, 0.0))
        _number(canvas, tenth, (0.0, height * tenth / 10))
    return canvas


def with_ways(picture: Picture, ways: Sequence[Tuple[Point, Point]]) -> Picture:
    """A copy of the picture (H x W x 3, BGR) with an arrow along each way."""
    canvas: Picture = np.array(picture, order="C")
    height, width = canvas.shape[:2]
    for start, end in ways:
        tail, tip = ((round(x * (width - 1)), round(y * (height - 1))) for x, y in (start, end))
        stroke = max(1, round(4 * scale_of(canvas)))
        cv2.arrowedLine(canvas, tail, tip, _GREEN, stroke, cv2.LINE_AA, tipLength=0.1)
    return canvas


def _number(canvas: Picture, tenth: int, at: Tuple[float, float]) -> None:
    """White with a black edge, legible on anything, right below `at` (pixels) and beside it."""
    scale = scale_of(canvas) * 0.6
    thick = max(1, round(scale * 2))
    text = f"0.{tenth}"
    (_, height), _ = cv2.getTextSize(text, cv2.FONT_HERSHEY_SIMPLEX, scale, thick)
    origin = (round(at[0]) + 3, round(at[1]) + height + 4)
    for colour, width in ((_BLACK, thick + 2), (_WHITE, thick)):
        cv2.putText(canvas, text, origin, cv2.FONT_HERSHEY_SIMPLEX, scale, colour, width, cv2.LINE_AA)
