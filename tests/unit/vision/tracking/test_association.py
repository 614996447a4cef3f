from __future__ import annotations

from typing import List, Tuple

import numpy as np
import pytest

from agent.domain.box import Box
from agent.vision.tracking.association import Corners, distinct, overlaps, pairs
from agent.vision.tracking.track import corners

WHOLE = Box(0.2, 0.2, 0.4, 0.8)


def rows(*boxes: Box) -> Corners:
    return np.stack([corners(box) for box in boxes])


def test_without_a_buffer_it_is_the_overlap_of_two_boxes() -> None:
    others = [WHOLE, WHOLE.moved(0.1, 0.0), WHOLE.moved(0.5, 0.0)]
    told = overlaps(rows(WHOLE, others[1]), rows(*others))
    assert told.shape == (2, 3)
    assert told[0] == pytest.approx([WHOLE.overlap(other) for other in others])


def test_boxes_that_do_not_touch_overlap_once_they_are_enlarged() -> None:
    apart = WHOLE.moved(0.25, 0.0)
    assert overlaps(rows(WHOLE), rows(apart)) == 0.0
    # Each is 0.2 wide and 0.05 from the other; 0.06 on each side make them 0.32 wide and 0.07 common.
    assert overlaps(rows(WHOLE), rows(apart), 0.3) == pytest.approx(0.07 / (0.64 - 0.07))


def test_a_box_without_an_area_overlaps_nothing() -> None:
    nothing = Box(0.3, 0.3, 0.3, 0.3)
    assert overlaps(rows(nothing), rows(nothing, WHOLE)).tolist() == [[0.0, 0.0]]


@pytest.mark.parametrize(
    ("likeness", "found"),
    [
        ([[0.5, 0.9], [0.8, 0.85]], [(0, 1), (1, 0)]),
        ([[0.2, 0.1], [0.0, 0.1]], [(0, 0)]),
        ([[0.9], [0.9], [0.3]], [(0, 0)]),
        ([[0.1]], []),
    ],
)
def test_the_likest_go_together_and_nothing_twice(
    likeness: List[List[float]], found: List[Tuple[int, int]]
) -> None:
    assert pairs(np.array(likeness), 0.2) == found


@pytest.mark.parametrize(
    ("other", "kept"),
    [
        (WHOLE.moved(0.02, 0.0), [0]),
        (WHOLE.moved(0.1, 0.0), [0, 1]),
        (Box(0.22, 0.2, 0.38, 0.4), [0]),
        (Box(0.0, 0.0, 1.0, 1.0), [0]),
        (Box(0.35, 0.2, 0.45, 0.4), [0, 1]),
    ],
    ids=["nearly the same", "beside it", "its upper half", "all around it", "partly within it"],
)
def test_a_box_of_the_same_thing_is_none_of_its_own(other: Box, kept: List[int]) -> None:
    assert distinct(rows(WHOLE, other), 0.55, 0.8) == kept


def test_what_is_like_one_that_was_left_out_is_kept() -> None:
    far = [WHOLE, WHOLE.moved(0.05, 0.0), WHOLE.moved(0.1, 0.0)]
    assert distinct(rows(*far), 0.55, 0.8) == [0, 2]
