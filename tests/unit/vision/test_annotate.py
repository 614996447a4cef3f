from __future__ import annotations

from datetime import datetime, timezone

import cv2
import numpy as np
import pytest

from agent.domain.incident import Incident, Kind
from agent.vision.annotate import annotate, encode_jpeg

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


def test_a_view_of_a_larger_picture_can_be_annotated() -> None:
    flipped = np.zeros((360, 640, 3), np.uint8)[:, ::-1]
    assert annotate(flipped, CHANGE, "Gate").shape == (360, 640, 3)


def test_jpeg_bytes_decode_to_the_same_size() -> None:
    data = encode_jpeg(np.full((48, 64, 3), 90, np.uint8), 85)
    decoded = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_COLOR)
    assert decoded is not None
    assert decoded.shape == (48, 64, 3)
