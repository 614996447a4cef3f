"""What a face means: events where people are watched, incidents where they must be authorised."""

from __future__ import annotations

import itertools
from typing import FrozenSet, List, Optional, Union

import pytest

from agent.domain.evidence import ModelInfo
from agent.domain.face_event import FaceEvent, FaceEventKind
from agent.domain.incident import Change, IllegalTransitionError, Incident, Kind, State, Transition
from agent.domain.policy.face import (
    AUTHORISED,
    OFF,
    UNAUTHORISED,
    UNKNOWN,
    WATCH,
    Appearance,
    FacePolicy,
    FacePolicySettings,
)
from agent.domain.policy.recognition import Known, Verdict
from agent.domain.zone import Zone
from tests.fakes.changes import FACES
from tests.fakes.clock import FakeClock

ANN, BEN = 1, 2
BY = "telegram:1"
LEFT = Zone("left", ((0.0, 0.0), (0.5, 0.0), (0.5, 1.0), (0.0, 1.0)))
Told = List[Union[Change, FaceEvent]]


def known(person: int, x: float = 0.7, track: int = 1) -> Appearance:
    return Appearance(track, Verdict(person, Known.KNOWN, 0.9, 0.3), x, 0.5)


def stranger(x: float = 0.7, track: int = 1) -> Appearance:
    return Appearance(track, Verdict(None, Known.UNKNOWN, 0.8, 0.7), x, 0.5)


def doubtful(x: float = 0.7) -> Appearance:
    return Appearance(1, Verdict(None, Known.UNDECIDED, 0.5, 0.5), x, 0.5)


class Gate:
    """A camera's policy, and the time that passes; it is looked at all the time unless `stale_after_s` says
    otherwise."""

    def __init__(self, policy: str = AUTHORISED, **settings: object) -> None:
        self.clock = FakeClock()
        numbers = itertools.count(1)
        chosen = FacePolicySettings(policy, **{"stale_after_s": 1000.0, **settings})  # type: ignore[arg-type]
        self.policy = FacePolicy("gate", chosen, lambda: f"f{next(numbers)}")

    def look(
        self,
        *seen: Appearance,
        allowed: Optional[FrozenSet[int]] = None,
        after_s: float = 1.0,
        model: ModelInfo = FACES,
    ) -> Told:
        self.clock.advance(after_s)
        return self.policy.look(seen, allowed, self.clock.moment(), model)

    def incident(self, *seen: Appearance, allowed: Optional[FrozenSet[int]] = None) -> Incident:
        """The one that this opens."""
        (change,) = self.look(*seen, allowed=allowed)
        assert isinstance(change, Change)
        assert change.transition is Transition.OPENED
        return change.incident

    def dismiss(self, incident: Incident) -> Optional[Change]:
        at = self.clock.moment()
        return self.policy.judge(incident.id, lambda one: one.dismiss(at.utc, BY), at)


def steps(told: Told) -> List[str]:
    return [one.transition.value if isinstance(one, Change) else one.kind.value for one in told]


def test_a_stranger_opens_one_incident_that_ends_once_they_were_gone_for_a_while() -> None:
    gate = Gate(resolve_after_s=20.0)
    incident = gate.incident(stranger())
    assert (incident.kind, incident.reason, incident.person) == (Kind.FACE, UNKNOWN, None)
    assert (incident.camera, incident.confidence, incident.model) == ("gate", 0.8, FACES)
    assert gate.look(stranger()) == []
    assert gate.look(after_s=19.5) == []
    (over,) = gate.look(after_s=0.5)
    assert isinstance(over, Change)
    assert (over.transition, over.incident.id) == (Transition.RESOLVED, incident.id)
    assert gate.incident(stranger()).id != incident.id


def test_all_strangers_together_are_one_incident() -> None:
    gate = Gate()
    gate.incident(stranger(track=1), stranger(track=2))
    assert gate.look(stranger(track=3)) == []


@pytest.mark.parametrize("allowed", [None, frozenset({ANN})])
def test_who_may_be_there_is_left_alone(allowed: Optional[FrozenSet[int]]) -> None:
    assert Gate().look(known(ANN), allowed=allowed) == []


def test_nobody_is_accused_before_it_is_decided() -> None:
    assert Gate().look(doubtful()) == []


def test_the_enrolled_who_may_not_be_there_have_an_incident_each() -> None:
    gate = Gate()
    told = gate.look(known(ANN, track=1), known(BEN, track=2), stranger(track=3), allowed=frozenset({9}))
    opened = [one.incident for one in told if isinstance(one, Change)]
    assert [(one.person, one.reason) for one in opened] == [
        (ANN, UNAUTHORISED),
        (BEN, UNAUTHORISED),
        (None, UNKNOWN),
    ]
    assert len({one.id for one in opened}) == 3


def test_somebody_who_stays_is_told_again_now_and_then() -> None:
    gate = Gate(renotify_s=60.0)
    gate.incident(stranger())
    told = [step for _ in range(150) for step in steps(gate.look(stranger()))]
    assert told == ["updated", "updated"]


def test_what_a_person_takes_on_goes_on_as_theirs() -> None:
    gate = Gate(renotify_s=60.0)
    incident = gate.incident(stranger())
    at = gate.clock.moment()
    gate.policy.judge(incident.id, lambda one: one.acknowledge(at.utc, BY), at)
    (update,) = gate.look(stranger(), after_s=60.0)
    assert isinstance(update, Change)
    assert (update.incident.state, update.incident.sequence) == (State.ACKNOWLEDGED, 3)
    with pytest.raises(IllegalTransitionError):
        gate.policy.judge(incident.id, lambda one: one.acknowledge(at.utc, BY), at)
    assert steps(gate.look(after_s=30.0)) == ["resolved"]


def test_what_was_dismissed_is_not_told_again_before_they_were_gone() -> None:
    gate = Gate(resolve_after_s=20.0)
    incident = gate.incident(stranger())
    change = gate.dismiss(incident)
    assert change is not None
    assert change.incident.state is State.DISMISSED
    assert [gate.look(stranger()) for _ in range(100)] == [[]] * 100
    assert gate.look(after_s=20.0) == []
    gate.incident(stranger())


def test_a_dismissal_silences_its_own_cause_alone() -> None:
    gate = Gate()
    gate.dismiss(gate.incident(stranger()))
    assert gate.incident(stranger(), known(ANN, track=2), allowed=frozenset()).person == ANN


def test_a_word_on_what_is_not_open_is_nobodys() -> None:
    gate = Gate()
    incident = gate.incident(stranger())
    gate.dismiss(incident)
    assert gate.dismiss(incident) is None


def test_enrolled_people_are_told_where_they_are_watched_once_in_a_while() -> None:
    gate = Gate(WATCH, again_after_s=60.0)
    assert gate.look(stranger(), doubtful()) == []
    (event,) = gate.look(known(ANN, track=7))
    assert isinstance(event, FaceEvent)
    assert (event.kind, event.person, event.track) == (FaceEventKind.RECOGNISED, ANN, 7)
    assert (event.camera, event.zones, event.model) == ("gate", (), FACES)
    assert (event.confidence, event.distance, event.reason) == (0.9, 0.3, None)
    assert gate.look(known(ANN), after_s=59.0) == []
    assert steps(gate.look(known(ANN), known(BEN, track=2))) == ["face-recognised"] * 2
    assert gate.look(after_s=60.0) == []
    assert gate.policy._recognised == {}, "what was long ago is not kept"


def test_only_whom_it_is_about_is_told() -> None:
    gate = Gate(WATCH)
    assert gate.look(known(ANN), allowed=frozenset({BEN})) == []
    assert len(gate.look(known(BEN), allowed=frozenset({BEN}))) == 1


def test_a_zone_has_its_own_rule_and_the_rest_the_cameras() -> None:
    gate = Gate(OFF, zones=((LEFT, WATCH),))
    assert gate.look(known(ANN, x=0.7), stranger(x=0.7)) == []
    (event,) = gate.look(known(ANN, x=0.2))
    assert isinstance(event, FaceEvent)
    assert event.zones == ("left",)
    gate = Gate(AUTHORISED, zones=((LEFT, OFF),))
    assert gate.look(stranger(x=0.2)) == []
    gate.incident(stranger(x=0.7))


def test_while_nobody_looks_nobody_is_gone() -> None:
    gate = Gate(resolve_after_s=20.0, stale_after_s=10.0)
    incident = gate.incident(stranger())
    assert gate.look(after_s=300.0) == [], "the camera gave no pictures"
    assert gate.look(doubtful(), after_s=10.0) == []
    assert steps(gate.look(stranger(), after_s=5.0)) == ["updated"]
    assert [steps(gate.look(after_s=5.0)) for _ in range(4)] == [[], [], [], ["resolved"]]
    assert gate.incident(stranger()).id != incident.id


def test_what_was_dismissed_is_news_again_after_very_long_even_where_somebody_always_was() -> None:
    gate = Gate(dismissed_again_after_s=600.0)
    first = gate.incident(stranger())
    gate.look(stranger(), after_s=30.0)
    gate.dismiss(first)
    assert [gate.look(stranger(), after_s=10.0) for _ in range(59)] == [[]] * 59
    again = gate.look(stranger(), after_s=10.0)
    assert steps(again) == ["opened"]
    assert gate.look(stranger()) == []


def test_what_was_dismissed_in_an_earlier_run_stays_so_until_they_were_gone() -> None:
    before, after = Gate(), Gate(resolve_after_s=20.0)
    dismissed = before.dismiss(before.incident(stranger()))
    assert dismissed is not None
    after.policy.resume_dismissed(dismissed.incident, after.clock.moment().plus(-100.0))
    assert after.look(stranger()) == []
    assert after.look(after_s=20.0) == []
    after.incident(stranger())


def test_what_is_open_is_not_dismissed_by_what_was_dismissed_before() -> None:
    before, after = Gate(), Gate()
    first = before.incident(stranger())
    before.look(after_s=60.0)
    assert after.policy.resume(before.incident(stranger()), after.clock.moment())
    after.policy.resume_dismissed(first, after.clock.moment())
    assert steps(after.look(stranger()) + after.look(after_s=60.0)) == ["resolved"]


def test_an_incident_of_an_earlier_run_goes_on() -> None:
    before, after = Gate(), Gate(resolve_after_s=20.0)
    incident = before.incident(stranger())
    assert after.policy.resume(incident, after.clock.moment())
    assert after.look(stranger()) == []
    (over,) = after.look(after_s=20.0)
    assert isinstance(over, Change)
    assert (over.incident.id, over.incident.sequence) == (incident.id, 2)


def test_one_cause_is_taken_over_once() -> None:
    before, after = Gate(), Gate()
    first = before.incident(stranger())
    before.look(after_s=60.0)
    second = before.incident(stranger())
    assert after.policy.resume(first, after.clock.moment())
    assert not after.policy.resume(second, after.clock.moment())


def test_nothing_goes_on_about_people_who_were_forgotten() -> None:
    gate = Gate()
    nobody: FrozenSet[int] = frozenset()
    told = gate.look(known(ANN), known(BEN, track=2), stranger(track=3), allowed=nobody)
    ann, ben, _ = (one.incident for one in told if isinstance(one, Change))
    gate.dismiss(ben)
    assert gate.policy.forget(frozenset({ANN, BEN}), gate.clock.moment()) == []
    (over,) = gate.policy.forget(nobody, gate.clock.moment())
    assert (over.transition, over.incident.id) == (Transition.RESOLVED, ann.id)
    assert over.incident.person is None
    assert gate.look(stranger()) == []
