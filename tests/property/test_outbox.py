"""The SQLite outbox against the one in memory, through any course of events."""

from __future__ import annotations

from contextlib import ExitStack
from typing import Dict, List, Set, Tuple

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from agent.domain.incident import Change, Incident, Kind
from agent.ports import Delivery
from agent.store.database import open_database
from agent.store.incidents import SqliteJournal
from agent.store.outbox import SqliteOutbox
from agent.store.shedding import OutboxBounds
from tests.fakes.clock import FakeClock
from tests.fakes.disk import fast_folder
from tests.fakes.memory_store import MemoryStore, keys

SINKS = ("mqtt", "telegram")
LEASE_S = 30.0
BOUNDS = OutboxBounds(max_rows=6)
FIRES = (Kind.FIRE, Kind.START_FIRE)


class OutboxMachine(RuleBasedStateMachine):
    def __init__(self) -> None:
        super().__init__()
        self.folder = ExitStack()
        self.path = self.folder.enter_context(fast_folder()) / "beffroi.db"
        self.clock = FakeClock()
        self.model = MemoryStore(self.clock, BOUNDS)
        self.open()
        self.current: Dict[str, Incident] = {}
        self.held: List[Tuple[Delivery, Delivery]] = []
        self.told: Dict[Tuple[str, str], List[int]] = {}
        self.fires: Set[Tuple[str, str, int]] = set()
        self.settled: Set[Tuple[str, str, int]] = set()

    def open(self) -> None:
        self.database = open_database(self.path, self.clock)
        self.journal = SqliteJournal(self.database, self.clock, BOUNDS)
        self.outbox = SqliteOutbox(self.database, self.clock)

    def record(self, change: Change, sinks: Tuple[str, ...]) -> None:
        self.current[change.incident.id] = change.incident
        self.journal.record(change, None, sinks)
        self.model.record(change, None, sinks)
        if change.incident.kind in FIRES:
            self.fires |= {(sink, change.incident.id, change.incident.sequence) for sink in sinks}

    @rule(kind=st.sampled_from(Kind), sinks=st.sampled_from([SINKS, SINKS[:1]]))
    def begin(self, kind: Kind, sinks: Tuple[str, ...]) -> None:
        name = f"incident-{len(self.current)}"
        self.record(Incident.open(name, "yard", kind, self.clock.now(), 0.5), sinks)

    @precondition(lambda self: any(not each.state.closed for each in self.current.values()))
    @rule(data=st.data(), what=st.sampled_from(["update", "update", "fire", "resolve"]))
    def go_on(self, data: st.DataObject, what: str) -> None:
        incident = data.draw(st.sampled_from([i for i in self.current.values() if not i.state.closed]))
        now = self.clock.now()
        if what == "update":
            change = incident.update(now, 0.6)
        elif what == "fire":
            change = incident.escalate(Kind.FIRE, now, 0.9)
        else:
            change = incident.resolve(now, 0.1)
        self.record(change, SINKS)

    @rule(sink=st.sampled_from(SINKS), limit=st.integers(1, 4))
    def lease(self, sink: str, limit: int) -> None:
        got, expected = self.outbox.lease(sink, limit, LEASE_S), self.model.lease(sink, limit, LEASE_S)
        assert keys(got) == keys(expected)
        assert [(each.attempts, each.lease) for each in got] == [
            (each.attempts, each.lease) for each in expected
        ]
        self.held += zip(got, expected)

    @precondition(lambda self: self.held)
    @rule(data=st.data(), outcome=st.sampled_from(["done", "done", "retry", "park"]))
    def settle(self, data: st.DataObject, outcome: str) -> None:
        pair = self.held.pop(data.draw(st.integers(0, len(self.held) - 1)))
        real, model = pair
        incident = real.change.incident
        if outcome == "done":
            self.outbox.done(real)
            self.model.done(model)
            self.told.setdefault((real.sink, incident.id), []).append(incident.sequence)
        elif outcome == "retry":
            self.outbox.retry(real, 5.0, "refused")
            self.model.retry(model, 5.0, "refused")
            return
        else:
            parked = self.outbox.depth().parked
            self.outbox.park(real, "malformed")
            self.model.park(model, "malformed")
            if self.outbox.depth().parked == parked:
                return
        self.settled.add((real.sink, incident.id, incident.sequence))

    @rule(seconds=st.sampled_from([1.0, 5.0, LEASE_S]))
    def wait(self, seconds: float) -> None:
        self.clock.advance(seconds)

    @rule()
    def restart(self) -> None:
        self.database.close()
        self.open()
        self.outbox.release()
        self.model.release()
        self.held.clear()

    @invariant()
    def counts_agree(self) -> None:
        assert self.outbox.depth() == self.model.depth()

    def teardown(self) -> None:
        # Whatever happened: what still waits can all be told, and no fire is missing.
        told: List[Tuple[str, str, int]] = []
        for _ in range(500):
            if not self.outbox.depth().pending:
                break
            self.clock.advance(LEASE_S)
            for sink in SINKS:
                for delivery in self.outbox.lease(sink, 10, LEASE_S):
                    incident = delivery.change.incident
                    told.append((sink, incident.id, incident.sequence))
                    self.outbox.done(delivery)
        assert self.outbox.depth().pending == 0
        assert len(told) == len(set(told))
        for sink in SINKS:
            for incident_id in self.current:
                order = [number for where, name, number in told if (where, name) == (sink, incident_id)]
                assert order == sorted(order)
        assert self.fires <= self.settled | set(told)
        self.database.close()
        self.folder.close()


OutboxMachine.TestCase.settings = settings(max_examples=15, stateful_step_count=30, deadline=None)
TestOutbox = OutboxMachine.TestCase
