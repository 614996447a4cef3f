"""What a contact sheet shows."""

from __future__ import annotations

import numpy as np

from agent.faces.preview import Shown, contact_sheet
from tests.fakes.faces import FakeFaceDetector, portrait, street


def shown(words: str = "good", *, good: bool = True) -> Shown:
    picture = portrait(1)
    (face,) = FakeFaceDetector().find([picture])[0]
    return Shown(picture, [(face, "Ann")], words, good)


def test_three_a_row_and_green_or_red_below() -> None:
    sheet = contact_sheet([shown(), shown(), shown(), shown("no", good=False)])
    assert sheet.shape == (2 * 440, 3 * 480, 3)
    assert tuple(sheet[430, 470]) == (80, 160, 40)
    assert tuple(sheet[870, 470]) == (40, 40, 225)


def test_one_picture_makes_a_narrow_sheet_with_its_face_framed() -> None:
    sheet = contact_sheet([shown()])
    assert sheet.shape == (440, 480, 3)
    assert (sheet == (80, 160, 40)).all(axis=2)[:400].any()


def test_long_words_stay_inside() -> None:
    words = "there is more than one face: only the person alone " * 4
    assert contact_sheet([shown(words, good=False)]).shape == (440, 480, 3)
    assert tuple(contact_sheet([shown(words, good=False)])[436, 476]) == (40, 40, 225)


def test_a_face_at_the_edge_and_a_picture_of_any_shape_are_drawn() -> None:
    tall = np.ascontiguousarray(np.rot90(portrait(2)))
    (face,) = FakeFaceDetector().find([tall])[0]
    assert contact_sheet([Shown(tall, [(face, "x" * 90)], "good", good=True)]).shape == (440, 480, 3)
    assert contact_sheet([Shown(street(3, 400), [], "bad", good=False)]).shape == (440, 480, 3)
