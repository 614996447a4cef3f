"""What the gate says, of faces that are laid out to have one fault each."""

from __future__ import annotations

from typing import List, Sequence, Tuple

import cv2
import numpy as np
import pytest

from agent.domain.box import Box
from agent.enrolments import Reason
from agent.faces import gate
from agent.faces.gate import judge
from agent.faces.gate_cover import SIDE, cover, features
from agent.faces.reader import FaceRead, FaceReader
from agent.ports import Face, Picture

STREET: Picture = np.full((400, 400, 3), 90, np.uint8)


def face(
    width: float = 100.0, left: float = 150.0, *, aside: float = 0.0, roll: float = 0.0, score: float = 0.9
) -> Face:
    """A face whose eyes are 45 % of its width apart; `aside` is where the nose is, in those."""
    apart = 0.45 * width
    spots = np.array([(-0.5, 0), (0.5, 0), (aside, 0.6), (-0.4, 1.1), (0.4, 1.1)]) * apart
    turn = np.radians(roll)
    turned = spots @ np.array([[np.cos(turn), np.sin(turn)], [-np.sin(turn), np.cos(turn)]])
    points = (turned + np.array([left + width / 2, 180])).astype(np.float32)
    return Face(Box(left, 150, left + width, 150 + 1.3 * width), score, points)


def textured(contrast: float = 40.0, level: float = 130.0) -> Picture:
    """A chip with edges, as real ones have: rectangles of any grey."""
    rng, grey = np.random.default_rng(1), np.zeros((150, 150))
    for left, top in rng.integers(-20, 150, (400, 2)):
        grey[max(0, top) : top + 25, max(0, left) : left + 25] = rng.normal()
    grey = level + contrast * (grey - np.median(grey)) / grey.std()
    chip: Picture = np.clip(np.repeat(grey[..., None], 3, 2), 0, 255).astype(np.uint8)
    return chip


class Staged:
    """Has what the gate asks of a FaceReader: the given faces, with the given chip."""

    def __init__(self, faces: Sequence[Face], chip: Picture) -> None:
        self.faces, self.cut = list(faces), chip

    def find(self, pictures: Sequence[Picture]) -> List[List[Face]]:
        return [self.faces for _ in pictures]

    def chip(self, picture: Picture, face: Face) -> Picture:
        return self.cut

    def embed(self, picture: Picture, faces: Sequence[Face]) -> List[FaceRead]:
        return [FaceRead(one, self.cut, np.ones(128, np.float32)) for one in faces]


@pytest.fixture(autouse=True)
def _uncovered(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing that is drawn here is a face to the classifier."""
    monkeypatch.setattr(gate, "cover", lambda chip: -1.0)


def said(*faces: Face, chip: Picture = textured()) -> Reason:
    reader: FaceReader = Staged(faces, chip)  # type: ignore[assignment]
    judged = judge(reader, STREET)
    assert (judged.read is not None) is (judged.reason is Reason.ACCEPTED)
    return judged.reason


def test_one_good_face() -> None:
    assert said(face()) is Reason.ACCEPTED


def test_nobody() -> None:
    assert said() is Reason.NO_FACE


@pytest.mark.parametrize(
    ("second", "expected"),
    [
        (face(80, 10), Reason.SEVERAL),
        (face(41, 10), Reason.SEVERAL),
        (face(39, 10), Reason.ACCEPTED),
        (face(80, 10, score=0.65), Reason.ACCEPTED),
    ],
)
def test_who_is_far_behind_does_not_count(second: Face, expected: Reason) -> None:
    assert said(face(), second) is expected


def test_the_largest_face_counts_whatever_the_order() -> None:
    assert said(face(30, 10), face()) is Reason.ACCEPTED


@pytest.mark.parametrize(("width", "expected"), [(59, Reason.SMALL), (61, Reason.ACCEPTED)])
def test_small(width: float, expected: Reason) -> None:
    assert said(face(width)) is expected


@pytest.mark.parametrize("left", [-40.0, -25.0, 328.0, 340.0])
def test_the_edge_cuts_it_off(left: float) -> None:
    assert said(face(left=left)) is Reason.CUT_OFF


@pytest.mark.parametrize("left", [-15.0, 315.0])
def test_a_portrait_may_end_at_the_face(left: float) -> None:
    assert said(face(left=left)) is Reason.ACCEPTED


@pytest.mark.parametrize(
    ("aside", "roll", "expected"),
    [
        (0.3, 0, Reason.ACCEPTED),
        (0.34, 0, Reason.TURNED),
        (-0.5, 0, Reason.TURNED),
        (0, 30, Reason.ACCEPTED),
        (0, -40, Reason.TURNED),
        (0, 90, Reason.TURNED),
        (0.5, 25, Reason.TURNED),
    ],
)
def test_turned(aside: float, roll: float, expected: Reason) -> None:
    assert said(face(aside=aside, roll=roll)) is expected


@pytest.mark.parametrize(
    ("level", "contrast", "expected"),
    [
        (20, 8, Reason.DARK),
        (45, 25, Reason.ACCEPTED),
        (230, 8, Reason.BURNT),
        (205, 80, Reason.BURNT),
        (190, 20, Reason.ACCEPTED),
    ],
)
def test_light(level: float, contrast: float, expected: Reason) -> None:
    """Dark skin with light on it is not dark: the brightest tenth counts."""
    assert said(face(), chip=textured(contrast, level)) is expected


def test_out_of_focus_and_shaken() -> None:
    sharp = textured()
    soft = np.asarray(cv2.GaussianBlur(sharp, (0, 0), 3), np.uint8)
    sideways = np.asarray(cv2.blur(sharp, (15, 1)), np.uint8)
    upwards = np.asarray(cv2.blur(sharp, (1, 15)), np.uint8)
    assert said(face(), chip=sharp) is Reason.ACCEPTED
    for blurred in (soft, sideways, upwards):
        assert said(face(), chip=blurred) is Reason.BLURRED


def test_covered(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(gate, "cover", lambda chip: 1.0)
    assert said(face()) is Reason.COVERED


def drawn_face() -> Picture:
    """A chip with the colours of a face, roughly: skin, two eyes with brows, a nose, a mouth."""
    chip = np.full((150, 150, 3), (120, 150, 200), np.uint8)
    chip[:20] = (40, 50, 60)
    for x in (48, 101):
        cv2.ellipse(chip, (x, 46), (11, 5), 0, 0, 360, (50, 55, 70), -1)
        cv2.line(chip, (x - 14, 34), (x + 14, 34), (60, 70, 90), 4)
    cv2.ellipse(chip, (75, 80), (10, 5), 0, 0, 360, (90, 110, 160), -1)
    cv2.ellipse(chip, (75, 103), (20, 5), 0, 0, 360, (80, 80, 150), -1)
    return np.asarray(cv2.GaussianBlur(chip, (0, 0), 2), np.uint8)


def spot(chip: Picture, top: int, foot: int, colour: Tuple[int, int, int]) -> Picture:
    covered: Picture = np.array(chip)
    covered[top:foot, 15:135] = colour
    return covered


def test_the_classifier_tells_masks_and_dark_glasses() -> None:
    bare = drawn_face()
    masked, shaded = spot(bare, 75, 140, (230, 225, 220)), spot(bare, 32, 60, (20, 20, 20))
    assert cover(bare) < gate.COVERED_ABOVE < min(cover(masked), cover(shaded))


def test_neither_light_nor_tint_is_a_feature() -> None:
    bare = drawn_face().astype(float)
    darker = np.clip(bare * 0.8, 0, 255).astype(np.uint8)
    assert features(darker).shape == (3 * SIDE * SIDE,)
    assert np.abs(features(bare.astype(np.uint8)) - features(darker)).mean() < 0.15
