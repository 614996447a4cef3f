"""What a person says is decided once, in order, and kept."""

from __future__ import annotations

import itertools
import random
import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path
from typing import Callable, Dict, Iterator, List, Optional, Sequence

import pytest

from agent.controls import BusyError, ClosedIncidentError, RequestError, UnknownIncidentError
from agent.desk.judge import Judge
from agent.domain.incident import Change, Incident, Kind, State
from agent.domain.policy.fire import FirePolicy
from agent.domain.policy.settings import FirePolicySettings
from agent.errors import StoreError
from agent.pipeline.record import Recorder
from agent.pipeline.requests import Requests
from agent.ports import FireDetector, Frame, SnapshotRef
from agent.store.database import Database, open_database
from agent.store.history import History, PastIncident
from agent.store.incidents import SqliteJournal
from agent.store.labelled import FOLDER, Labelled
from agent.store.snapshots import FileSnapshots
from agent.telemetry import Telemetry
from tests.fakes.clock import FakeClock
from tests.fakes.detector import RED, FakeFireDetector, picture
from tests.fakes.disk import fast_folder
from tests.fakes.looks import CALM, FLAMES
from tests.fakes.running import running

ANNA, BOB = "telegram:1", "telegram:2"


class Holder:
    """Holds incidents as the policies do; the words on them are decided here."""

    def __init__(self, recorder: Recorder) -> None:
        self.held: Dict[str, Incident] = {}
        self.asked = 0
        self._recorder = recorder

    def judge(self, incident: Incident, word: Callable[[Incident], Change]) -> Optional[Change]:
        self.asked += 1
        own = self.held.get(incident.id)
        if own is None:
            return None
        change = word(own)
        self.held[own.id] = change.incident
        self._recorder.enqueue(change)
        self._recorder.retry()
        return change


class LockedJournal(SqliteJournal):
    """Takes nothing while `locked`."""

    locked = False

    def record(self, change: Change, snapshot: Optional[SnapshotRef], sinks: Sequence[str]) -> None:
        if self.locked:
            raise StoreError("the database is locked")
        super().record(change, snapshot, sinks)


class Court:
    """A judge with a real store."""

    def __init__(self, database: Database) -> None:
        self.clock = FakeClock()
        self.folder = database.path.parent
        self.history = History(database)
        self.journal = LockedJournal(database, self.clock)
        self.recorder, self.beside = (
            Recorder(
                self.journal,
                FileSnapshots(self.folder, self.clock),
                lambda change: [],
                self.clock,
                Telemetry(self.clock),
                {},
            )
            for _ in range(2)
        )
        self.holder = Holder(self.recorder)
        self.labelled = Labelled(self.folder)
        self.judge = Judge(self.holder, self.history, [self.recorder, self.beside], self.labelled, self.clock)

    def opened(self, id: str = "a", kind: Kind = Kind.FIRE, *, held: bool = True) -> Incident:
        frame = Frame("yard", picture(RED), self.clock.moment(), 0.0, 0)
        incident = self.record(Incident.open(id, "yard", kind, self.clock.now(), 0.9), frame)
        if held:
            self.holder.held[id] = incident
        return incident

    def record(self, change: Change, frame: Optional[Frame] = None) -> Incident:
        self.recorder.record(change, frame)
        return change.incident

    def past(self, id: str = "a") -> PastIncident:
        past = self.history.get(id)
        assert past is not None
        return past

    def story(self, id: str = "a") -> List[str]:
        return [one.change.transition.value for one in self.past(id).changes]

    def labels(self) -> List[str]:
        return sorted(path.parent.name for path in (self.folder / FOLDER).rglob("*.jpg"))


@pytest.fixture
def court() -> Iterator[Court]:
    with fast_folder() as folder, closing(open_database(folder / "beffroi.db", FakeClock())) as database:
        yield Court(database)


def test_who_holds_the_incident_decides(court: Court) -> None:
    court.opened()
    taken = court.judge.acknowledge("a", ANNA)
    assert (taken.state, taken.actor, taken.sequence) == (State.ACKNOWLEDGED, ANNA, 2)
    assert court.holder.held["a"] == taken
    dismissed = court.judge.dismiss("a", BOB)
    assert (dismissed.state, dismissed.actor, dismissed.sequence) == (State.DISMISSED, BOB, 3)
    assert court.past().incident == dismissed
    assert court.story() == ["opened", "acknowledged", "dismissed"]


@pytest.mark.parametrize("held", [True, False])
def test_acknowledged_twice_it_says_how_it_stands(court: Court, held: bool) -> None:
    court.opened(held=held)
    first = court.judge.acknowledge("a", ANNA)
    with pytest.raises(ClosedIncidentError, match=f"already acknowledged by {ANNA}") as refusal:
        court.judge.acknowledge("a", BOB)
    assert refusal.value.incident == first
    assert court.story() == ["opened", "acknowledged"]


def test_what_is_over_may_be_dismissed_once_and_not_taken_on(court: Court) -> None:
    resolved = court.record(court.opened(held=False).resolve(court.clock.now(), 0.1))
    with pytest.raises(ClosedIncidentError) as refusal:
        court.judge.acknowledge("a", ANNA)
    assert refusal.value.incident == resolved
    dismissed = court.judge.dismiss("a", ANNA)
    with pytest.raises(ClosedIncidentError) as refusal:
        court.judge.dismiss("a", BOB)
    assert refusal.value.incident == dismissed
    assert court.story() == ["opened", "resolved", "dismissed"]
    assert court.holder.asked == 0, "whoever watches has nothing to do with it"


def test_what_nobody_holds_any_more_is_decided_all_the_same(court: Court) -> None:
    court.opened(held=False)
    assert court.judge.acknowledge("a", ANNA).sequence == 2
    assert court.judge.dismiss("a", ANNA).sequence == 3


def test_an_unknown_incident_is_said_to_be_so(court: Court) -> None:
    with pytest.raises(UnknownIncidentError, match="no incident nothing"):
        court.judge.dismiss("nothing", ANNA)


@pytest.mark.parametrize("by", ["recorder", "beside"])
def test_an_end_that_the_database_has_not_taken_yet_counts(court: Court, by: str) -> None:
    """Or else two changes would get one number, and the later would be lost."""
    incident = court.opened(held=False)
    recorder: Recorder = getattr(court, by)
    court.journal.locked = True
    recorder.record(incident.resolve(court.clock.now(), 0.1), None)
    assert court.judge.dismiss("a", ANNA).sequence == 3
    with pytest.raises(ClosedIncidentError):
        court.judge.acknowledge("a", ANNA)
    court.journal.locked = False
    recorder.retry()
    assert court.story() == ["opened", "resolved", "dismissed"]


def test_the_pictures_are_kept_under_the_last_word(court: Court) -> None:
    court.opened()
    court.judge.acknowledge("a", ANNA)
    assert court.labels() == ["fire"]
    court.judge.dismiss("a", ANNA)
    assert court.labels() == ["no-fire"]


def test_pictures_that_cannot_be_kept_do_not_refuse_the_word(
    court: Court, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(self: Path, target: Path) -> Path:
        raise OSError(28, "No space left on device")

    court.opened()
    monkeypatch.setattr(Path, "replace", full)
    assert court.judge.dismiss("a", ANNA).state is State.DISMISSED
    assert court.labels() == []


def rehearsed(court: Court) -> Incident:
    frame = Frame("yard", picture(RED), court.clock.moment(), 0.0, 0)
    return court.record(Incident.rehearse("d", "yard", court.clock.now(), 0.9, actor=ANNA), frame)


def test_a_drill_ends_and_teaches_nothing(court: Court) -> None:
    rehearsed(court)
    court.judge.acknowledge("d", ANNA)
    court.judge.end_drill("d")
    assert court.story("d") == ["opened", "acknowledged", "resolved"]
    assert court.labels() == []
    assert court.holder.asked == 0


def test_a_drill_that_a_person_dismissed_is_over(court: Court) -> None:
    rehearsed(court)
    court.judge.dismiss("d", ANNA)
    court.judge.end_drill("d")
    assert court.story("d") == ["opened", "dismissed"]
    assert court.labels() == []


class Watch:
    """A real policy in its own thread: fire breaks out and goes out, over and over."""

    SETTINGS = FirePolicySettings(needed=1, window=1, half_life_s=0.01, resolve_after_s=0.3, cooldown_s=0.0)

    def __init__(self, court: Court, seed: int) -> None:
        ids = (f"i{n}" for n in itertools.count(1))
        self._court = court
        self._policy = FirePolicy("yard", self.SETTINGS, lambda: next(ids))
        self._requests = Requests()
        self._rng = random.Random(seed)

    def judge(self, incident: Incident, word: Callable[[Incident], Change]) -> Optional[Change]:
        def decide(_: FireDetector) -> Optional[Change]:
            change = self._policy.judge(incident.id, word, self._court.clock.moment())
            if change is not None:
                self._court.recorder.enqueue(change)
            return change

        change = self._requests.ask(decide, 20.0)
        self._court.recorder.retry()
        return change

    def run(self, stop: threading.Event) -> None:
        detector = FakeFireDetector()
        while not stop.is_set():
            self._court.clock.advance(0.1)
            looked = FLAMES if self._rng.random() < 0.3 else CALM
            for change in self._policy.look(looked, self._court.clock.moment()):
                self._court.recorder.record(change, None)
            self._court.recorder.retry()
            self._requests.serve(detector)
        self._requests.refuse()


@pytest.mark.parametrize("seed", range(3))
def test_however_people_and_the_end_of_a_fire_race_each_change_has_its_own_number(
    court: Court, seed: int
) -> None:
    watch = Watch(court, seed)
    judge = Judge(watch, court.history, [court.recorder], court.labelled, court.clock)

    def press(number: int) -> Dict[str, List[str]]:
        """What this person was told had been done."""
        rng = random.Random(number)
        done: Dict[str, List[str]] = {}
        for _ in range(60):
            known = court.history.list(limit=3)
            if not known:
                continue
            word = judge.dismiss if rng.random() < 0.5 else judge.acknowledge
            incident = rng.choice(known)
            try:
                after = word(incident.id, f"telegram:{number}")
            except (ClosedIncidentError, BusyError):
                continue
            done.setdefault(after.id, []).append(f"{after.sequence} {after.state.value} {after.actor}")
        return done

    with running(watch.run), ThreadPoolExecutor(3) as pool:
        told = [one.result(100.0) for one in [pool.submit(press, number) for number in range(3)]]
    court.recorder.retry()
    assert any(told)
    for incident in court.history.list():
        past = court.past(incident.id)
        after = [one.change.incident for one in past.changes]
        assert [one.sequence for one in after] == list(range(1, len(after) + 1))
        assert past.incident == after[-1]
        assert not any(one.state is State.DISMISSED for one in after[:-1]), "dismissed is the end"
        kept = [f"{one.sequence} {one.state.value} {one.actor}" for one in after]
        for person in told:
            assert set(person.get(incident.id, [])) <= set(kept), "what a person was told is so"


def test_a_watch_that_does_not_answer_is_busy_and_nothing_changed(court: Court) -> None:
    court.opened()

    def busy(incident: Incident, word: Callable[[Incident], Change]) -> Optional[Change]:
        raise BusyError("starting")

    court.holder.judge = busy  # type: ignore[method-assign]
    with pytest.raises(RequestError, match="starting"):
        court.judge.dismiss("a", ANNA)
    assert court.story() == ["opened"]
