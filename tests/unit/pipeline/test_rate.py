"""The frame rate is that of the last few seconds."""

from __future__ import annotations

import pytest

from agent.pipeline.rate import FrameRate


def test_it_counts_the_pictures_of_the_window() -> None:
    rate = FrameRate(window_s=5.0)
    for n in range(1000):
        rate.add(n * 0.04)
    assert rate.per_second(999 * 0.04) == pytest.approx(25, abs=0.3)


def test_it_is_right_before_the_window_is_full() -> None:
    rate = FrameRate(window_s=5.0)
    for n in range(11):
        rate.add(100 + n * 0.1)
    assert rate.per_second(101.0) == pytest.approx(11, abs=1)


def test_it_falls_to_nothing_when_nothing_comes() -> None:
    rate = FrameRate(window_s=5.0)
    for n in range(100):
        rate.add(n * 0.1)
    assert 0 < rate.per_second(12.0) < 6
    assert rate.per_second(20.0) == 0.0


def test_one_picture_is_no_rate() -> None:
    rate = FrameRate()
    rate.add(1.0)
    assert rate.per_second(1.1) == 0.0
