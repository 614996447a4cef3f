"""The self-test tells each hop as it is, and leaves nothing open."""

from __future__ import annotations

import itertools
import threading
from contextlib import closing
from dataclasses import replace
from typing import Callable, Iterator, List, Optional, Sequence

import numpy as np
import pytest

from agent.controls import BusyError, Hop
from agent.desk import selftest
from agent.desk.judge import Judge
from agent.desk.selftest import SelfTest
from agent.domain.evidence import FireScores, ModelInfo
from agent.domain.incident import Change, Incident, Severity, State
from agent.domain.policy.settings import FirePolicySettings
from agent.errors import InferenceError, StoreError
from agent.pipeline.record import Recorder
from agent.ports import Picture, SnapshotRef
from agent.store.database import Database, open_database
from agent.store.history import History
from agent.store.labelled import Labelled
from agent.store.outbox import SqliteOutbox
from agent.store.snapshots import FileSnapshots
from agent.telemetry import Telemetry
from tests.fakes.clock import FakeClock
from tests.fakes.detector import MODEL
from tests.fakes.disk import fast_folder
from tests.fakes.looks import CALM, FLAMES
from tests.unit.desk.test_judge import LockedJournal

ME = "telegram:1"


class FullDisk:
    """A SnapshotStore that has no room."""

    def save(self, incident_id: str, sequence: int, *, annotated: bytes, clean: bytes) -> SnapshotRef:
        raise StoreError("the disk is full")


class Looker:
    """Sees what it is told to."""

    def __init__(self) -> None:
        self.model: ModelInfo = MODEL
        self.policy_settings = FirePolicySettings()
        self.scores = FLAMES
        self.fails: Optional[Exception] = None
        self.seen: List[Sequence[Picture]] = []

    def look(self, pictures: Sequence[Picture]) -> List[FireScores]:
        self.seen.append(pictures)
        if self.fails is not None:
            raise self.fails
        return [self.scores] * len(pictures)

    def judge(self, incident: Incident, word: Callable[[Incident], Change]) -> Optional[Change]:
        raise AssertionError("nobody who watches holds a drill")


class Delivering(FakeClock):
    """As time passes, a dispatcher settles what waits."""

    def __init__(self) -> None:
        super().__init__()
        self.outbox: Optional[SqliteOutbox] = None
        self.deaf: List[str] = []
        self.refuses: List[str] = []

    def wait(self, event: threading.Event, timeout_s: float) -> bool:
        assert self.outbox is not None
        for sink in ("mqtt", "telegram"):
            for delivery in self.outbox.lease(sink, 10, 0.0) if sink not in self.deaf else []:
                if sink in self.refuses:
                    self.outbox.park(delivery, "not allowed")
                else:
                    self.outbox.done(delivery)
        return super().wait(event, timeout_s)


class Range:
    """A self-test with a real store around it."""

    def __init__(self, database: Database) -> None:
        self.clock = Delivering()
        self.clock.outbox = SqliteOutbox(database, self.clock)
        self.history = History(database)
        self.journal = LockedJournal(database, self.clock)
        self.looker = Looker()
        self.closing = threading.Event()
        self.folder = database.path.parent
        self._ids = (f"d{number}" for number in itertools.count(1))
        self.selftest = self.build()

    def build(self, *, full: bool = False) -> SelfTest:
        recorder = Recorder(
            self.journal,
            FullDisk() if full else FileSnapshots(self.folder, self.clock),
            lambda change: ["mqtt", "telegram"],
            self.clock,
            Telemetry(self.clock),
            {},
        )
        judge = Judge(self.looker, self.history, [recorder], Labelled(self.folder), self.clock)
        return SelfTest(
            "yard", self.looker, recorder, self.history, judge, lambda: next(self._ids), self.clock
        )

    def run(self) -> List[Hop]:
        return list(self.selftest.run(ME, self.closing))

    def drill(self) -> Incident:
        (incident,) = self.history.list()
        return incident


RENDERED = selftest.rendered_fire()


@pytest.fixture
def site(monkeypatch: pytest.MonkeyPatch) -> Iterator[Range]:
    monkeypatch.setattr(selftest, "rendered_fire", lambda: RENDERED)
    with fast_folder() as folder, closing(open_database(folder / "beffroi.db", FakeClock())) as database:
        yield Range(database)


def outcome(hops: Sequence[Hop]) -> List[str]:
    return [f"{hop.step} {'ok' if hop.ok else 'failed: ' + hop.detail}" for hop in hops]


def test_where_all_is_well_every_hop_is(site: Range) -> None:
    hops = site.run()
    assert [(hop.step, hop.ok) for hop in hops] == [
        ("picture", True),
        ("look", True),
        ("confirm", True),
        ("record", True),
        ("tell:mqtt", True),
        ("tell:telegram", True),
    ]
    assert all(hop.took_ms >= 0 for hop in hops)
    assert hops[2].detail == "fire after 5 looks"


def test_what_it_leaves_behind_is_a_drill_that_is_over(site: Range) -> None:
    site.run()
    drill = site.drill()
    assert (drill.drill, drill.state, drill.severity) == (True, State.RESOLVED, Severity.INFORMATIONAL)
    assert (drill.actor, drill.model) == (ME, MODEL)
    past = site.history.get(drill.id)
    assert past is not None
    assert past.changes[0].snapshot is not None
    assert past.changes[0].change.capture_to_event_ms is not None


def test_the_pictures_are_the_same_every_time() -> None:
    for one, other in zip(RENDERED, selftest.rendered_fire()):
        assert np.array_equal(one, other)


def test_a_model_that_sees_no_fire_fails_and_the_way_is_tested_all_the_same(site: Range) -> None:
    site.looker.scores = CALM
    assert outcome(site.run()) == [
        "picture ok",
        "look failed: danger 0.02 or more on 3 pictures",
        "confirm failed: no incident after 38 looks",
        "record ok",
        "tell:mqtt ok",
        "tell:telegram ok",
    ]


@pytest.mark.parametrize("error", [InferenceError("the device is gone"), BusyError("no answer")])
def test_a_model_that_does_not_answer_is_told(site: Range, error: Exception) -> None:
    site.looker.fails = error
    hops = outcome(site.run())
    assert hops[1:4] == [f"look failed: {error}", "confirm failed: no incident after 0 looks", "record ok"]


def test_settings_under_which_nothing_ever_opens_are_found(site: Range) -> None:
    site.looker.policy_settings = replace(FirePolicySettings(), open_above=0.99)
    assert [hop.ok for hop in site.run()][:3] == [True, False, False]


def test_a_sink_that_cannot_be_told_is_named_with_the_reason(site: Range) -> None:
    site.clock.deaf = ["mqtt"]
    site.clock.refuses = ["telegram"]
    before = site.clock.monotonic()
    hops = outcome(site.run())
    assert hops[4:] == [
        "tell:telegram failed: parked: not allowed",
        "tell:mqtt failed: not yet: others go first",
    ]
    assert 20.0 <= site.clock.monotonic() - before < 25.0
    assert site.drill().state is State.RESOLVED


def test_a_database_that_takes_nothing_is_told(site: Range) -> None:
    site.journal.locked = True
    assert outcome(site.run())[3:] == ["record failed: the database does not take it; see the log"]


def test_a_picture_that_cannot_be_stored_is_told(site: Range) -> None:
    site.selftest = site.build(full=True)
    assert outcome(site.run())[3] == "record failed: stored without its picture; see the log"


def test_one_at_a_time(site: Range) -> None:
    first = site.selftest.run(ME, site.closing)
    assert next(first).step == "picture"
    with pytest.raises(BusyError, match="runs already"):
        next(site.selftest.run(ME, site.closing))
    assert [hop.step for hop in first][-1] == "tell:telegram"
    assert len(site.run()) == 6, "and then the next"


def test_whoever_goes_away_in_the_middle_leaves_no_drill_open(site: Range) -> None:
    running = site.selftest.run(ME, site.closing)
    while next(running).step != "record":
        pass
    assert site.drill().state is State.OPEN
    running.close()  # type: ignore[attr-defined]
    assert site.drill().state is State.RESOLVED


def test_an_agent_that_stops_does_not_wait_for_its_sinks(site: Range) -> None:
    site.clock.deaf = ["mqtt", "telegram"]
    site.closing.set()
    with pytest.raises(BusyError, match="stops"):
        site.run()
    assert site.drill().state is State.RESOLVED
