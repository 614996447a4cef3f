"""The whole picture is searched, and its parts as long as there is time."""

from __future__ import annotations

import numpy as np
import pytest

from agent.faces.veil_search import parts, search
from tests.fakes.faces import FakeFaceDetector, show, street


@pytest.mark.parametrize(("width", "height"), [(320, 240), (640, 640), (800, 600), (1, 1)])
def test_a_small_picture_has_no_parts(width: int, height: int) -> None:
    assert parts(width, height) == []


@pytest.mark.parametrize(
    ("width", "height", "count"),
    [(1280, 720, 6), (1920, 1080, 8), (1080, 1920, 8), (2560, 1440, 8), (3840, 2160, 8), (4000, 10, 8)],
)
def test_the_parts_cover_every_pixel_and_are_few(width: int, height: int, count: int) -> None:
    seen = np.zeros((height, width), bool)
    for part in parts(width, height):
        assert 0 <= part.left < part.right <= width
        assert 0 <= part.top < part.bottom <= height
        seen[part.top : part.bottom, part.left : part.right] = True
    assert seen.all()
    assert len(parts(width, height)) == count


def test_neighbours_share_enough_for_a_small_face_to_be_whole_in_one() -> None:
    lefts = sorted({part.left for part in parts(1920, 1080)})
    assert all(left + 640 - following >= 96 for left, following in zip(lefts, lefts[1:]))


def test_what_is_found_in_a_part_is_where_it_is_in_the_picture() -> None:
    picture = show(street(720, 1280), 3, 1200, 660, side=40)
    found = search(FakeFaceDetector(), picture, lambda: False)
    assert len(found.faces) == 2  # in the whole, and in one part
    assert {(box.left, box.top, box.right, box.bottom) for box in found.faces} == {(1200, 660, 1240, 700)}
    assert found.missed_px is None


def test_when_it_is_late_the_look_at_the_whole_picture_was_taken_all_the_same() -> None:
    picture = show(street(1080, 1920), 3, 100, 100)
    detector = FakeFaceDetector()
    found = search(detector, picture, lambda: True)
    assert detector.batches == [1]
    assert len(found.faces) == 1
    assert found.closely == []
    assert found.missed_px == pytest.approx(48)


def test_a_picture_without_parts_is_never_late() -> None:
    assert search(FakeFaceDetector(), street(), lambda: True).missed_px is None
