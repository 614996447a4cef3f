"""Which way a line is crossed, and which way something goes."""

from __future__ import annotations

from typing import Optional

import pytest

from agent.domain.geometry import IN, OUT, Line, Point, turned_from

ACROSS = Line("street", (0.1, 0.5), (0.9, 0.5))
"""To the right: what comes down, towards the camera, goes in."""


@pytest.mark.parametrize(
    ("before", "after", "way"),
    [
        ((0.5, 0.4), (0.5, 0.6), IN),
        ((0.5, 0.6), (0.5, 0.4), OUT),
        ((0.2, 0.49), (0.8, 0.51), IN),
        ((0.5, 0.1), (0.5, 0.4), None),
        ((0.05, 0.4), (0.05, 0.6), None),
        ((0.95, 0.4), (0.95, 0.6), None),
        ((0.5, 0.4), (0.5, 0.5), IN),
        ((0.5, 0.5), (0.5, 0.6), None),
        ((0.5, 0.5), (0.5, 0.4), OUT),
        ((0.2, 0.5), (0.8, 0.5), None),
        ((0.5, 0.4), (0.5, 0.4), None),
    ],
)
def test_a_line_is_crossed_between_its_ends(before: Point, after: Point, way: Optional[str]) -> None:
    assert ACROSS.crossed(before, after) == way
    turned = Line("turned", ACROSS.end, ACROSS.start)
    if 0.5 not in (before[1], after[1]):
        assert turned.crossed(before, after) == {IN: OUT, OUT: IN, None: None}[way]


def test_two_lines_that_meet_leave_no_gap_and_count_nothing_twice() -> None:
    left, right = Line("left", (0.1, 0.5), (0.5, 0.5)), Line("right", (0.5, 0.5), (0.9, 0.5))
    ways = [line.crossed((0.5, 0.4), (0.5, 0.6)) for line in (left, right)]
    assert ways.count(IN) == 1


@pytest.mark.parametrize(
    ("after", "degrees"),
    [((0.9, 0.5), 0.0), ((0.5, 0.9), 90.0), ((0.5, 0.1), 90.0), ((0.1, 0.5), 180.0), ((0.1, 0.1), 135.0)],
)
def test_a_turn_is_measured_the_short_way_round(after: Point, degrees: float) -> None:
    assert turned_from((0.5, 0.5), after, ((0.2, 0.2), (0.7, 0.2))) == pytest.approx(degrees)
    assert turned_from((0.5, 0.5), after, ((0.7, 0.2), (0.2, 0.2))) == pytest.approx(180.0 - degrees)
