"""The five points: a small predictor whose answer is known; the real one is compared in tests/integration."""

from __future__ import annotations

from pathlib import Path
from typing import List

import numpy as np
import pytest

from agent.domain.box import Box
from agent.errors import BundleError
from agent.faces.predictor import PREDICTOR, Predictor, hog_box
from agent.ports import Picture
from models.convert.dlib_shape import read_predictor
from tests.fakes.dlib_files import SHAPE, small_predictor

BOX = Box(20, 40, 120, 140)
BEGINNING = np.reshape(SHAPE, (5, 2)) * 100 + (20, 40)
LEFT_EYE, RIGHT_EYE = (80, 70), (60, 70)
"""The inner corners, as the small predictor sees them in BOX."""


@pytest.fixture
def predictor(tmp_path: Path) -> Predictor:
    np.savez(tmp_path / PREDICTOR, **read_predictor(small_predictor(), "points.dat"))  # type: ignore[arg-type]
    return Predictor(tmp_path)


def moved(right: int) -> List[List[float]]:
    """The points, when all were moved as far to the right of where they begin."""
    points: List[List[float]] = (BEGINNING + np.array([right, 0])).tolist()
    return points


def dark() -> Picture:
    return np.zeros((200, 160, 3), np.uint8)


def test_a_bright_pixel_sends_the_points_one_way(predictor: Predictor) -> None:
    picture = dark()
    picture[LEFT_EYE[1], LEFT_EYE[0]] = (0, 0, 153)  # a brightness of 51
    assert predictor.predict(picture, BOX).tolist() == moved(10)


def test_a_pixel_just_as_bright_as_the_threshold_sends_them_the_other(predictor: Predictor) -> None:
    picture = dark()
    picture[LEFT_EYE[1], LEFT_EYE[0]] = (0, 0, 152)  # a brightness of 50: dlib divides whole numbers
    assert predictor.predict(picture, BOX).tolist() == moved(-10)


def test_what_lies_outside_of_the_picture_is_dark(predictor: Predictor) -> None:
    picture = np.full((200, 160, 3), 255, np.uint8)
    outside = Box(120, 40, 220, 140)  # the left eye at x = 180, the right one at 160
    points = predictor.predict(picture, outside)
    assert points.tolist() == moved(100 - 10)
    assert predictor.predict(picture, Box(-500, -500, -400, -400)).shape == (5, 2)


def test_edges_of_the_box_count_in_whole_pixels(predictor: Predictor) -> None:
    near = Box(20.4, 39.6, 119.7, 140.2)
    assert predictor.predict(dark(), near).tolist() == predictor.predict(dark(), BOX).tolist()


def test_the_box_for_it_is_a_square_in_the_detectors_box() -> None:
    box = hog_box(Box(100, 100, 180, 200))
    assert box.width == pytest.approx(82)
    assert box.height == pytest.approx(82)
    assert ((box.left + box.right) / 2, (box.top + box.bottom) / 2) == pytest.approx((137.4, 153.3))


@pytest.mark.parametrize("content", [None, b"", b"no archive", b"PK\x03\x04"])
def test_a_missing_or_damaged_file_is_told(tmp_path: Path, content: bytes) -> None:
    if content is not None:
        (tmp_path / PREDICTOR).write_bytes(content)
    with pytest.raises(BundleError, match=r"predictor\.npz is missing or damaged"):
        Predictor(tmp_path)


def test_an_archive_without_the_arrays_is_told(tmp_path: Path) -> None:
    np.savez(tmp_path / PREDICTOR, shape=np.zeros((5, 2)))
    with pytest.raises(BundleError, match="install the bundle again"):
        Predictor(tmp_path)
