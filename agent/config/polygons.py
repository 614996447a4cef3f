"""Points, lines and polygons as they are written in the configuration: `0.1,0.2 0.6,0.2 0.6,0.9`."""

from __future__ import annotations

import re
from typing import Tuple

from pydantic.functional_validators import AfterValidator
from pydantic_core import PydanticCustomError
from typing_extensions import Annotated

from agent.config.section import RULE, Says

_POINT = re.compile(r"(\d*\.?\d+)\s*,\s*(\d*\.?\d+)")

Points = Tuple[Tuple[float, float], ...]
"""(x, y) each, as shares of the picture's width and height from its left top."""


def corners(polygon: str) -> Points:
    """The corners of a polygon as it is written: (x, y) each, in 0..1 from the picture's left top.

    Raises ValueError where a corner is not two such numbers, or there are fewer than three.
    """
    found = _points(polygon)
    if len(found) < 3:
        raise ValueError(f"not a polygon: {polygon}")
    return found


def ends(line: str) -> Tuple[Tuple[float, float], Tuple[float, float]]:
    """The two ends of a line, written as corners are. Raises ValueError where it is none."""
    found = _points(line)
    if len(found) != 2 or found[0] == found[1]:
        raise ValueError(f"not a line: {line}")
    return found[0], found[1]


def _points(text: str) -> Points:
    found = []
    for part in text.split():
        point = _POINT.fullmatch(part)
        if point is None:
            raise ValueError(f"not a point: {part}")
        found.append((float(point[1]), float(point[2])))
    if any(not 0.0 <= value <= 1.0 for point in found for value in point):
        raise ValueError(f"not within the picture: {text}")
    return tuple(found)


def _polygon(text: str) -> str:
    try:
        corners(text)
    except ValueError:
        raise _refused(
            "is not a polygon", "Write three corners or more, x,y each from 0 to 1: 0.1,0.2 0.6,0.2 0.6,0.9"
        ) from None
    return text


def _line(text: str) -> str:
    try:
        ends(text)
    except ValueError:
        raise _refused("is not a line", "Write its two ends, x,y each from 0 to 1: 0.1,0.6 0.9,0.6") from None
    return text


def _refused(problem: str, remedy: str) -> PydanticCustomError:
    return PydanticCustomError(RULE, "{problem}. {remedy}", {"problem": problem, "remedy": remedy})


Polygon = Annotated[
    str, AfterValidator(_polygon), Says("three or more corners, x,y each from 0 to 1 (left top is 0,0)")
]
Line = Annotated[str, AfterValidator(_line), Says("two ends, x,y each from 0 to 1 (left top is 0,0)")]
