from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta, timezone
from types import MappingProxyType
from typing import Any, Dict, List
from uuid import uuid4

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from agent.domain.evidence import ModelInfo
from agent.domain.incident import Change, Incident, Kind, Severity, State, Transition
from agent.store.database import Database
from agent.store.history import History, Told
from agent.store.incidents import SqliteJournal
from agent.store.outbox import SqliteOutbox
from agent.store.schema import DeliveryState
from tests.fakes.changes import AT, SNAPSHOT, opened, story
from tests.fakes.clock import FakeClock

times = st.integers(0, 2**52).map(lambda micros: AT + timedelta(microseconds=micros)) | st.builds(
    lambda hours: AT.astimezone(timezone(timedelta(hours=hours))), st.integers(-12, 12)
)
texts = st.none() | st.text(
    st.characters(blacklist_categories=["Cs"], blacklist_characters="\0"), max_size=20
)
unit = st.floats(0, 1)
models = st.none() | st.builds(
    ModelInfo,
    *[st.text("abc-'\"é", max_size=8)] * 4,
    thresholds=st.dictionaries(st.text("abc", max_size=4), unit),
)
incidents = st.builds(
    Incident,
    id=st.just("a"),
    camera=st.text("abc-1", min_size=1, max_size=8),
    kind=st.sampled_from(Kind),
    state=st.sampled_from(State),
    severity=st.sampled_from(Severity),
    sequence=st.integers(1, 2**40),
    first_seen=times,
    last_seen=times,
    confidence=unit,
    peak=unit,
    reason=texts,
    actor=texts,
    model=models,
    drill=st.booleans(),
)
changes = st.builds(Change, st.sampled_from(Transition), incidents, times, st.none() | st.floats(0, 1e6))


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(changes)
def test_a_change_comes_back_exactly(database: Database, change: Change) -> None:
    # The database outlives an example, and Hypothesis repeats itself.
    change = replace(change, incident=replace(change.incident, id=uuid4().hex))
    SqliteJournal(database, FakeClock()).record(change, SNAPSHOT, [])
    past = History(database).get(change.incident.id)
    assert past is not None
    assert past.incident == change.incident
    (only,) = past.changes
    assert only.change == change
    assert only.snapshot == SNAPSHOT


def test_read_only_thresholds_are_stored_too(database: Database) -> None:
    model = ModelInfo("fire", "ab", "onnxruntime", "fp32", MappingProxyType({"open": 0.5}))
    change = Incident.open("a", "yard", Kind.FIRE, AT, 0.9, model=model)
    SqliteJournal(database, FakeClock()).record(change, None, [])
    past = History(database).get("a")
    assert past is not None
    assert past.incident.model == replace(model, thresholds={"open": 0.5})


def record(database: Database, stories: List[List[Change]]) -> None:
    journal = SqliteJournal(database, FakeClock())
    for each in stories:
        for change in each:
            journal.record(change, None, [])


@pytest.mark.parametrize(
    ("filters", "ids"),
    [
        ({}, ["smoke", "fire", "camera"]),
        ({"limit": 1}, ["smoke"]),
        ({"kind": Kind.FIRE}, ["fire"]),
        ({"state": State.OPEN}, ["smoke", "camera"]),
        ({"camera": "gate"}, ["camera"]),
        ({"since": AT + timedelta(seconds=3)}, ["smoke"]),
        ({"until": AT + timedelta(seconds=5)}, ["fire", "camera"]),
        ({"since": AT + timedelta(seconds=1), "until": AT + timedelta(seconds=5)}, ["fire"]),
        ({"kind": Kind.SMOKE, "camera": "gate"}, []),
    ],
)
def test_incidents_are_listed_newest_first_by_what_is_asked(
    database: Database, filters: Dict[str, Any], ids: List[str]
) -> None:
    late = Incident.open("smoke", "yard", Kind.SMOKE, AT + timedelta(seconds=5), 0.6)
    camera = Incident.open("camera", "gate", Kind.CAMERA, AT, 1.0, reason="frozen")
    record(database, [story("fire", 1), [late], [camera]])
    assert [incident.id for incident in History(database).list(**filters)] == ids


def test_an_incident_tells_who_was_told(database: Database, clock: FakeClock) -> None:
    journal, outbox = SqliteJournal(database, clock), SqliteOutbox(database, clock)
    for change in story("a", 0):
        journal.record(change, None, ["mqtt"])
    outbox.done(outbox.lease("mqtt", 1, 30)[0])
    outbox.park(outbox.lease("mqtt", 1, 30)[0], "x" * 1000)
    past = History(database).get("a")
    assert past is not None
    assert [change.change.transition.value for change in past.changes] == ["opened", "escalated", "resolved"]
    assert [change.told for change in past.changes] == [
        [Told("mqtt", DeliveryState.DONE, 0, None, clock.now())],
        [Told("mqtt", DeliveryState.PARKED, 1, "x" * 500, clock.now())],
        [Told("mqtt", DeliveryState.PENDING, 0, None, None)],
    ]


def test_an_unknown_incident_is_none(database: Database) -> None:
    assert History(database).get("nobody") is None


def test_changes_are_counted_by_camera_kind_and_transition(database: Database) -> None:
    record(database, [story("a", 2), [opened("b")], [opened("c", Kind.CAMERA, "gate")]])
    assert History(database).counts(AT, AT + timedelta(seconds=3)) == {
        ("gate", Kind.CAMERA, Transition.OPENED): 1,
        ("yard", Kind.START_FIRE, Transition.OPENED): 2,
        ("yard", Kind.FIRE, Transition.ESCALATED): 1,
        ("yard", Kind.FIRE, Transition.UPDATED): 1,
    }


def test_drills_do_not_count(database: Database) -> None:
    drill = Incident.rehearse("d", "yard", AT, 0.9, actor="telegram:1")
    record(database, [[drill, drill.incident.resolve(AT, 0.0)], [opened("b")]])
    assert sum(History(database).counts(AT, AT + timedelta(seconds=3)).values()) == 1
    assert [incident.drill for incident in History(database).list()] == [True, False]


def seconds(number: float) -> datetime:
    return AT + timedelta(seconds=number)


def dismissed(id: str, at_s: float, kind: Kind = Kind.FIRE, camera: str = "yard") -> List[Change]:
    """Opened at noon and dismissed later."""
    first = opened(id, kind, camera)
    return [first, first.incident.dismiss(seconds(at_s), "telegram:1")]


def resolved(id: str, at_s: float) -> List[Change]:
    first = opened(id, Kind.FIRE)
    return [first, first.incident.resolve(seconds(at_s), 0.0)]


@pytest.mark.parametrize(
    ("stories", "standing"),
    [
        ([dismissed("a", 5)], ["a"]),
        ([dismissed("a", 5, camera="yard"), dismissed("b", 4, camera="gate")], ["b", "a"]),
        # Fire and blindness are told apart.
        ([dismissed("a", 5), dismissed("c", 6, Kind.CAMERA)], ["a", "c"]),
        ([dismissed("a", 5), [opened("c", Kind.CAMERA)]], ["a"]),
        # Too long ago.
        ([dismissed("a", 0.5)], []),
        # Something came after it.
        ([dismissed("a", 5), resolved("b", 9)], []),
        ([dismissed("a", 5), dismissed("b", 9)], ["b"]),
        ([dismissed("a", 9), resolved("b", 5)], ["a"]),
        # It was over before it was dismissed.
        ([[*(over := resolved("a", 5)), over[-1].incident.dismiss(seconds(9), "telegram:1")]], []),
    ],
)
def test_the_dismissals_that_still_stand(
    database: Database, stories: List[List[Change]], standing: List[str]
) -> None:
    record(database, stories)
    assert [change.incident.id for change in History(database).last_dismissals(seconds(1))] == standing


def test_a_drill_neither_ends_a_dismissal_nor_is_one(database: Database) -> None:
    drill = Incident.rehearse("d", "yard", seconds(20), 0.9, actor="telegram:1")
    record(database, [dismissed("a", 5), [drill, drill.incident.dismiss(seconds(30), "telegram:1")]])
    (change,) = History(database).last_dismissals(AT)
    assert (change.incident.id, change.at) == ("a", seconds(5))
