from __future__ import annotations

from typing import List, Tuple

from agent.domain.box import Box
from agent.domain.detection import Detection, Tracked
from agent.pipeline.following import NearestThings

LOOK_S = 0.2


def at(x: float, label: str = "person", score: float = 0.8) -> Detection:
    return Detection(label, score, Box(x - 0.02, 0.4, x + 0.02, 0.6))


class Street:
    """A tracker, and the time that passes."""

    def __init__(self) -> None:
        self.tracker = NearestThings()
        self.now = 0.0

    def look(self, *things: Detection, after_s: float = LOOK_S) -> List[Tracked]:
        self.now += after_s
        return self.tracker.look(things, self.now)

    def names(self, *things: Detection) -> List[Tuple[int, str]]:
        return [(one.track, one.label) for one in self.look(*things)]


def test_who_walks_keeps_a_number_and_who_comes_gets_another() -> None:
    street = Street()
    for step in range(20):
        assert street.names(at(0.1 + step * 0.02)) == [(1, "person")]
    assert street.names(at(0.5), at(0.9)) == [(1, "person"), (2, "person")]


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
    assert street.names(at(0.5)) == [(1, "person")]
    assert street.names(at(0.5, "backpack"), at(0.5)) == [(1, "person"), (2, "backpack")]


def test_what_is_doubtful_starts_no_track_and_carries_one_on() -> None:
    street = Street()
    assert street.look(at(0.5, score=0.2)) == []
    assert street.names(at(0.5, score=0.6)) == [(1, "person")]
    faint = street.look(at(0.5, score=0.2))
    assert [(one.track, one.detection.score) for one in faint] == [(1, 0.2)]


def test_numbers_are_never_given_again_and_what_has_gone_takes_no_room() -> None:
    street = Street()
    seen = [street.look(at(0.5), after_s=5.0)[0].track for _ in range(50)]
    assert seen == list(range(1, 51))
    assert len(street.tracker._votes) == len(street.tracker._numbers) == 1
