"""Who is let in at a door, who is refused, and how often it is told."""

from __future__ import annotations

import itertools
from typing import FrozenSet, List, Optional, Sequence

import numpy as np
import numpy.typing as npt
import pytest

from agent.domain.box import Box
from agent.domain.face import Nearest
from agent.domain.face_event import FaceEvent, FaceEventKind
from agent.domain.policy.recognition import Known, RecognitionSettings, Verdict
from agent.pipeline.appearances import Sighting
from agent.pipeline.door import Door, DoorRules
from agent.ports import Face, Frame
from tests.fakes.changes import FACES
from tests.fakes.clock import FakeClock
from tests.fakes.faces import street
from tests.unit.faces.test_liveness import HEAD, PRINT, turning

GAP_S = 0.2
ANN, BEN = 1, 2
RULES = DoorRules(frames=5, within_s=3.0, again_after_s=10.0, patience_s=4.0)
NEAR = Nearest(ANN, 0.3, 0.9)
FAR = Nearest(ANN, 0.8, 0.9)
MOVING = turning(HEAD, 45, 12)
STILL = turning(PRINT, 45, 12)


class Stand:
    """A door, and the time that passes before it."""

    def __init__(self, rules: DoorRules = RULES) -> None:
        self.clock = FakeClock()
        numbers = itertools.count(1)
        self.door = Door("gate", rules, RecognitionSettings(), lambda: f"e{next(numbers)}")

    def look(self, *sightings: Sighting, allowed: Optional[FrozenSet[int]] = None) -> List[FaceEvent]:
        frame = Frame("gate", street(), self.clock.moment(), 0.0, 0)
        self.clock.advance(GAP_S)
        return self.door.look(sightings, frame, allowed, FACES)

    def looks(
        self,
        nearest: Sequence[Optional[Nearest]],
        shapes: Sequence[npt.NDArray[np.float32]] = MOVING,
        *,
        track: int = 1,
        allowed: Optional[FrozenSet[int]] = None,
    ) -> List[FaceEvent]:
        told = []
        for one, shape in zip(nearest, itertools.cycle(shapes)):
            told += self.look(sighting(one, shape, track), allowed=allowed)
        return told


def sighting(
    nearest: Optional[Nearest], shape: npt.NDArray[np.float32], track: int = 1, known: Known = Known.UNDECIDED
) -> Sighting:
    face = Face(Box(10, 10, 110, 110), 0.9, shape)
    person = ANN if known is Known.KNOWN else None
    return Sighting(track, face, Verdict(person, known, 0.8, 0.7), nearest)


def test_somebody_who_turns_their_head_is_let_in_once_enough_looks_agree() -> None:
    stand = Stand()
    assert stand.looks([NEAR] * 4) == []
    (event,) = stand.looks([NEAR] * 8, MOVING[4:])
    assert (event.kind, event.person, event.camera) == (FaceEventKind.AUTHENTICATED, ANN, "gate")
    assert (event.confidence, event.reason, event.model) == (1.0, None, FACES)
    assert event.distance == pytest.approx(0.3)


def test_one_look_that_names_another_or_nobody_begins_the_count_anew() -> None:
    for wrong in (Nearest(BEN, 0.3, 0.9), FAR):
        stand = Stand(DoorRules(frames=5, liveness=False))
        assert stand.looks([NEAR] * 4 + [wrong] + [NEAR] * 4) == []
        (event,) = stand.looks([NEAR])
        assert event.person == ANN


def test_looks_that_are_too_far_apart_do_not_add_up() -> None:
    stand = Stand(DoorRules(frames=5, within_s=0.7, liveness=False))
    assert stand.looks([NEAR] * 20) == []


def test_faces_that_were_not_embedded_neither_count_nor_disturb() -> None:
    stand = Stand(DoorRules(frames=3, liveness=False))
    assert stand.looks([NEAR, None, NEAR, None]) == []
    assert len(stand.looks([NEAR])) == 1


def test_a_photo_is_refused_after_a_while_and_told_once() -> None:
    stand = Stand()
    (event,) = stand.looks([NEAR] * 60, STILL)
    assert (event.kind, event.person, event.reason) == (FaceEventKind.REFUSED, ANN, "flat")
    assert stand.clock.monotonic() >= RULES.patience_s


def test_somebody_who_kept_still_for_a_moment_may_still_turn_their_head() -> None:
    told = Stand().looks([NEAR] * 22, [*STILL[:1] * 10, *MOVING])
    assert [event.kind for event in told] == [FaceEventKind.AUTHENTICATED]


def test_who_was_refused_as_flat_is_not_let_in_before_a_while() -> None:
    stand = Stand()
    told = stand.looks([NEAR] * 30, STILL) + stand.looks([NEAR] * 24, MOVING)
    assert [event.reason for event in told] == ["flat"]
    stand.clock.advance(RULES.locked_s)
    (event,) = stand.looks([NEAR] * 12, MOVING, track=2)
    assert event.kind is FaceEventKind.AUTHENTICATED


def test_a_photo_that_is_shown_again_and_again_has_no_more_time_than_one_that_stays() -> None:
    stand = Stand()
    for track in (1, 2):
        assert stand.looks([NEAR] * 12, STILL, track=track) == []
    told = stand.looks([NEAR] * 12, STILL, track=3)
    assert [event.reason for event in told] == ["flat"]
    told = stand.looks([NEAR] * 12, MOVING, track=4)
    assert [event.reason for event in told] == ["flat"]


def test_a_photo_that_stays_is_refused_anew_after_each_try() -> None:
    told = Stand().looks([NEAR] * 600, STILL)
    assert [event.reason for event in told] == ["flat", "flat"]
    assert (told[1].at - told[0].at).total_seconds() >= RULES.locked_s + RULES.patience_s


def test_a_doubt_of_long_ago_is_forgotten() -> None:
    stand = Stand()
    assert stand.looks([NEAR] * 20, STILL) == []
    stand.clock.advance(RULES.locked_s)
    assert stand.looks([NEAR] * 20, STILL, track=2) == []


def test_who_was_let_in_may_stand_there() -> None:
    (event,) = Stand().looks([NEAR] * 100, [*MOVING, *MOVING[-1:] * 88])
    assert event.kind is FaceEventKind.AUTHENTICATED


@pytest.mark.parametrize("nearest", [FAR, Nearest(BEN, 0.5, 0.9), None])
def test_nobody_lends_the_turn_of_their_head_to_a_photo(nearest: Optional[Nearest]) -> None:
    stand = Stand()
    assert stand.looks([nearest] * 12, MOVING) == []
    told = stand.looks([NEAR] * 30, STILL)
    assert [(event.kind, event.reason) for event in told] == [(FaceEventKind.REFUSED, "flat")]


def test_a_face_that_is_doubtful_while_it_is_turned_aside_is_the_person_all_the_same() -> None:
    doubt = Nearest(ANN, 0.5, 0.9)
    looks = [NEAR, NEAR, *[doubt] * 7, *[NEAR] * 5]
    (event,) = Stand().looks(looks, [*MOVING, MOVING[-1], MOVING[-1]])
    assert event.kind is FaceEventKind.AUTHENTICATED


def test_a_turn_of_long_ago_does_not_count() -> None:
    stand = Stand(DoorRules(frames=5, again_after_s=1.0, patience_s=100.0))
    assert stand.looks([NEAR] * 12, MOVING) != []
    stand.looks([NEAR] * 20, [MOVING[0]])
    assert stand.looks([NEAR] * 20, [MOVING[0]]) == []
    assert stand.looks([NEAR] * 12, MOVING) != []


def test_a_door_without_liveness_takes_a_photo() -> None:
    (event,) = Stand(DoorRules(liveness=False)).looks([NEAR] * 10, STILL)
    assert event.kind is FaceEventKind.AUTHENTICATED


def test_whoever_may_not_pass_is_refused_by_number() -> None:
    stand = Stand()
    (event,) = stand.looks([NEAR] * 10, allowed=frozenset({BEN}))
    assert (event.kind, event.person, event.reason) == (FaceEventKind.REFUSED, ANN, "unauthorised")


def test_a_stranger_is_refused_once_for_each_time_they_come() -> None:
    stand = Stand()
    for track in (1, 2):
        told = []
        for shape in MOVING:
            told += stand.look(sighting(FAR, shape, track, Known.UNKNOWN))
        assert [(event.kind, event.person, event.reason) for event in told] == [
            (FaceEventKind.REFUSED, None, "unknown")
        ]
        assert told[0].distance == pytest.approx(0.7)


def test_in_an_empty_gallery_there_is_no_distance_to_tell() -> None:
    stand = Stand()
    face = Face(Box(10, 10, 110, 110), 0.9, MOVING[0])
    nobody = Sighting(1, face, Verdict(None, Known.UNKNOWN, 1.0, float("inf")), None)
    (event,) = stand.look(nobody)
    assert event.distance is None


def test_somebody_who_stays_is_told_again_after_a_while_only() -> None:
    stand = Stand()
    told = stand.looks([NEAR] * 120)
    assert len(told) == 3
    gaps = [(later.at - earlier.at).total_seconds() for earlier, later in zip(told, told[1:])]
    assert min(gaps) >= RULES.again_after_s
    assert len({event.id for event in told}) == 3


def test_two_people_do_not_lend_each_other_looks() -> None:
    stand = Stand(DoorRules(frames=5, liveness=False))
    for shape in MOVING[:4]:
        assert stand.look(sighting(NEAR, shape, 1), sighting(NEAR, shape, 2)) == []


def test_who_left_and_comes_back_begins_anew() -> None:
    stand = Stand(DoorRules(frames=5, liveness=False))
    assert stand.looks([NEAR] * 4) == []
    for _ in range(20):
        assert stand.look() == []
    assert stand.looks([NEAR] * 4) == []


def test_a_face_that_is_missed_once_does_not_begin_anew() -> None:
    stand = Stand(DoorRules(frames=5, liveness=False))
    assert stand.looks([NEAR] * 4) == []
    assert stand.look() == []
    assert len(stand.looks([NEAR])) == 1
