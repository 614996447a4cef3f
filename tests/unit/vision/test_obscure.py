"""What is left of a head, and of a picture that is made coarse."""

from __future__ import annotations

import numpy as np
import pytest

from agent.domain.box import Box
from agent.ports import Picture
from agent.vision.obscure import HEAD_CELLS, coarse, covered


def noise(height: int = 120, width: int = 160) -> Picture:
    return np.random.default_rng(1).integers(0, 256, (height, width, 3), np.uint8)


FACE = Box(60, 50, 100, 90)


def test_the_whole_head_is_covered_and_nothing_beyond_it() -> None:
    picture = noise()
    shown = covered(picture, picture, [FACE])
    changed = (shown != picture).any(axis=2)
    rows, columns = np.flatnonzero(changed.any(axis=1)), np.flatnonzero(changed.any(axis=0))
    assert (rows[0], rows[-1] + 1) == (32, 98)
    assert (columns[0], columns[-1] + 1) == (50, 110)
    assert changed[32:98, 50:110].mean() > 0.9


def test_no_more_is_left_of_a_head_than_a_few_colours() -> None:
    """Two heads of which only the averages agree look the same under it: the rest is gone, not hidden."""
    cells = np.kron(np.ones((HEAD_CELLS, HEAD_CELLS)), np.ones((22, 20)))[..., None]
    stripes = np.where(np.arange(60) % 2, 40, 216)[None, :, None] * cells
    checks = np.where(np.arange(66) % 2, 40, 216)[:, None, None] * cells
    one, other = noise(), noise()
    one[32:98, 50:110], other[32:98, 50:110] = stripes, checks
    assert (one != other).any()
    assert (covered(one, one, [FACE]) == covered(other, other, [FACE])).all()


def test_the_picture_that_came_in_stays_as_it_is() -> None:
    picture = noise()
    kept = picture.copy()
    covered(picture, picture, [FACE])
    coarse(picture, 8)
    assert (picture == kept).all()


def test_the_colours_are_those_of_the_original() -> None:
    grey = np.full((120, 160, 3), 100, np.uint8)
    shown = covered(noise(), grey, [FACE])
    assert (shown[32:98, 50:110] == 100).all()


@pytest.mark.parametrize(
    "face",
    [
        Box(-30, -20, 20, 30),
        Box(140, 100, 190, 150),
        Box(-500, -500, 900, 900),
        Box(500, 500, 540, 540),
        Box(-90, 10, -50, 50),
        Box(80, 60, 80, 60),
        Box(80, 60, 84, 64),
    ],
)
def test_a_face_at_the_edge_outside_or_tiny_is_no_trouble(face: Box) -> None:
    picture = noise()
    shown = covered(picture, picture, [face])
    assert shown.shape == picture.shape
    assert (shown != picture).any() == (face.right > 0 and face.left < 160 and face.width > 0)


@pytest.mark.parametrize("cell", [1000.0, 16.0, 0.01])
def test_a_picture_is_made_coarse_at_its_own_size(cell: float) -> None:
    shown = coarse(noise(), cell)
    assert shown.shape == (120, 160, 3)


def test_what_glows_is_still_seen_in_a_coarse_picture() -> None:
    picture = np.zeros((160, 320, 3), np.uint8)
    picture[60:100, 200:240] = (0, 140, 255)
    shown = coarse(picture, 10)
    assert shown[80, 220, 2] > 200
    assert shown[20, 20].max() < 20


def test_of_heads_that_overlap_the_first_lies_on_top() -> None:
    picture = noise()
    first = covered(picture, picture, [FACE])
    both = covered(picture, picture, [FACE, Box(70, 60, 80, 70)])
    assert (both == first).all()
