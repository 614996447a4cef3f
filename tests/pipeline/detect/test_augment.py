"""Where boxes are after a picture was varied."""

from __future__ import annotations

import random

import numpy as np
import pytest

from models.detect import augment
from models.detect.data import PADDING, Sample

SIDE = 96
EVERY = frozenset({"fire", "smoke"})
RED = (0, 0, 255)


def scene(*boxes: tuple[int, int, int, int, int], labelled: frozenset[str] = EVERY) -> Sample:
    """Black, with every box filled in red."""
    picture = np.zeros((72, SIDE, 3), np.uint8)
    for _, left, top, right, bottom in boxes:
        picture[top:bottom, left:right] = RED
    return Sample(picture, np.array(boxes, np.float32).reshape(-1, 5), labelled)


def redness(sample: Sample) -> list[float]:
    """Share of each box that is red."""
    red = sample.picture[..., 2].astype(int) - sample.picture[..., 1] > 60
    return [
        float(red[round(top) : round(bottom), round(left) : round(right)].mean())
        for _, left, top, right, bottom in sample.boxes.tolist()
    ]


@pytest.mark.parametrize("seed", range(12))
def test_boxes_move_with_what_is_in_them(seed: int) -> None:
    varied = augment.jittered(scene((0, 20, 20, 50, 45)), SIDE, random.Random(seed))
    assert varied.picture.shape == (SIDE, SIDE, 3)
    assert all(share > 0.85 for share in redness(varied))


def test_the_same_seed_gives_the_same_picture() -> None:
    one, same, other = (
        augment.jittered(scene((0, 20, 20, 50, 45)), SIDE, random.Random(seed)).picture for seed in (1, 1, 2)
    )
    assert np.array_equal(one, same)
    assert not np.array_equal(one, other)


@pytest.mark.parametrize("seed", range(8))
def test_a_mosaic_has_the_boxes_of_all_that_were_looked_for_everywhere(seed: int) -> None:
    four = [scene((0, 10, 10, 60, 60)) for _ in range(3)] + [scene(labelled=frozenset({"fire"}))]
    joined = augment.mosaic(four, SIDE, random.Random(seed))
    assert joined.labelled == {"fire"}
    assert joined.picture.shape == (SIDE, SIDE, 3)
    assert all(share > 0.8 for share in redness(joined))
    assert bool((joined.boxes[:, 1:] >= 0).all() and (joined.boxes[:, 1:] <= SIDE).all())


def test_two_pictures_through_each_other_have_the_boxes_of_both() -> None:
    both = augment.mixed(scene((0, 0, 0, 9, 9)), scene((1, 30, 30, 60, 60)), random.Random(1))
    assert both.boxes[:, 0].tolist() == [0, 1]
    assert 0 < both.picture[5, 5, 2] < 255


def test_a_flame_shines_within_its_new_box_alone() -> None:
    dark = scene()
    lit = augment.flames_set(dark, scene((0, 20, 20, 60, 60)), random.Random(1))
    ((label, left, top, right, bottom),) = lit.boxes.astype(int).tolist()
    assert label == 0
    inside = lit.picture[top:bottom, left:right].copy()
    assert int(inside.max()) > 200
    lit.picture[top:bottom, left:right] = 0
    assert int(lit.picture.max()) == 0


@pytest.mark.parametrize(
    "flames", [scene(), scene((1, 20, 20, 60, 60)), scene((0, 20, 20, 60, 21))], ids=["none", "smoke", "thin"]
)
def test_without_a_flame_a_picture_stays(flames: Sample) -> None:
    dark = scene()
    assert augment.flames_set(dark, flames, random.Random(1)) is dark


def test_a_flame_that_nobody_would_see_is_none() -> None:
    faint = Sample(np.full((72, SIDE, 3), 20, np.uint8), np.array([[0, 5, 5, 60, 60]], np.float32), EVERY)
    dark = scene()
    assert augment.flames_set(dark, faint, random.Random(1)) is dark


def test_other_colours_keep_grey_grey() -> None:
    picture = augment.recoloured(np.full((4, 4, 3), PADDING, np.uint8), random.Random(3))
    assert int(picture.max()) - int(picture.min()) == 0


def test_too_little_of_a_box_is_none() -> None:
    boxes = np.array([[0, -95, 0, 5, 50], [1, -50, 0, 50, 50], [0, 0, 0, 2, 50]], np.float32)
    assert augment.cut(boxes, 0, 0, 60, 60).tolist() == [[1, 0, 0, 50, 50]]
