"""What benchmarks.fire_closer tries, on what, and how it counts."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pytest

from agent.inference.closer import LENS
from benchmarks.fire_closer import CALM, FUSED_ALONE, LENSES, Judged, markdown, scenes, street_frames
from benchmarks.fire_size import SHARES
from benchmarks.fire_size_scenes import Frame, Patch
from models.data import DataError

GREY = np.full((90, 160, 3), 100, np.uint8)


def test_the_setting_that_ships_is_tried_beside_others_and_none() -> None:
    assert LENSES[FUSED_ALONE] is None
    assert list(LENSES.values()).count(LENS) == 1
    assert len(set(LENSES.values())) == len(LENSES)


def test_streets_that_are_judged_elsewhere_are_left_out(tmp_path: Path) -> None:
    for name in ("000000001532.jpg", "mine.jpg"):
        cv2.imwrite(str(tmp_path / name), GREY)
    assert [frame.scene for frame in street_frames(tmp_path)] == ["mine"]
    (tmp_path / "mine.jpg").unlink()
    with pytest.raises(DataError, match="no pictures"):
        street_frames(tmp_path)


def test_every_patch_is_pasted_at_every_size_into_one_street() -> None:
    frames = [Frame("a", GREY), Frame("b", GREY)]
    patch = Patch("flames", "x.jpg", np.full((50, 50, 3), 255, np.uint8))
    made = list(scenes(frames, [patch]))
    assert [(kind, share) for kind, share, _ in made] == [("street", 0.0)] * 2 + [
        ("flames", s) for s in SHARES
    ]
    bright = [int((make() > 180).sum()) for _, _, make in made]
    assert bright[:2] == [0, 0]
    assert bright[2:] == sorted(bright[2:])
    assert bright[-1] > 0


def test_a_row_says_how_many_calm_pictures_alarm_and_what_share_of_flames() -> None:
    low, high = dict.fromkeys(LENSES, 0.1), dict.fromkeys(LENSES, 0.9)
    judged = [Judged(CALM, 0.0, high), Judged(CALM, 0.0, low), Judged("flames", 0.01, high)]
    header, _, row, *_ = markdown(judged, 0.9).splitlines()
    assert header.startswith("| | calm (2) | street (0) | control (0) | flames 0.1 % |")
    assert row.startswith(f"| {FUSED_ALONE} | 1 | 0 | 0 | 0 | 0 | 100 | 0 |")
