from __future__ import annotations

from contextlib import closing
from typing import List, Tuple

import numpy as np

from agent.faces.among_people import AmongPeople
from agent.ports import Face, Picture
from tests.fakes.faces import FINDER, FakeFaceDetector, show, street
from tests.fakes.objects import FakeObjectDetector, place


def edges(faces: List[Face]) -> List[Tuple[int, ...]]:
    return [
        tuple(round(edge) for edge in (face.box.left, face.box.top, face.box.right, face.box.bottom))
        for face in faces
    ]


def walker(picture: Picture, x: float, person: int, *, face_down: int = 10) -> Picture:
    """Somebody of 160 x 400 pixels in a picture of 640 x 480, with a face of 60."""
    place(picture, "person", x, 0.9, 0.25, 400 / 480)
    return show(picture, person, round(x * 640) - 30, 32 + face_down, 60)


def test_faces_are_found_where_heads_are_and_said_in_the_whole_picture() -> None:
    picture = walker(walker(street(480, 640), 0.25, 1), 0.75, 2)
    looked = FakeFaceDetector()
    with closing(AmongPeople(FakeObjectDetector(), looked)) as detector:
        first, nobody = detector.find([picture, street(480, 640)])
        assert detector.model == FINDER
    assert sorted(edges(first)) == [(130, 42, 190, 102), (450, 42, 510, 102)]
    assert nobody == []
    whole = FakeFaceDetector().find([picture])[0]
    assert np.allclose(first[0].landmarks, whole[0].landmarks)
    assert looked.closed


def test_a_face_without_a_head_is_not_looked_for() -> None:
    feet = walker(street(480, 640), 0.5, 1, face_down=300)
    poster = show(street(480, 640), 3, 100, 100, 80)
    detector = AmongPeople(FakeObjectDetector(), FakeFaceDetector())
    assert detector.find([feet, poster]) == [[], []]


def test_a_face_that_two_people_share_is_one() -> None:
    picture = street(480, 640)
    for x in (0.4, 0.6):
        place(picture, "person", x, 0.9, 0.19, 0.8)
    show(picture, 1, 296, 60, 48)
    (faces,) = AmongPeople(FakeObjectDetector(), FakeFaceDetector()).find([picture])
    assert edges(faces) == [(296, 60, 344, 108)]


def test_of_a_crowd_the_largest_are_looked_at() -> None:
    crowd = street(480, 1280)
    for number in range(9):
        place(crowd, "person", 0.06 + 0.1 * number, 0.9, 0.05, 0.3 + 0.03 * number)
    faces = FakeFaceDetector()
    AmongPeople(FakeObjectDetector(), faces).find([crowd])
    assert faces.batches == [6]


def test_people_too_small_to_be_told_are_left_alone() -> None:
    faces = FakeFaceDetector()
    far = place(street(480, 640), "person", 0.5, 0.5, 0.03, 0.08)
    assert AmongPeople(FakeObjectDetector(), faces).find([far]) == [[]]
