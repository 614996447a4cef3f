"""Draw on a picture what is watched in it: things with their tracks, flames and smoke, zones and lines."""

from __future__ import annotations

from typing import Dict, Sequence, Tuple

import cv2
import numpy as np
import numpy.typing as npt

from agent.domain.box import Box
from agent.domain.detection import Detection, Tracked
from agent.domain.evidence import HEAT
from agent.domain.fusion import BURNING
from agent.domain.geometry import Line
from agent.domain.zone import Zone
from agent.ports import Picture
from agent.vision.annotate import plain, scale_of

_Colour = Tuple[int, int, int]

_PEOPLE, _VEHICLES, _ANIMALS, _BAGS = (60, 200, 60), (220, 150, 30), (190, 90, 190), (30, 170, 240)
_FLAMES, _SMOKE, _ROUGHLY = (40, 40, 225), (150, 150, 150), (0, 140, 255)
_COLOURS: Dict[str, _Colour] = {
    "person": _PEOPLE,
    "dog": _ANIMALS,
    "cat": _ANIMALS,
    "bird": _ANIMALS,
    "backpack": _BAGS,
    "handbag": _BAGS,
    "suitcase": _BAGS,
    "fire": _FLAMES,
    "smoke": _SMOKE,
    HEAT: _ROUGHLY,
}
_PLACES = (230, 220, 60)
_BLACK, _WHITE = (0, 0, 0), (255, 255, 255)
_SMALLER, _LEGIBLE = 0.6, 0.35
"""Letters beside a box against those of the title, for a street holds many; the least that is legible."""


def overlaid(
    picture: Picture,
    things: Sequence[Tracked] = (),
    zones: Sequence[Zone] = (),
    lines: Sequence[Line] = (),
    boxes: Sequence[Detection] = (),
) -> Picture:
    """A copy of the picture (H x W x 3, BGR) with all of it drawn on it, letters and strokes as large as the
    picture asks for; of `boxes`, which nobody follows, the first on top."""
    canvas: Picture = np.array(picture, order="C")
    for zone in zones:
        _zone(canvas, zone)
    for line in lines:
        _line(canvas, line)
    for thing in things:
        said = f"{thing.label} #{thing.track} {thing.detection.score:.0%}"
        _box(canvas, thing.detection.box, thing.label, said)
    for one in reversed(boxes):
        _box(canvas, one.box, one.label, _said(one))
    return canvas


def _said(one: Detection) -> str:
    """Of what burns no figure: a box is half of the evidence, and the title says what both halves make."""
    if one.label == HEAT:
        return "about here"
    return one.label if one.label in BURNING else f"{one.label} {one.score:.0%}"


def _box(canvas: Picture, box: Box, label: str, said: str) -> None:
    colour = _COLOURS.get(label, _VEHICLES)
    corners = _pixels(canvas, [(box.left, box.top), (box.right, box.bottom)])
    (left, top), (right, bottom) = corners.tolist()
    cv2.rectangle(canvas, (left, top), (right, bottom), colour, _stroke(canvas))
    _tag(canvas, said, (left, top), colour)


def _zone(canvas: Picture, zone: Zone) -> None:
    corners = _pixels(canvas, zone.corners)
    cv2.polylines(canvas, [corners], True, _PLACES, _stroke(canvas), cv2.LINE_AA)
    highest = corners[np.argmin(corners[:, 1])].tolist()
    _tag(canvas, zone.name, (highest[0], highest[1]), _PLACES)


def _line(canvas: Picture, line: Line) -> None:
    """With an arrow across its middle, the way that counts as `in`: from the left to the right of who looks
    along it."""
    start, end = _pixels(canvas, [line.start, line.end]).astype(float)
    middle, along = (start + end) / 2, end - start
    length = max(float(np.hypot(*along)), 1.0)
    across = np.array([-along[1], along[0]]) / length * min(length / 2, 60 * scale_of(canvas))
    stroke = _stroke(canvas)
    cv2.line(canvas, _point(start), _point(end), _PLACES, stroke, cv2.LINE_AA)
    tail, tip = _point(middle - across / 2), _point(middle + across / 2)
    cv2.arrowedLine(canvas, tail, tip, _PLACES, stroke, cv2.LINE_AA, tipLength=0.4)
    _tag(canvas, line.name, _point(start + along / 4), _PLACES)


def _tag(canvas: Picture, text: str, at: Tuple[int, int], colour: _Colour) -> None:
    """Letters on a ground of that colour, above `at`, or below where there is no room; all of them on the
    picture where it is large enough."""
    scale = max(_LEGIBLE, scale_of(canvas) * _SMALLER)
    thick = max(1, round(scale * 2))
    (width, height), _ = cv2.getTextSize(plain(text), cv2.FONT_HERSHEY_SIMPLEX, scale, thick)
    pad = max(2, round(6 * scale))
    tall, wide = height + 2 * pad, width + 2 * pad
    left = max(0, min(at[0], canvas.shape[1] - wide))
    top = max(0, min(at[1] - tall if at[1] >= tall else at[1], canvas.shape[0] - tall))
    cv2.rectangle(canvas, (left, top), (left + wide, top + tall), colour, cv2.FILLED)
    ink = _BLACK if sum(colour) > 330 else _WHITE
    origin = (left + pad, top + pad + height)
    cv2.putText(canvas, plain(text), origin, cv2.FONT_HERSHEY_SIMPLEX, scale, ink, thick, cv2.LINE_AA)


def _pixels(canvas: Picture, points: Sequence[Tuple[float, float]]) -> npt.NDArray[np.int32]:
    height, width = canvas.shape[:2]
    return np.asarray(np.rint(np.array(points) * (width - 1, height - 1)), np.int32)


def _point(at: npt.NDArray[np.float64]) -> Tuple[int, int]:
    return round(float(at[0])), round(float(at[1]))


def _stroke(canvas: Picture) -> int:
    return max(1, round(3 * scale_of(canvas)))
