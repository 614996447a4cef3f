"""Which faces are one appearance."""

from __future__ import annotations

from typing import List

from agent.domain.box import Box
from agent.domain.track import Tracker

GAP_S = 0.5


def box(left: float, top: float = 100.0, side: float = 40.0) -> Box:
    return Box(left, top, left + side, top + side)


def looks(tracker: Tracker, *shown: List[Box], start: float = 0.0) -> List[List[int]]:
    return [tracker.look(boxes, start + number * GAP_S) for number, boxes in enumerate(shown)]


def test_a_face_that_moves_by_less_than_its_width_stays_the_same() -> None:
    assert looks(Tracker(), [box(0)], [box(35)], [box(70)], [box(70, top=130)]) == [[1]] * 4


def test_a_face_that_jumps_is_another() -> None:
    assert looks(Tracker(), [box(0)], [box(200)]) == [[1], [2]]


def test_a_face_of_more_than_twice_the_size_is_another() -> None:
    assert looks(Tracker(), [box(100)], [box(80, top=80, side=90)]) == [[1], [2]]
    assert looks(Tracker(), [box(100)], [box(85, top=85, side=70)]) == [[1], [1]]


def test_the_nearest_are_joined_whatever_their_order() -> None:
    assert looks(Tracker(), [box(0), box(60)], [box(55), box(10)]) == [[1, 2], [2, 1]]


def test_one_track_takes_one_face() -> None:
    assert looks(Tracker(), [box(0)], [box(5), box(15)]) == [[1], [1, 2]]


def test_who_was_away_too_long_is_new_and_a_short_miss_is_none() -> None:
    tracker = Tracker(lost_after_s=2.0)
    assert tracker.look([box(0)], 0.0) == [1]
    assert tracker.look([], 1.0) == []
    assert tracker.look([box(0)], 2.0) == [1]
    assert tracker.look([box(0)], 4.1) == [2]
    assert tracker.tracks == [2]


def test_somebody_else_in_the_same_place_is_a_new_track() -> None:
    tracker = Tracker()
    assert tracker.look([box(0)], 0.0) == [1]
    assert tracker.part(1) == 2
    assert tracker.tracks == [2]
    assert tracker.look([box(5)], 0.5) == [2]


def test_a_box_without_a_width_is_nobodys() -> None:
    flat = Box(10.0, 10.0, 10.0, 50.0)
    assert looks(Tracker(), [flat], [flat]) == [[1], [2]]
