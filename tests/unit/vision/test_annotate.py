from __future__ import annotations

from datetime import datetime, timezone

import cv2
import numpy as np
import pytest

from agent.domain.incident import Incident, Kind
from agent.vision.annotate import annotate, caption, encode_jpeg, plain

T0 = datetime(2026, 6, 1, 12, tzinfo=timezone.utc)
CHANGE = Incident.open("i1", "gate", Kind.FIRE, T0, 0.93)


@pytest.mark.parametrize("size", [(720, 1280), (90, 160), (2160, 3840), (8, 8)])
def test_the_picture_keeps_its_size_and_the_original_is_untouched(size: tuple[int, int]) -> None:
    original = np.full((*size, 3), 128, np.uint8)
    drawn = annotate(original, CHANGE, "Gate")
    assert drawn.shape == original.shape
    assert (original == 128).all()
    assert (drawn != original).any()


def test_the_border_has_the_colour_of_the_kind() -> None:
    drawn = annotate(np.zeros((360, 640, 3), np.uint8), CHANGE, "Gate")
    blue, _, red = drawn[-1, 320]
    assert red > 200 > blue


def test_a_name_in_another_script_does_not_fail() -> None:
    annotate(np.zeros((360, 640, 3), np.uint8), CHANGE, "Gare du Nord, étage 2 消防")


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("Gare du Nord, étage 2", "Gare du Nord, etage 2"),
        ("Sacré-Cœur \u2013 l\u2019entrée", "Sacre-Coeur - l'entree"),
        ("Ñandú Ångström Čapek", "Nandu Angstrom Capek"),
        ("消防", "??"),
    ],
)
def test_letters_lose_their_accents_rather_than_become_question_marks(text: str, written: str) -> None:
    assert plain(text) == written


def test_a_drill_is_marked_on_its_picture() -> None:
    black = np.zeros((360, 640, 3), np.uint8)
    drill = Incident.rehearse("i1", "gate", T0, 0.93, actor="telegram:1")
    assert (annotate(black, drill, "Gate") != annotate(black, CHANGE, "Gate")).any()


def test_the_rule_of_a_thing_is_in_the_title() -> None:
    black = np.zeros((360, 640, 3), np.uint8)
    titles = [
        annotate(black, Incident.open("i1", "gate", Kind.OBJECT, T0, 0.93, reason=rule), "Gate")[:20]
        for rule in (None, "yard", "road")
    ]
    assert (titles[0] != titles[1]).any()
    assert (titles[1] != titles[2]).any()


def test_a_note_is_a_line_of_its_own() -> None:
    original = np.full((720, 1280, 3), 128, np.uint8)
    for plainly, noted in (
        (annotate(original, CHANGE, "Gate"), annotate(original, CHANGE, "Gate", "veiled")),
        (caption(original, "Gate 12:00"), caption(original, "Gate 12:00", "veiled")),
    ):
        rows = np.flatnonzero((plainly != noted).any(axis=(1, 2)))
        assert (plainly[rows[0]] == 128).any()
        assert rows[-1] - rows[0] < 40


@pytest.mark.parametrize("size", [(720, 1280), (8, 8)])
def test_a_caption_is_written_across_the_top_alone(size: tuple[int, int]) -> None:
    original = np.full((*size, 3), 128, np.uint8)
    drawn = caption(original, "Gate 12:00")
    assert drawn.shape == original.shape
    assert (original == 128).all()
    assert (drawn[0] != 128).any()
    assert (drawn[size[0] // 2 :] == 128).all() or size[0] == 8


def test_a_view_of_a_larger_picture_can_be_annotated() -> None:
    flipped = np.zeros((360, 640, 3), np.uint8)[:, ::-1]
    assert annotate(flipped, CHANGE, "Gate").shape == (360, 640, 3)


def test_jpeg_bytes_decode_to_the_same_size() -> None:
    data = encode_jpeg(np.full((48, 64, 3), 90, np.uint8), 85)
    decoded = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_COLOR)
    assert decoded is not None
    assert decoded.shape == (48, 64, 3)
