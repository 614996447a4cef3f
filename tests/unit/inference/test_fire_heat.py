from __future__ import annotations

from typing import Any, Tuple

import numpy as np
import pytest

from agent.inference.fire_heat import hottest
from agent.vision.preprocess import InputSpec

SQUASHED = InputSpec(224, 224)
BOXED = InputSpec(224, 224, resize="letterbox")
STREET = (1280, 720)


def heat(*hot: Tuple[int, int], size: int = 7) -> Any:
    """0 everywhere but 1 at those rows and columns."""
    places = np.zeros((size, size), np.float32)
    for row, column in hot:
        places[row, column] = 1.0
    return places


def test_the_box_lies_around_the_hot_place() -> None:
    box = hottest(heat((2, 5)), STREET, SQUASHED)
    assert box is not None
    assert ((box.left + box.right) / 2, (box.top + box.bottom) / 2) == pytest.approx(
        (5.5 / 7, 2.5 / 7), abs=0.01
    )
    assert 0.3 / 7 < box.width < 1 / 7


def test_only_the_largest_part_counts() -> None:
    box = hottest(heat((0, 0), (5, 4), (5, 5), (5, 6)), STREET, SQUASHED)
    assert box is not None
    assert box.top > 4 / 7
    assert box.left > 3 / 7


def test_what_counts_as_hot_is_relative() -> None:
    places = heat((3, 3))
    for scaled in (places, 1000 * places, places - 50, 1e-3 * places):
        assert hottest(scaled.astype(np.float32), STREET, SQUASHED) == hottest(places, STREET, SQUASHED)


def test_a_lower_share_gives_a_larger_box() -> None:
    ramp = np.tile(np.arange(7, dtype=np.float32), (7, 1))
    boxes = [hottest(ramp, STREET, SQUASHED, share) for share in (0.2, 0.6, 0.9)]
    assert [box is not None and box.right for box in boxes] == [1.0] * 3
    lefts = [box.left for box in boxes if box is not None]
    assert lefts == sorted(lefts)
    assert lefts[0] < lefts[-1]


def test_padding_is_not_looked_at_and_undone() -> None:
    places = heat((6, 0), (1, 3))  # the first lies in the padding of a picture twice as wide as high
    box = hottest(places, (640, 320), BOXED)
    assert box is not None
    assert ((box.left + box.right) / 2, (box.top + box.bottom) / 2) == pytest.approx(
        (3.5 / 7, 1.5 / 3.5), abs=0.02
    )
    assert box.bottom <= 1.0


def test_a_sliver_of_a_picture_still_has_a_place() -> None:
    box = hottest(np.tile(np.arange(7, dtype=np.float32), (7, 1)), (2000, 1), BOXED)
    assert box is not None
    assert (box.top, box.bottom, box.right) == (0.0, 1.0, 1.0)


@pytest.mark.parametrize("value", [0.0, -3.0, np.nan, np.inf])
def test_a_map_that_says_nothing_gives_no_box(value: float) -> None:
    assert hottest(np.full((7, 7), value, np.float32), STREET, SQUASHED) is None


def test_one_place_that_is_no_number_spoils_the_map() -> None:
    places = heat((2, 2))
    places[4, 4] = np.inf
    assert hottest(places, STREET, SQUASHED) is None
