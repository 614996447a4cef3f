"""A grid of tenths over a picture, to read points off it, and the ways that things should go."""

from __future__ import annotations

from typing import Mapping, Tuple

import cv2
import numpy as np

from agent.domain.geometry import Point
from agent.ports import Picture
from agent.vision.annotate import plain, scale_of

_TENTHS = range(1, 10)
_WHITE, _GREEN, _DARK = (255, 255, 255), (90, 220, 90), (40, 40, 40)
_STRENGTH = 0.45
"""How much of a grid's line is its own colour, and not the picture's."""

_LEGIBLE_PX = 1280
"""The longer side from which letters are legible without looking closely."""


def enlarged(picture: Picture) -> Picture:
    """The picture (H x W x 3, BGR), or one as large as letters on it need."""
    times = _LEGIBLE_PX / max(picture.shape[:2])
    if times <= 1.0:
        return picture
    return np.asarray(cv2.resize(picture, None, fx=times, fy=times, interpolation=cv2.INTER_CUBIC), np.uint8)


def gridded(picture: Picture) -> Picture:
    """A copy of the picture (H x W x 3, BGR) with a line at each tenth of its width and height."""
    height, width = picture.shape[:2]
    lined: Picture = np.array(picture, order="C")
    for tenth in _TENTHS:
        x, y = round(width * tenth / 10), round(height * tenth / 10)
        cv2.line(lined, (x, 0), (x, height - 1), _WHITE)
        cv2.line(lined, (0, y), (width - 1, y), _WHITE)
    return np.asarray(cv2.addWeighted(lined, _STRENGTH, picture, 1 - _STRENGTH, 0.0), np.uint8)


def with_scales(picture: Picture) -> Picture:
    """The picture (H x W x 3, BGR) with a dark margin above and on the left, in which the tenths stand: x
    along the top, y along the left, where nothing drawn on the picture hides them."""
    height, width = picture.shape[:2]
    scale = scale_of(picture) * 0.7
    thick = max(1, round(scale * 2))
    (wide, tall), _ = cv2.getTextSize("0.0", cv2.FONT_HERSHEY_SIMPLEX, scale, thick)
    left, top = wide + 8, tall + 8
    canvas: Picture = np.full((height + top, width + left, 3), _DARK, np.uint8)
    canvas[top:, left:] = picture
    for tenth in _TENTHS:
        x, y = round(width * tenth / 10), round(height * tenth / 10)
        for at in ((left + x - wide // 2, top - 4), (4, top + y + tall // 2)):
            cv2.putText(canvas, f"0.{tenth}", at, cv2.FONT_HERSHEY_SIMPLEX, scale, _WHITE, thick, cv2.LINE_AA)
    return canvas


def with_ways(picture: Picture, ways: Mapping[str, Tuple[Point, Point]]) -> Picture:
    """A copy of the picture (H x W x 3, BGR) with an arrow along each way, and its name beside it."""
    canvas: Picture = np.array(picture, order="C")
    height, width = canvas.shape[:2]
    for name, points in ways.items():
        tail, tip = ((round(x * (width - 1)), round(y * (height - 1))) for x, y in points)
        stroke = max(1, round(4 * scale_of(canvas)))
        cv2.arrowedLine(canvas, tail, tip, _GREEN, stroke, cv2.LINE_AA, tipLength=0.1)
        _name(canvas, name, ((3 * tail[0] + tip[0]) // 4, (3 * tail[1] + tip[1]) // 4))
    return canvas


def _name(canvas: Picture, name: str, beside: Tuple[int, int]) -> None:
    """Green on a dark ground; all of it on the picture where that is wide enough."""
    scale = scale_of(canvas) * 0.7
    thick = max(1, round(scale * 2))
    text = plain(name)
    (wide, tall), _ = cv2.getTextSize(text, cv2.FONT_HERSHEY_SIMPLEX, scale, thick)
    left, bottom = max(0, min(beside[0] + tall, canvas.shape[1] - wide)), max(tall, beside[1])
    cv2.rectangle(canvas, (left - 4, bottom - tall - 4), (left + wide + 4, bottom + 4), _DARK, cv2.FILLED)
    cv2.putText(canvas, text, (left, bottom), cv2.FONT_HERSHEY_SIMPLEX, scale, _GREEN, thick, cv2.LINE_AA)
