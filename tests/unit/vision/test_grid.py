"""The grid that polygons are written by."""

from __future__ import annotations

from typing import Tuple

import numpy as np
import pytest

from agent.vision.grid import enlarged, gridded, with_scales, with_ways


@pytest.mark.parametrize("size", [(240, 400), (720, 1280), (1080, 1920)])
def test_each_tenth_has_a_line(size: Tuple[int, int]) -> None:
    height, width = size
    grey = np.full((height, width, 3), 60, np.uint8)
    drawn = gridded(grey)
    assert drawn.shape == grey.shape
    assert int(grey.max()) == 60, "the picture itself is as it was"
    middle, side = drawn[round(height * 0.55), :, 0], drawn[:, round(width * 0.55), 0]
    tenths = range(1, 10)
    assert [x for x in range(width) if middle[x] > 100] == [round(width * tenth / 10) for tenth in tenths]
    assert [y for y in range(height) if side[y] > 100] == [round(height * tenth / 10) for tenth in tenths]


@pytest.mark.parametrize("size", [(720, 1280), (1080, 1920), (1280, 720)])
def test_each_tenth_has_a_number_beside_the_picture(size: Tuple[int, int]) -> None:
    height, width = size
    picture = np.full((height, width, 3), 60, np.uint8)
    drawn = with_scales(picture)
    top, left = drawn.shape[0] - height, drawn.shape[1] - width
    assert (drawn[top:, left:] == picture).all(), "nothing is written on the picture"
    above, beside = drawn[:top, :, 0] > 200, drawn[:, :left, 0] > 200
    for tenth in range(1, 10):
        x, y = left + round(width * tenth / 10), top + round(height * tenth / 10)
        assert above[:, x - left // 2 : x + left // 2].any(), f"0.{tenth} along the top"
        assert beside[y - top // 2 : y + top // 2].any(), f"0.{tenth} along the left"
    between = left + round(width * 0.15)
    assert not above[:, between - 3 : between + 3].any()


@pytest.mark.parametrize(
    ("size", "becomes"), [((360, 640), (720, 1280)), ((640, 360), (1280, 720)), ((1080, 1920), (1080, 1920))]
)
def test_a_small_picture_grows_until_letters_are_legible(
    size: Tuple[int, int], becomes: Tuple[int, int]
) -> None:
    assert enlarged(np.zeros((*size, 3), np.uint8)).shape == (*becomes, 3)


def test_a_way_is_an_arrow_from_one_end_to_the_other() -> None:
    dark = np.zeros((100, 200, 3), np.uint8)
    drawn = with_ways(dark, {"x": ((0.1, 0.5), (0.9, 0.5))})
    ys, xs = np.nonzero(drawn[..., 1] > 150)
    assert abs(int(xs.min()) - 20) <= 2
    assert abs(int(xs.max()) - 179) <= 2
    tall = [int(np.ptp(ys[xs == x])) for x in (40, 168)]
    assert tall[1] > tall[0], "its tip is at the second"
    assert with_ways(dark, {}).max() == 0


def test_a_way_has_its_name_beside_it_and_on_the_picture() -> None:
    white = np.full((200, 400, 3), 255, np.uint8)
    drawn = with_ways(white, {"one-way": ((0.97, 0.9), (0.97, 0.1))})
    ground = (drawn == 40).all(axis=2)
    ys, xs = np.nonzero(ground)
    assert int(xs.max()) == 399
    assert int(np.ptp(xs)) > 20
    assert abs(int(ys.mean()) - 140) < 12, "nearer to where it begins"
    assert (drawn[int(ys.min()) : int(ys.max()), int(xs.min()) : 390, 1] > 150).any(), "letters on it"
