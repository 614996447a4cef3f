"""The whole picture is searched, and its parts as long as there is time."""

from __future__ import annotations

from typing import List, Sequence

import numpy as np
import pytest

from agent.domain.box import Box
from agent.faces.veil_search import parts, search
from agent.ports import Face, Picture
from tests.fakes.faces import FakeFaceDetector, show, street


@pytest.mark.parametrize(("width", "height"), [(320, 240), (400, 300), (250, 400), (1, 1)])
def test_a_small_picture_has_no_parts(width: int, height: int) -> None:
    assert parts(width, height) == []


@pytest.mark.parametrize(
    ("width", "height", "count"),
    [(480, 270, 2), (640, 360, 6), (1280, 720, 18), (1080, 1920, 18), (3840, 2160, 18), (4000, 10, 18)],
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
    lefts = sorted({part.left for part in parts(1280, 720)})
    assert all(left + 320 - following >= 96 for left, following in zip(lefts, lefts[1:]))


def test_what_is_found_in_a_part_is_where_it_is_in_the_picture() -> None:
    picture = show(street(720, 1280), 3, 1230, 670, side=40)
    found = search(FakeFaceDetector(), picture, lambda: False)
    assert len(found.faces) == 2  # in the whole, and in one part
    assert {(box.left, box.top, box.right, box.bottom) for box in found.faces} == {(1230, 670, 1270, 710)}
    assert found.missed_px is None


def test_when_it_is_late_the_look_at_the_whole_picture_was_taken_all_the_same() -> None:
    picture = show(street(1080, 1920), 3, 100, 100)
    detector = FakeFaceDetector()
    found = search(detector, picture, lambda: True)
    assert detector.batches == [1]
    assert len(found.faces) == 1
    assert found.closely == []
    assert found.missed_px == pytest.approx(120)


def test_a_picture_without_parts_is_never_late() -> None:
    assert search(FakeFaceDetector(), street(), lambda: True).missed_px is None


def test_without_a_close_look_the_whole_picture_is_all_that_is_looked_at() -> None:
    detector = FakeFaceDetector()
    found = search(detector, show(street(1080, 1920), 3, 100, 100), lambda: False, closely=False)
    assert detector.batches == [1]
    assert len(found.faces) == 1
    assert found.missed_px is None


class DoubtfulDetector(FakeFaceDetector):
    """Finds one face, so wide and so surely, in every picture."""

    def __init__(self, width: float, score: float) -> None:
        super().__init__()
        self._face = Face(Box(10, 10, 10 + width, 10 + width), score, np.zeros((5, 2), np.float32))

    def find(self, pictures: Sequence[Picture]) -> List[List[Face]]:
        return [[self._face] for _ in pictures]


@pytest.mark.parametrize(
    ("width", "score", "found"),
    [
        (20, 0.21, True),
        (20, 0.19, False),
        (40, 0.46, True),
        (40, 0.44, False),
        (100, 0.61, True),
        (100, 0.59, False),
    ],
)
def test_the_larger_a_face_looks_the_surer_the_detector_must_be(
    width: float, score: float, found: bool
) -> None:
    """The picture is looked at in twice its size."""
    assert bool(search(DoubtfulDetector(width, score), street(), lambda: False).faces) == found
