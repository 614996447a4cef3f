"""Faces cut out upright: place, size, turn, shrinking, and the edge of the picture."""

from __future__ import annotations

import cv2
import numpy as np
import numpy.typing as npt
import pytest

from agent.faces.chips import SIDE, chip
from agent.faces.predictor import Points
from agent.ports import Picture

MEAN_FACE = np.array(
    [(0.8596, 0.2135), (0.6461, 0.2290), (0.1206, 0.2137), (0.3341, 0.2291), (0.4901, 0.6278)]
)
UPRIGHT = (MEAN_FACE + 0.25) / 1.5 * SIDE
"""Where the points of a chip are."""


def points(scale: float = 1.0, degrees: float = 0.0, left: float = 0.0, top: float = 0.0) -> Points:
    """The points of a face that begins at left, top, turned around there."""
    turn = np.deg2rad(degrees)
    matrix = np.array([[np.cos(turn), -np.sin(turn)], [np.sin(turn), np.cos(turn)]])
    return np.asarray(UPRIGHT @ matrix.T * scale + (left, top), np.float32)


def smooth(height: int = 600, width: int = 800) -> Picture:
    """Grows brighter to the right (blue) and downwards (green)."""
    x, y = np.meshgrid(np.linspace(0, 255, width), np.linspace(0, 255, height))
    return np.stack([x, y, np.zeros_like(x)], axis=2).astype(np.uint8)


def difference(one: Picture, other: npt.NDArray[np.uint8]) -> float:
    return float(np.abs(one.astype(int) - other).mean())


def test_a_face_in_its_place_is_cut_out_as_it_is() -> None:
    picture = smooth()
    cut = chip(picture, points(left=100, top=50))
    assert cut.shape == (SIDE, SIDE, 3)
    assert cut.dtype == np.uint8
    assert difference(cut, picture[50 : 50 + SIDE, 100 : 100 + SIDE]) < 1


@pytest.mark.parametrize("scale", [0.2, 0.5, 1.5, 3.0])
def test_a_face_of_any_size_fills_the_chip(scale: float) -> None:
    picture, side = smooth(), round(SIDE * scale)
    expected = np.asarray(cv2.resize(picture[100 : 100 + side, 60 : 60 + side], (SIDE, SIDE)), np.uint8)
    assert difference(chip(picture, points(scale, left=60, top=100)), expected) < 1.5


def test_a_turned_face_is_set_upright() -> None:
    picture = smooth()
    upright = chip(picture, points(left=300, top=200))
    turn = cv2.getRotationMatrix2D((300, 200), -30, 1)
    turned = np.asarray(cv2.warpAffine(picture, turn, (800, 600)), np.uint8)
    assert difference(chip(turned, points(degrees=30, left=300, top=200)), upright) < 1.5


def test_no_pixel_of_a_large_face_is_passed_over() -> None:
    checks = (np.indices((1400, 1400)).sum(0) % 2 * 255).astype(np.uint8)
    cut = chip(np.repeat(checks[..., None], 3, axis=2), points(8, left=60, top=60))
    assert abs(float(cut.mean()) - 127.5) < 2
    assert float(cut.std()) < 2


@pytest.mark.parametrize(("left", "top"), [(-75, 0), (0, -75), (725, 100), (100, 525)])
def test_what_lies_outside_of_the_picture_is_black(left: float, top: float) -> None:
    cut = chip(np.full((600, 800, 3), 200, np.uint8), points(left=left, top=top))
    assert float((cut == 0).mean()) == pytest.approx(0.5, abs=0.02)


def test_a_face_wholly_outside_is_black() -> None:
    assert not chip(np.full((60, 80, 3), 200, np.uint8), points(left=5000, top=-3000)).any()


def test_a_picture_of_one_row_is_cut_too() -> None:
    assert chip(np.full((1, 3000, 3), 200, np.uint8), points(20)).shape == (SIDE, SIDE, 3)
