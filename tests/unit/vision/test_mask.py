from __future__ import annotations

from typing import Tuple

import cv2
import numpy as np
import pytest

from agent.domain.zone import Zone
from agent.ports import Picture
from agent.vision.mask import NO_MASKS, Masks, Polygon, blacked_out

SQUARE = ((0.25, 0.25), (0.5, 0.25), (0.5, 0.75), (0.25, 0.75))
SLANTED = ((0.1, 0.9), (0.47, 0.13), (0.93, 0.61))


def white(height: int, width: int) -> Picture:
    return np.full((height, width, 3), 255, np.uint8)


def inside(polygon: Polygon, height: int, width: int) -> np.ndarray[Tuple[int, int], np.dtype[np.bool_]]:
    """Whether the middle of each pixel lies in the polygon."""
    zone = Zone("mask", tuple(polygon))
    return np.array(
        [[zone.holds((x + 0.5) / width, (y + 0.5) / height) for x in range(width)] for y in range(height)]
    )


@pytest.mark.parametrize("polygon", [SQUARE, SLANTED])
@pytest.mark.parametrize("size", [(36, 64), (37, 61), (90, 160)])
def test_every_pixel_of_a_mask_is_black_and_little_else(polygon: Polygon, size: Tuple[int, int]) -> None:
    picture = white(*size)
    masked = blacked_out(picture, [polygon])
    black = (masked == 0).all(axis=2)
    within = inside(polygon, *size)
    assert black[within].all()
    near = cv2.dilate(within.astype(np.uint8), np.ones((11, 11), np.uint8)) > 0
    assert not black[~near].any(), "black further than five pixels from the mask"
    assert (picture == 255).all(), "the original stays as it is"


def test_masks_that_overlap_hide_what_both_cover() -> None:
    masked = blacked_out(white(40, 40), [SQUARE, SQUARE])
    assert (masked[20, 15] == 0).all()


def test_a_mask_as_large_as_the_picture_leaves_nothing() -> None:
    assert not blacked_out(white(20, 30), [((0, 0), (1, 0), (1, 1), (0, 1))]).any()


def test_each_camera_has_its_own_and_another_keeps_its_picture() -> None:
    masks = Masks({"gate": [SQUARE], "yard": []})
    picture = white(40, 40)
    assert not masks.over("gate", picture)[20, 15].any()
    assert masks.over("yard", picture) is picture
    assert masks.over("roof", picture) is picture
    assert NO_MASKS.over("gate", picture) is picture
