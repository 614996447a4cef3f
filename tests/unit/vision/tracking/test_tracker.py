from __future__ import annotations

from typing import List, Tuple

import pytest

from agent.domain.box import Box
from agent.domain.detection import Detection, Tracked
from agent.vision.tracking.tracker import BufferedTracker

LOOK_S = 0.2


def at(x: float, label: str = "person", score: float = 0.8, width: float = 0.04) -> Detection:
    return Detection(label, score, Box(x - width / 2, 0.4, x + width / 2, 0.6))


class Street:
    """A tracker, and the time that passes."""

    def __init__(self) -> None:
        self.tracker = BufferedTracker()
        self.now = 0.0

    def look(self, *things: Detection, after_s: float = LOOK_S) -> List[Tracked]:
        self.now += after_s
        return self.tracker.look(things, self.now)

    def names(self, *things: Detection, after_s: float = LOOK_S) -> List[Tuple[int, str]]:
        return [(one.track, one.label) for one in self.look(*things, after_s=after_s)]


def test_who_walks_keeps_a_number_and_who_comes_gets_another() -> None:
    street = Street()
    for step in range(20):
        assert street.names(at(0.1 + step * 0.02)) == [(1, "person")]
    assert street.names(at(0.5), at(0.9)) == [(1, "person"), (2, "person")]


def test_what_moves_more_than_its_width_at_a_look_keeps_its_number() -> None:
    street = Street()
    for step in range(12):
        assert street.names(at(0.05 + step * 0.05, width=0.045)) == [(1, "person")]


def test_two_who_pass_each_other_keep_their_numbers() -> None:
    street = Street()
    for step in range(20):
        left, right = at(0.3 + step * 0.02, score=0.8), at(0.7 - step * 0.02, score=0.7)
        hidden = abs(left.box.left - right.box.left) < 0.03
        found = street.look(*([left] if hidden else [left, right]))
    assert {one.track: one.detection.box.left for one in found} == {
        1: left.box.left,
        2: right.box.left,
    }


def test_who_walks_on_behind_something_has_the_same_number_there() -> None:
    street = Street()
    for step in range(10):
        street.look(at(0.1 + step * 0.02))
    assert street.names(at(0.28 + 0.02 * 7), after_s=7 * LOOK_S) == [(1, "person")]


def test_who_stops_behind_something_has_the_same_number_there() -> None:
    street = Street()
    for step in range(10):
        street.look(at(0.1 + step * 0.02))
    assert street.names(at(0.28), after_s=7 * LOOK_S) == [(1, "person")]


def test_who_was_gone_for_long_comes_back_as_somebody_else() -> None:
    street = Street()
    street.look(at(0.5))
    assert street.look(at(0.5), after_s=1.9)[0].track == 1
    assert street.look(at(0.5), after_s=2.1)[0].track == 2
    assert street.look() == []


def test_one_look_that_calls_it_otherwise_does_not_change_what_it_is() -> None:
    street = Street()
    for _ in range(3):
        street.look(at(0.5, "car"))
    assert street.names(at(0.5, "truck")) == [(1, "car")]
    for _ in range(4):
        last = street.names(at(0.5, "truck"))
    assert last == [(1, "truck")]


def test_a_thing_of_another_kind_in_the_same_place_is_another_thing() -> None:
    street = Street()
    assert sorted(street.names(at(0.5), at(0.5, "backpack"))) == [(1, "backpack"), (2, "person")]
    assert sorted(street.names(at(0.5, "backpack"), at(0.5))) == [(1, "backpack"), (2, "person")]


@pytest.mark.parametrize(
    "other",
    [at(0.505, "truck", 0.7), Detection("car", 0.6, Box(0.485, 0.4, 0.515, 0.5))],
    ids=["called a truck too", "its front"],
)
def test_of_two_boxes_of_one_thing_the_surer_is_taken(other: Detection) -> None:
    street = Street()
    for _ in range(3):
        assert street.look(other, at(0.5, "car")) == [Tracked(1, "car", at(0.5, "car"))]


def test_what_is_doubtful_starts_no_track_and_carries_one_on() -> None:
    street = Street()
    assert street.look(at(0.5, score=0.2)) == []
    assert street.names(at(0.5, score=0.6)) == [(1, "person")]
    faint = street.look(at(0.5, score=0.2))
    assert [(one.track, one.detection.score) for one in faint] == [(1, 0.2)]


def test_what_is_sure_goes_before_what_is_nearer_and_doubtful() -> None:
    street = Street()
    street.look(at(0.5))
    assert street.look(at(0.5, score=0.3), at(0.525)) == [Tracked(1, "person", at(0.525))]


def test_who_hides_half_behind_somebody_is_somebody_once_they_come_apart() -> None:
    street = Street()
    street.look(at(0.5))
    for _ in range(3):
        assert street.names(at(0.5), at(0.515, score=0.7)) == [(1, "person")]
    assert street.names(at(0.5), at(0.53, score=0.7)) == [(1, "person")]
    assert sorted(street.names(at(0.5), at(0.53, score=0.7))) == [(1, "person"), (2, "person")]


def test_what_is_seen_once_over_somebody_else_is_nobody() -> None:
    street = Street()
    street.look(at(0.5))
    for _ in range(3):
        assert street.names(at(0.5), at(0.53, score=0.7)) == [(1, "person")]
        assert street.names() == []
    assert sorted(street.names(at(0.5), at(0.6))) == [(1, "person"), (2, "person")]


def test_numbers_are_never_given_again_and_what_has_gone_takes_no_room() -> None:
    street = Street()
    seen = [street.look(at(0.5), after_s=5.0)[0].track for _ in range(50)]
    assert seen == list(range(1, 51))
    assert [len(tracks) for tracks in street.tracker._tracks.values()] == [1]
    street.look(after_s=5.0)
    assert street.tracker._tracks == {}
