"""Where fire belongs, the picture is as if there were none."""

from __future__ import annotations

from typing import List, Tuple

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.vision.ignored import NOTHING_IGNORED, Ignored
from agent.vision.mask import Polygon

WALL, FLAME = (90, 110, 130), (20, 140, 255)
OVEN: Polygon = ((0.4, 0.4), (0.6, 0.4), (0.6, 0.8), (0.4, 0.8))


def wall(height: int = 100, width: int = 200) -> np.ndarray[Tuple[int, ...], np.dtype[np.uint8]]:
    return np.full((height, width, 3), WALL, np.uint8)


@pytest.mark.parametrize("size", [(100, 200), (1080, 1920), (17, 31)])
def test_a_fire_within_the_zone_is_gone_without_a_trace(size: Tuple[int, int]) -> None:
    burning = wall(*size)
    height, width = size
    burning[round(0.45 * height) : round(0.75 * height), round(0.45 * width) : round(0.55 * width)] = FLAME
    before = burning.copy()
    seen = Ignored({"bakery": [OVEN]}).over("bakery", burning)
    assert (seen == wall(*size)).all()
    assert (burning == before).all(), "the picture itself stays"


def test_what_burns_beside_it_stays() -> None:
    burning = wall()
    burning[10:30, 10:30] = FLAME
    burning[50:60, 90:110] = FLAME
    seen = Ignored({"bakery": [OVEN]}).over("bakery", burning)
    assert (seen[10:30, 10:30] == FLAME).all()
    assert not (seen[40:80, 80:120] == FLAME).all(axis=2).any()


def test_a_flame_that_licks_out_of_it_does_not_colour_it() -> None:
    burning = wall()
    burning[25:70, 95:105] = FLAME
    seen = Ignored({"bakery": [OVEN]}).over("bakery", burning)
    assert (seen[45:75, 85:115] == WALL).all()
    assert (seen[25:39, 95:105] == FLAME).all()


def test_two_zones_side_by_side_do_not_colour_each_other() -> None:
    burning = wall()
    burning[40:80, 80:160] = FLAME
    beside: Polygon = ((0.6, 0.4), (0.8, 0.4), (0.8, 0.8), (0.6, 0.8))
    seen = Ignored({"bakery": [OVEN, beside]}).over("bakery", burning)
    assert (seen[42:78, 82:158] == WALL).all()


def test_a_camera_without_zones_keeps_its_picture() -> None:
    picture = wall()
    assert NOTHING_IGNORED.over("bakery", picture) is picture
    assert Ignored({"bakery": [OVEN], "gate": []}).over("gate", picture) is picture


def test_a_zone_over_all_of_the_picture_leaves_grey() -> None:
    whole: Polygon = ((0.0, 0.0), (1.0, 0.0), (1.0, 1.0), (0.0, 1.0))
    assert (Ignored({"bakery": [whole]}).over("bakery", wall()) == 114).all()


def test_a_camera_that_changes_the_size_of_its_pictures_keeps_its_zones() -> None:
    ignored = Ignored({"bakery": [OVEN]})
    for height, width in ((100, 200), (50, 100), (100, 200)):
        burning = wall(height, width)
        burning[height // 2 : height * 3 // 4, width * 9 // 20 : width * 11 // 20] = FLAME
        assert (ignored.over("bakery", burning) == wall(height, width)).all()


corners = st.lists(st.tuples(st.floats(0, 1), st.floats(0, 1)), min_size=3, max_size=6)


@given(st.lists(corners, max_size=3), st.integers(8, 40), st.integers(8, 40))
def test_on_a_plain_wall_no_zone_is_seen(zones: List[Polygon], height: int, width: int) -> None:
    seen = Ignored({"bakery": zones}).over("bakery", wall(height, width))
    assert all(tuple(colour) in (WALL, (114, 114, 114)) for colour in seen.reshape(-1, 3).tolist())
