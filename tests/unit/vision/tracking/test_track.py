from __future__ import annotations

import pytest

from agent.domain.box import Box
from agent.domain.detection import Detection
from agent.vision.tracking.track import Track, corners

BOX = Box(0.1, 0.4, 0.2, 0.8)


def seen(box: Box, label: str = "person", score: float = 0.8) -> Detection:
    return Detection(label, score, box)


def test_what_was_seen_once_is_expected_where_it_is() -> None:
    assert Track(seen(BOX), 5.0).expected(7.0) == pytest.approx(corners(BOX))


def test_what_moves_goes_on() -> None:
    track = Track(seen(BOX), 0.0)
    for step in range(1, 6):
        track.take(seen(BOX.moved(0.02 * step, -0.01 * step)), 0.2 * step)
    assert track.expected(1.5) == pytest.approx(corners(BOX.moved(0.15, -0.075)))
    assert (track.seen, track.latest[0]) == (1.0, pytest.approx(0.2))


def test_two_looks_say_little_of_its_speed() -> None:
    track = Track(seen(BOX), 0.0)
    track.take(seen(BOX.moved(0.06, 0.0)), 0.1)
    assert track.expected(0.2)[0] == pytest.approx(0.16 + 0.01)


def test_only_the_last_second_says_how_fast_it_is() -> None:
    track = Track(seen(BOX), 0.0)
    for step in range(1, 11):
        track.take(seen(BOX.moved(0.1, 0.0)), 0.2 * step)
    assert track.expected(2.2) == pytest.approx(corners(BOX.moved(0.1, 0.0)))


def test_what_grows_on_the_spot_does_not_move() -> None:
    track = Track(seen(BOX), 0.0)
    track.take(seen(Box(0.05, 0.3, 0.25, 0.9)), 1.0)
    assert track.expected(2.0) == pytest.approx([0.05, 0.3, 0.25, 0.9])


def test_looks_that_are_rare_still_tell_its_speed() -> None:
    track = Track(seen(BOX), 0.0)
    track.take(seen(BOX.moved(0.2, 0.0)), 4.0)
    assert track.expected(6.0)[0] == pytest.approx(0.4)


def test_it_is_called_what_it_was_called_most_surely() -> None:
    track = Track(seen(BOX, "truck", 0.5), 0.0)
    assert track.label == "truck"
    track.take(seen(BOX, "car", 0.4), 0.2)
    assert track.label == "truck"
    track.take(seen(BOX, "car", 0.4), 0.4)
    assert track.label == "car"


def test_what_is_doubted_is_confirmed_by_a_second_look() -> None:
    track = Track(seen(BOX), 0.0, confirmed=False)
    assert not track.confirmed
    track.take(seen(BOX), 0.2)
    assert track.confirmed
