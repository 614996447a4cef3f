"""One box a face, and the faces that may be seen."""

from __future__ import annotations

from typing import List

import pytest

from agent.domain.box import Box
from agent.faces.veil_boxes import merged, without

FACE = Box(100, 100, 140, 140)
TWIN = Box(104, 102, 146, 144)
OTHER = Box(300, 100, 340, 140)


def test_a_face_that_was_found_twice_is_one_that_reaches_around_both() -> None:
    assert sorted(merged([FACE, OTHER, TWIN]), key=lambda box: box.left) == [Box(100, 100, 146, 144), OTHER]


@pytest.mark.parametrize(
    ("clear", "left"),
    [
        ([], [FACE, OTHER]),
        ([FACE], [OTHER]),
        ([TWIN], [OTHER]),
        ([FACE, OTHER], []),
        ([FACE, TWIN], [OTHER]),
        ([Box(0, 0, 640, 480)], [FACE, OTHER]),
        ([Box(130, 130, 170, 170)], [FACE, OTHER]),
    ],
)
def test_only_the_face_that_may_be_seen_is_left_out(clear: List[Box], left: List[Box]) -> None:
    assert without([FACE, OTHER], clear) == left


def test_of_two_faces_in_one_place_one_at_most_is_shown() -> None:
    assert without([FACE, TWIN], [FACE]) == [TWIN]
    assert without([], [FACE]) == []


def test_a_slice_of_a_face_belongs_to_it() -> None:
    assert merged([FACE, Box(100, 100, 110, 140)]) == [FACE]
