"""The grid that polygons are written by."""

from __future__ import annotations

from typing import Tuple

import numpy as np
import pytest

from agent.vision.grid import gridded, with_ways


@pytest.mark.parametrize("size", [(240, 400), (720, 1280), (1080, 1920)])
def test_each_tenth_has_a_line_and_a_number(size: Tuple[int, int]) -> None:
    height, width = size
    grey = np.full((height, width, 3), 60, np.uint8)
    drawn = gridded(grey)
    assert drawn.shape == grey.shape
    assert int(grey.max()) == 60, "the picture itself is as it was"
    middle = drawn[round(height * 0.55), :, 0]
    assert [x for x in range(width) if middle[x] > 100] == [
        round(width * tenth / 10) for tenth in range(1, 10)
    ]
    for tenth in range(1, 10):
        x, y = round(width * tenth / 10), round(height * tenth / 10)
        assert drawn[2:12, x + 2 : x + 20].max() > 200, "a number at the top"
        assert drawn[y + 2 : y + 16, 2:20].max() > 200, "a number at the left"


def test_a_way_is_an_arrow_from_one_end_to_the_other() -> None:
    dark = np.zeros((100, 200, 3), np.uint8)
    drawn = with_ways(dark, [((0.1, 0.5), (0.9, 0.5))])
    ys, xs = np.nonzero(drawn[..., 1])
    assert abs(int(xs.min()) - 20) <= 2
    assert abs(int(xs.max()) - 179) <= 2
    tall = [int(np.ptp(ys[xs == x])) for x in (40, 168)]
    assert tall[1] > tall[0], "its tip is at the second"
    assert with_ways(dark, []).max() == 0
