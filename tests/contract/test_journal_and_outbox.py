"""What agent.ports.Journal and Outbox promise, held against the store in memory and the one in SQLite."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import timedelta
from pathlib import Path
from typing import Callable, Iterator, List

import pytest

from agent.domain.box import Box
from agent.domain.detection import Detection
from agent.domain.evidence import ModelInfo
from agent.domain.extent import Extent
from agent.domain.incident import Incident, Kind
from agent.ports import Journal, Outbox
from agent.store.database import open_database
from agent.store.incidents import SqliteJournal
from agent.store.outbox import SqliteOutbox
from agent.store.rows import weight
from agent.store.shedding import OutboxBounds
from tests.fakes.changes import AT, MODEL, SNAPSHOT, opened, story
from tests.fakes.clock import FakeClock
from tests.fakes.memory_store import MemoryStore, keys


@dataclass
class Store:
    journal: Journal
    outbox: Outbox
    clock: FakeClock
    notified: List[None] = field(default_factory=list)


Make = Callable[[OutboxBounds], Store]


@pytest.fixture(params=["memory", "sqlite"])
def make(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Make]:
    opened_databases = []

    def build(bounds: OutboxBounds) -> Store:
        clock = FakeClock()
        notified: List[None] = []
        if request.param == "memory":
            memory = MemoryStore(clock, bounds, lambda: notified.append(None))
            return Store(memory, memory, clock, notified)
        database = open_database(tmp_path / "beffroi.db", clock)
        opened_databases.append(database)
        journal = SqliteJournal(database, clock, bounds, lambda: notified.append(None))
        return Store(journal, SqliteOutbox(database, clock), clock, notified)

    yield build
    for database in opened_databases:
        database.close()


@pytest.fixture
def store(make: Make) -> Store:
    return make(OutboxBounds())


def test_a_leased_delivery_is_what_was_recorded(store: Store) -> None:
    change = replace(opened(), capture_to_event_ms=12.25)
    store.journal.record(change, SNAPSHOT, ["mqtt"])
    (delivery,) = store.outbox.lease("mqtt", 10, 30)
    assert delivery.change == change
    assert delivery.snapshot == SNAPSHOT
    assert (delivery.sink, delivery.attempts, delivery.recorded_at) == ("mqtt", 0, store.clock.now())


def test_where_it_burns_and_which_models_said_so_come_back(store: Store) -> None:
    boxer = ModelInfo("city-nano", "9a" * 32, "onnxruntime", "fp32", {"score": 0.1, "overlap": 0.5})
    flames = (Detection("fire", 0.9, Box(0.1, 0.2, 0.3, 0.4)), Detection("smoke", 0.4, Box(0, 0, 1, 0.5)))
    change = opened()
    incident = replace(
        change.incident, model=replace(MODEL, boxed_by=boxer), extent=Extent(flames, 0.52, 1.75)
    )
    store.journal.record(replace(change, incident=incident), None, ["mqtt"])
    (delivery,) = store.outbox.lease("mqtt", 10, 30)
    assert delivery.change.incident == incident
    assert store.journal.unresolved() == [incident]


def test_recording_twice_tells_once(store: Store) -> None:
    for _ in range(2):
        store.journal.record(opened(), None, ["mqtt", "mqtt", "telegram"])
    assert store.outbox.depth().pending == 2
    assert len(store.notified) == 1


def test_without_sinks_nobody_is_told_nor_woken(store: Store) -> None:
    store.journal.record(opened(), None, [])
    assert store.outbox.depth().pending == 0
    assert not store.notified
    assert [incident.id for incident in store.journal.unresolved()] == ["a"]


def test_unresolved_incidents_are_those_not_closed_oldest_first(store: Store) -> None:
    for change in story("closed", 0):
        store.journal.record(change, None, [])
    late = Incident.open("late", "yard", Kind.SMOKE, AT + timedelta(seconds=5), 0.5)
    early = Incident.open("early", "yard", Kind.SMOKE, AT, 0.5)
    store.journal.record(late, None, [])
    store.journal.record(early, None, [])
    taken_on = early.incident.acknowledge(AT, "anna")
    store.journal.record(taken_on, None, [])
    assert store.journal.unresolved() == [taken_on.incident, late.incident]


def test_a_late_older_change_leaves_the_incident_as_it_stands(store: Store) -> None:
    first, second, *_ = story("a", 0)
    store.journal.record(second, None, ["mqtt"])
    store.journal.record(first, None, ["mqtt"])
    assert store.journal.unresolved() == [second.incident]
    assert keys(store.outbox.lease("mqtt", 10, 30)) == [("a", 1)]


def test_of_one_incident_only_the_next_change_is_given_out(store: Store) -> None:
    for change in story("a", 1):
        store.journal.record(change, None, ["mqtt"])
    told = []
    while store.outbox.depth().pending:
        (delivery,) = store.outbox.lease("mqtt", 10, 30)
        assert not store.outbox.lease("mqtt", 10, 30)
        told.append(delivery.change.incident.sequence)
        store.outbox.done(delivery)
    assert told == [1, 2, 3, 4]


def test_sinks_do_not_wait_for_each_other(store: Store) -> None:
    store.journal.record(opened(), None, ["mqtt", "telegram"])
    (first,) = store.outbox.lease("mqtt", 10, 30)
    store.outbox.done(first)
    assert keys(store.outbox.lease("telegram", 10, 30)) == [("a", 1)]


def test_the_most_severe_incident_goes_first_then_the_oldest(store: Store) -> None:
    for name, kind in [("camera", Kind.CAMERA), ("smoke-1", Kind.SMOKE), ("smoke-2", Kind.SMOKE)]:
        store.journal.record(opened(name, kind), None, ["mqtt"])
    store.journal.record(opened("fire", Kind.FIRE), None, ["mqtt"])
    order = [name for name, _ in keys(store.outbox.lease("mqtt", 3, 30))]
    assert order == ["fire", "smoke-1", "smoke-2"]
    assert keys(store.outbox.lease("mqtt", 3, 30)) == [("camera", 1)]


def test_an_escalation_pulls_what_waits_of_its_incident_forward(store: Store) -> None:
    first, escalated, *_ = story("grows", 0)
    store.journal.record(opened("smoke", Kind.SMOKE), None, ["mqtt"])
    store.journal.record(first, None, ["mqtt"])
    store.journal.record(escalated, None, ["mqtt"])
    assert keys(store.outbox.lease("mqtt", 1, 30)) == [("grows", 1)]


def test_a_lease_runs_out(store: Store) -> None:
    store.journal.record(opened(), None, ["mqtt"])
    store.outbox.lease("mqtt", 10, 30)
    store.clock.advance(29.9)
    assert not store.outbox.lease("mqtt", 10, 30)
    store.clock.advance(0.1)
    assert keys(store.outbox.lease("mqtt", 10, 30)) == [("a", 1)]


def test_a_retry_is_hidden_until_it_is_due_and_counts(store: Store) -> None:
    for change in story("a", 0):
        store.journal.record(change, None, ["mqtt"])
    (delivery,) = store.outbox.lease("mqtt", 10, 30)
    store.outbox.retry(delivery, 60, "refused")
    store.clock.advance(59.9)
    assert not store.outbox.lease("mqtt", 10, 30)
    store.clock.advance(0.1)
    (again,) = store.outbox.lease("mqtt", 10, 30)
    assert (keys([again]), again.attempts) == ([("a", 1)], 1)


def test_who_lost_the_lease_can_only_confirm(store: Store) -> None:
    store.journal.record(opened(), None, ["mqtt"])
    (slow,) = store.outbox.lease("mqtt", 10, 30)
    store.clock.advance(30)
    (quick,) = store.outbox.lease("mqtt", 10, 30)
    store.outbox.retry(slow, 0, "late")
    store.outbox.park(slow, "late")
    assert not store.outbox.lease("mqtt", 10, 30)
    assert store.outbox.depth().parked == 0
    store.outbox.done(slow)
    store.outbox.retry(quick, 0, "but it was told")
    assert store.outbox.depth().pending == 0


def test_a_parked_change_is_counted_and_does_not_hold_up_the_next(store: Store) -> None:
    for change in story("a", 0):
        store.journal.record(change, None, ["mqtt"])
    (delivery,) = store.outbox.lease("mqtt", 10, 30)
    store.outbox.park(delivery, "too large")
    assert (store.outbox.depth().pending, store.outbox.depth().parked) == (2, 1)
    assert keys(store.outbox.lease("mqtt", 10, 30)) == [("a", 2)]


def test_release_gives_back_leases_but_not_back_offs(store: Store) -> None:
    store.journal.record(opened("leased"), None, ["mqtt"])
    store.journal.record(opened("failed"), None, ["mqtt"])
    _, failed = store.outbox.lease("mqtt", 10, 1000)
    store.outbox.retry(failed, 1000, "refused")
    store.outbox.release()
    assert keys(store.outbox.lease("mqtt", 10, 30)) == [("leased", 1)]


def test_a_full_outbox_gives_up_the_least_severe_oldest_updates_first(make: Make) -> None:
    store = make(OutboxBounds(max_rows=4))
    camera = opened("camera", Kind.CAMERA)
    smoke = opened("smoke", Kind.SMOKE)
    updates = [camera.incident.update(AT, 1.0), smoke.incident.update(AT, 0.6)]
    for change in (camera, smoke, updates[1], updates[0]):
        store.journal.record(change, None, ["mqtt"])
    for name in ("fire-1", "fire-2", "fire-3"):
        store.journal.record(opened(name, Kind.FIRE), None, ["mqtt"])
    # Given up: both updates, the camera's before the smoke's, then the camera's opening.
    assert store.outbox.depth().shed == 3
    told = [key for _ in range(4) for key in keys(store.outbox.lease("mqtt", 10, 30))]
    assert told == [("fire-1", 1), ("fire-2", 1), ("fire-3", 1), ("smoke", 1)]


def test_fire_is_never_given_up_however_full_it_gets(make: Make) -> None:
    store = make(OutboxBounds(max_rows=2))
    for change in story("a", 5):
        store.journal.record(change, None, ["mqtt"])
    store.journal.record(opened("start", Kind.START_FIRE), None, ["mqtt"])
    assert (store.outbox.depth().pending, store.outbox.depth().shed) == (9, 0)


def test_smoke_that_became_fire_keeps_all_its_changes(make: Make) -> None:
    store = make(OutboxBounds(max_rows=3))
    first = opened("a", Kind.SMOKE)
    update = first.incident.update(AT, 0.7)
    worse = update.incident.escalate(Kind.FIRE, AT, 0.9)
    for change in (first, update, worse, opened("b", Kind.FIRE)):
        store.journal.record(change, None, ["mqtt"])
    assert (store.outbox.depth().pending, store.outbox.depth().shed) == (4, 0)


def test_what_a_dispatcher_holds_is_not_given_up(make: Make) -> None:
    store = make(OutboxBounds(max_rows=1))
    store.journal.record(opened("held", Kind.CAMERA), None, ["mqtt"])
    (held,) = store.outbox.lease("mqtt", 10, 30)
    store.journal.record(opened("smoke", Kind.SMOKE), None, ["mqtt"])
    store.outbox.done(held)
    assert (store.outbox.depth().pending, store.outbox.depth().shed) == (0, 1)


def test_the_outbox_is_bounded_by_bytes_too(make: Make) -> None:
    size = weight(opened("s1", Kind.SMOKE))
    store = make(OutboxBounds(max_bytes=2 * size))
    for name in ("s1", "s2", "s3"):
        store.journal.record(opened(name, Kind.SMOKE), None, ["mqtt"])
    assert keys(store.outbox.lease("mqtt", 10, 30)) == [("s2", 1), ("s3", 1)]
