"""Media time never goes back, whatever the camera stamps."""

from __future__ import annotations

from typing import List, Optional

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.sources.media_clock import MediaClock


def times(stamps: List[Optional[float]], gap_s: float = 0.1) -> List[float]:
    clock = MediaClock(gap_s)
    return [clock.at(stamp) for stamp in stamps]


def test_it_starts_at_nought() -> None:
    assert times([100.0, 100.5, 101.0]) == [0.0, 0.5, 1.0]


def test_missing_stamps_follow_the_frame_rate() -> None:
    assert times([None, None, None]) == pytest.approx([0.0, 0.1, 0.2])
    assert times([5.0, None, 5.3]) == pytest.approx([0.0, 0.1, 0.3])


def test_stamps_that_start_over_go_on() -> None:
    assert times([50.0, 50.5, 0.0, 0.4]) == pytest.approx([0.0, 0.5, 0.6, 1.0])


@given(st.lists(st.one_of(st.none(), st.floats(-1e6, 1e6))))
def test_it_never_goes_back(stamps: List[Optional[float]]) -> None:
    made = times(stamps)
    assert made == sorted(made)
    assert not made or made[0] == 0.0
