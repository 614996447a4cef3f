from __future__ import annotations

from pathlib import Path
from typing import List, Tuple

import pytest

from agent.domain.box import Box
from agent.domain.detection import Detection
from benchmarks.box_errors import WAYS, mended
from models.boxed_pictures import Scene, Thing
from models.verify_objects import Judged

DRAWN = Box(0.2, 0.2, 0.6, 0.6)
RIGHT, AGAIN = Box(0.2, 0.2, 0.6, 0.58), Box(0.2, 0.2, 0.6, 0.5)
ASIDE, NOWHERE = Box(0.2, 0.2, 0.4, 0.4), Box(0.7, 0.7, 0.9, 0.9)

Told = List[Tuple[str, Box]]


def told(way: str, *boxes: Box, label: str = "fire") -> Told:
    scene = Scene(Path("a.jpg"), (Thing("fire", DRAWN),), frozenset(["fire"]))
    found = [Detection(label, 0.9 - 0.1 * number, box) for number, box in enumerate(boxes)]
    [left] = mended(Judged([scene], [(100, 100)], [found], [], []), WAYS[way]).found
    return [(one.label, one.box) for one in left]


def fires(*boxes: Box) -> Told:
    return [("fire", box) for box in boxes]


ALL = (RIGHT, AGAIN, ASIDE, NOWHERE)


@pytest.mark.parametrize(
    ("way", "left"),
    [
        ("as it is", ALL),
        ("ends in the wrong place: left out", (RIGHT, AGAIN, NOWHERE)),
        ("ends in the wrong place: put right", (RIGHT, AGAIN, NOWHERE)),
        ("double: left out", (RIGHT, ASIDE, NOWHERE)),
        ("of nothing: left out", (RIGHT, AGAIN, ASIDE)),
    ],
)
def test_each_way_mends_its_own_error_alone(way: str, left: Tuple[Box, ...]) -> None:
    assert told(way, *ALL) == fires(*left)


def test_a_box_in_the_wrong_place_is_put_right_once() -> None:
    assert told("ends in the wrong place: put right", ASIDE, ASIDE) == fires(DRAWN)


def test_a_box_of_another_label_is_of_nothing() -> None:
    assert told("of nothing: left out", RIGHT, label="smoke") == []
    assert told("as it is", RIGHT, label="smoke") == [("smoke", RIGHT)]
