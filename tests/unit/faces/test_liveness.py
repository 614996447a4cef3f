"""A solid that turns, and planes that do."""

from __future__ import annotations

from typing import List

import numpy as np
import numpy.typing as npt
import pytest

from agent.faces.liveness import LEAST_DEPTH, depth

_Points = npt.NDArray[np.float64]

HEAD: _Points = np.array([[-32.0, 0, 0], [32, 0, 0], [0, 36, 28], [-26, 70, 6], [26, 70, 6]])
"""Eyes, nose, corners of the mouth in millimetres, z towards the camera."""

PRINT: _Points = HEAD * [1, 1, 0]


def turning(points: _Points, degrees: float, looks: int = 9) -> List[npt.NDArray[np.float32]]:
    """How the points look, far away, while they turn aside by so much and back."""
    seen = []
    for angle in np.radians(degrees) * np.sin(np.linspace(0, np.pi, looks)):
        turned = points[:, 0] * np.cos(angle) + points[:, 2] * np.sin(angle)
        seen.append(np.column_stack([turned, points[:, 1]]).astype(np.float32))
    return seen


def test_a_head_that_turns_shows_its_depth() -> None:
    assert depth(turning(HEAD, 40)) > LEAST_DEPTH
    assert depth(turning(HEAD, 40)) > depth(turning(HEAD, 20)) > depth(turning(HEAD, 5))


@pytest.mark.parametrize("degrees", [0, 20, 60])
def test_a_print_is_flat_however_it_is_turned(degrees: float) -> None:
    assert depth(turning(PRINT, degrees)) < 1e-5


def test_a_print_is_flat_wherever_it_is_held_and_however_near() -> None:
    looks = [
        (one * (1 + 0.1 * step) + [40 * step, -15 * step]).astype(np.float32)
        for step, one in enumerate(turning(PRINT, 30))
    ]
    assert depth(looks) < 1e-5


def test_a_head_that_keeps_still_is_not_told_from_a_print() -> None:
    assert depth(turning(HEAD, 0)) < 1e-5


def test_it_does_not_depend_on_how_many_looks_or_pixels_there_are() -> None:
    few, many = depth(turning(HEAD, 40, 9)), depth(turning(HEAD, 40, 90))
    assert many == pytest.approx(few, rel=0.2)
    assert depth([look * np.float32(7) for look in turning(HEAD, 40)]) == pytest.approx(few, rel=1e-4)


def test_two_looks_say_nothing() -> None:
    assert depth(turning(HEAD, 40)[:2]) == 0.0
    assert depth([]) == 0.0


def test_points_that_fall_together_are_no_division_by_nothing() -> None:
    assert depth([np.zeros((5, 2), np.float32)] * 5) == 0.0
