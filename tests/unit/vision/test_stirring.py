"""Flames stir from look to look; what stands still does not, whatever its camera's grain."""

from __future__ import annotations

import numpy as np
import pytest

from agent.domain.box import Box
from agent.ports import Picture
from agent.vision.stirring import stirs

PART = Box(0.25, 0.25, 0.75, 0.75)


def scene(seed: int = 0, grain: float = 0.0) -> Picture:
    steady = np.random.default_rng(1).uniform(40, 200, (60, 80, 3))
    noise = np.random.default_rng(seed).normal(0.0, grain, steady.shape) if grain else 0.0
    return np.clip(steady + noise, 0, 255).astype(np.uint8)


def test_the_same_picture_is_still() -> None:
    assert not stirs(scene(), scene(), PART)


@pytest.mark.parametrize("grain", [2.0, 6.0])
def test_grain_is_no_stirring(grain: float) -> None:
    assert not stirs(scene(2, grain), scene(3, grain), PART)


def test_what_flickers_stirs() -> None:
    now = scene()
    now[20:30, 25:50] = 255
    assert stirs(now, scene(), PART)


def test_a_flame_may_leave_most_of_its_box_as_it_is() -> None:
    now = scene()
    now[15:25, 20:40] = 255  # a sixth of the part
    assert stirs(now, scene(), PART)


def test_what_stirs_elsewhere_does_not_count() -> None:
    now = scene()
    now[50:] = 255
    now[:, 70:] = 0
    assert not stirs(now, scene(), PART)


def test_of_another_size_it_is_not_known_to_be_still() -> None:
    assert stirs(scene(), scene()[:50], PART)


def test_a_flame_whose_red_is_as_bright_as_can_be_stirs_in_the_other_colours() -> None:
    red, yellow = np.zeros((60, 80, 3), np.uint8), np.zeros((60, 80, 3), np.uint8)
    red[20:40, 20:60] = (0, 90, 255)
    yellow[20:40, 20:60] = (0, 160, 255)
    assert stirs(red, yellow, PART)
