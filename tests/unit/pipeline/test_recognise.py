"""The thread that looks for faces: what it tells, whom it waits for, and what it does when it fails."""

from __future__ import annotations

import itertools
import os
import threading
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Callable, Dict, FrozenSet, List, Optional, Sequence

import pytest

from agent.domain.box import Box
from agent.domain.evidence import ModelInfo
from agent.domain.face_event import FaceEvent, FaceEventKind
from agent.domain.incident import Incident, Kind, State
from agent.domain.policy.face import AUTHORISED, WATCH, FacePolicy, FacePolicySettings
from agent.domain.policy.recognition import RecognitionSettings
from agent.domain.zone import Zone
from agent.enrolments import Consent, Person
from agent.errors import BundleError
from agent.faces.enrolled import Roster
from agent.faces.reader import FaceReader
from agent.faces.veil import Veiled
from agent.pipeline.appearances import Appearances, Sighting
from agent.pipeline.recognise import Recogniser, WatchedCamera
from agent.pipeline.record import Recorder
from agent.pipeline.schedule import Schedule
from agent.ports import Frame, Picture
from agent.store.snapshots import FileSnapshots
from agent.telemetry import Telemetry
from tests.fakes.changes import AT, face_event
from tests.fakes.clock import FakeClock
from tests.fakes.faces import FINDER, READER, FakeFaceDetector, FakeFaceReader, street
from tests.fakes.memory_store import MemoryStore
from tests.fakes.onlookers import gallery_of, onlooker

ANN, BEN, STRANGER = 1, 2, 9
BY = "telegram:1"
PATIENCE_S = 20.0


def person(number: int, *roles: str) -> Person:
    return Person(number, "", roles, Consent("", AT, "signed form 12"), BY, AT, None, 3)


class Register:
    """Implements agent.faces.enrolled.Enrolled: whom the test says."""

    def __init__(self) -> None:
        self.present = Roster(0, gallery_of())
        self.failing: Optional[Exception] = None

    def enrol(self, *people: Person) -> None:
        numbers = [one.id for one in people]
        self.present = Roster(self.present.version + 1, gallery_of(*numbers), people)

    def roster(self) -> Roster:
        if self.failing is not None:
            raise self.failing
        return self.present


LEFT = Zone("left", ((0.0, 0.0), (0.5, 0.0), (0.5, 1.0), (0.0, 1.0)))


class ClearBoxes:
    """Implements agent.faces.veil.Veiling: notes whose faces may be seen."""

    def __init__(self) -> None:
        self.clear: List[Sequence[Box]] = []

    def over(
        self, picture: Picture, clear: Sequence[Box] = (), also: Sequence[Box] = (), closely: bool = True
    ) -> Veiled:
        self.clear.append(clear)
        return Veiled(picture)


class ListDoor:
    """Implements agent.pipeline.recognise.DoorWatch: lets everybody in, and remembers who might pass."""

    def __init__(self) -> None:
        self.allowed: List[Optional[FrozenSet[int]]] = []

    def look(
        self,
        sightings: Sequence[Sighting],
        frame: Frame,
        allowed: Optional[FrozenSet[int]],
        model: ModelInfo,
    ) -> List[FaceEvent]:
        self.allowed.append(allowed)
        return [replace(face_event(FaceEventKind.AUTHENTICATED), track=one.track) for one in sightings]


class Bench:
    """A recogniser over two cameras, turned by hand: at the gate people must be authorised, in the hall they
    are watched."""

    def __init__(self, folder: Path) -> None:
        self.clock = FakeClock()
        self.store = MemoryStore(self.clock)
        self.enrolled = Register()
        self.veil = ClearBoxes()
        self.door = ListDoor()
        self.frames: Dict[str, Frame] = {}
        self.events: List[FaceEvent] = []
        self.tell: Callable[[Optional[str]], None] = lambda why: None
        self.telemetry = Telemetry(self.clock)
        self.readers = [FakeFaceReader()]
        self.reader = self.readers[0]
        self.made: List[FakeFaceReader] = []
        self.stop = threading.Event()
        self._numbers = itertools.count(1)
        self.recorder = Recorder(
            self.store,
            FileSnapshots(folder, self.clock),
            lambda change: ["mqtt"],
            self.clock,
            self.telemetry,
            {},
            veil=self.veil,
        )
        self.recogniser = Recogniser(
            {
                "gate": WatchedCamera(self.policy("gate", AUTHORISED), roles=frozenset({"staff"})),
                "hall": WatchedCamera(self.policy("hall", WATCH), people=frozenset({ANN}), door=self.door),
            },
            self.frames.get,
            self._reader,
            self.enrolled,
            Schedule({"gate": 2.0, "hall": 2.0}, 4),
            self.recorder,
            self.events.append,
            lambda why: self.tell(why),
            self.clock,
            self.telemetry,
            RecognitionSettings(),
        )

    def policy(self, camera: str, name: str) -> FacePolicy:
        zones = ((LEFT, name),)
        return FacePolicy(camera, FacePolicySettings(name, zones), lambda: f"f{next(self._numbers)}")

    def _reader(self) -> FaceReader:
        if not self.readers:
            raise BundleError("there is no bundle dlib-face")
        self.made.append(self.readers.pop(0))
        return self.made[-1]  # type: ignore[return-value]

    def see(self, camera: str, picture: Picture) -> None:
        self.frames[camera] = Frame(camera, picture, self.clock.moment(), 0.0, 0)

    def turn(self) -> None:
        self.recogniser.turn(self.reader, self.stop)  # type: ignore[arg-type]

    def turns(self, number: int, **pictures: Picture) -> None:
        for _ in range(number):
            for camera, picture in pictures.items():
                self.see(camera, picture)
            self.turn()
            self.clock.advance(0.5)

    def run(self) -> None:
        """In a thread of its own, which it makes nicer, until `stop` is set."""
        thread = threading.Thread(target=self.recogniser.run, args=(self.stop,))
        thread.start()
        thread.join(PATIENCE_S)
        assert not thread.is_alive()

    def incident(self) -> Incident:
        (incident,) = self.store.unresolved()
        return incident


@pytest.fixture
def bench(tmp_path: Path) -> Bench:
    return Bench(tmp_path)


def test_a_stranger_is_an_incident_where_they_must_be_authorised_and_none_where_not(bench: Bench) -> None:
    bench.enrolled.enrol(person(ANN, "staff"))
    stranger = onlooker(street(), STRANGER, 100)
    bench.turns(3, gate=stranger, hall=stranger)
    incident = bench.incident()
    assert (incident.camera, incident.kind, incident.person) == ("gate", Kind.FACE, None)
    assert [event.kind for event in bench.events] == [FaceEventKind.AUTHENTICATED] * 3
    assert bench.veil.clear == [[]], "nobody whom it is about is enrolled"
    change = bench.store.changes[f"{incident.id}-1"]
    assert change.capture_to_event_ms is not None


def test_the_face_of_the_enrolled_person_whom_it_is_about_may_be_seen_and_no_other(bench: Bench) -> None:
    bench.enrolled.enrol(person(ANN, "staff"), person(BEN, "guest"))
    both = onlooker(onlooker(street(), BEN, 40), ANN, 200)
    bench.turns(3, gate=both)
    assert bench.incident().person == BEN
    ((box,),) = bench.veil.clear
    assert (box.left, box.right) == (40, 100)


def test_only_the_people_of_a_camera_are_told(bench: Bench) -> None:
    bench.enrolled.enrol(person(ANN), person(BEN))
    bench.turns(3, hall=onlooker(onlooker(street(), BEN, 40), ANN, 200))
    recognised = [event for event in bench.events if event.kind is FaceEventKind.RECOGNISED]
    assert [event.person for event in recognised] == [ANN]
    assert set(bench.door.allowed) == {frozenset({ANN})}


def test_what_a_door_says_names_the_zone_of_the_face(bench: Bench) -> None:
    bench.enrolled.enrol(person(ANN))
    bench.turns(1, hall=onlooker(onlooker(street(), BEN, 40), ANN, 200))
    assert sorted(event.zones for event in bench.events) == [(), ("left",)]


def test_a_frame_is_looked_at_once_and_each_camera_at_its_pace(bench: Bench) -> None:
    bench.see("hall", street())
    for _ in range(10):
        bench.turn()
    assert len(bench.door.allowed) == 1
    for _ in range(10):
        bench.see("hall", street())
        bench.turn()
    assert bench.clock.monotonic() > 0, "it waits where nothing is due"
    assert len(bench.door.allowed) == 1 + int(bench.clock.monotonic() / 0.5)


def test_a_camera_that_is_looked_at_often_has_its_pace(bench: Bench) -> None:
    bench.recogniser._schedule = Schedule({"gate": 2.0, "hall": 25.0}, 4)
    while bench.clock.monotonic() < 10.0:
        bench.see("hall", street())
        bench.turn()
    assert len(bench.door.allowed) >= 225


def test_how_long_a_look_takes_is_counted(bench: Bench) -> None:
    bench.turns(2, hall=street())
    assert bench.telemetry.latencies()["faces"].count == 2


def test_who_is_enrolled_meanwhile_is_known_from_then_on(bench: Bench) -> None:
    picture = onlooker(street(), ANN, 100)
    bench.turns(4, hall=picture)
    bench.enrolled.enrol(person(ANN))
    bench.turns(2, hall=picture)
    assert [event.kind for event in bench.events].count(FaceEventKind.RECOGNISED) == 0
    bench.turns(1, hall=picture)
    assert [event.kind for event in bench.events].count(FaceEventKind.RECOGNISED) == 1


def test_an_incident_ends_when_the_person_it_is_about_is_forgotten(bench: Bench) -> None:
    bench.enrolled.enrol(person(BEN))
    bench.turns(3, gate=onlooker(street(), BEN, 40))
    incident = bench.incident()
    bench.enrolled.enrol()
    bench.turns(1, gate=street())
    after = bench.store.incidents[incident.id]
    assert (after.state, after.person) == (State.RESOLVED, None)


def test_people_judge_an_incident_of_a_face(bench: Bench) -> None:
    bench.turns(3, gate=onlooker(street(), STRANGER, 100))
    incident = bench.incident()
    change = bench.recogniser.judge(incident, lambda one: one.dismiss(bench.clock.now(), BY))
    assert change is not None
    assert bench.store.incidents[incident.id] == change.incident
    assert bench.recogniser.judge(incident, lambda one: one.dismiss(bench.clock.now(), BY)) is None
    elsewhere = Incident.open("x", "roof", Kind.FACE, AT, 0.9).incident
    assert bench.recogniser.judge(elsewhere, lambda one: one.dismiss(AT, BY)) is None


def test_an_incident_of_an_earlier_run_goes_on_at_its_camera(bench: Bench) -> None:
    before = Incident.open("old", "gate", Kind.FACE, AT - timedelta(hours=1), 0.9, reason="unknown").incident
    bench.store.incidents["old"] = before
    assert bench.recogniser.resume(before)
    assert not bench.recogniser.resume(Incident.open("x", "roof", Kind.FACE, AT, 0.9).incident)
    bench.turns(3, gate=onlooker(street(), STRANGER, 100))
    assert bench.incident().id == "old"
    bench.turns(41, gate=street())
    assert bench.store.incidents["old"].state is State.RESOLVED


def test_what_was_dismissed_in_an_earlier_run_stays_so(bench: Bench) -> None:
    for number, camera in (("here", "gate"), ("gone", "roof")):
        before = Incident.open(number, camera, Kind.FACE, AT, 0.9, reason="unknown").incident
        bench.recogniser.resume_dismissed(before.dismiss(AT, BY).incident, bench.clock.moment())
    bench.turns(10, gate=onlooker(street(), STRANGER, 100))
    assert bench.store.unresolved() == []


def test_a_face_lasts_as_long_as_its_camera_says(bench: Bench) -> None:
    seldom = WatchedCamera(bench.policy("gate", AUTHORISED), lost_after_s=20.0)
    bench.recogniser._cameras = {"gate": seldom}
    bench.recogniser._appearances = {"gate": Appearances(RecognitionSettings(), seldom.lost_after_s)}
    for _ in range(3):
        bench.turns(1, gate=onlooker(street(), STRANGER, 100))
        bench.clock.advance(8.0)
    assert bench.incident().reason == "unknown"


def test_a_change_that_the_database_did_not_take_is_tried_again(bench: Bench) -> None:
    bench.recorder.enqueue(Incident.open("late", "gate", Kind.FACE, AT, 0.9))
    bench.turn()
    assert bench.recorder.waiting == 0
    assert bench.incident().id == "late"


def test_what_fails_is_told_and_tried_again_and_its_end_is_told(bench: Bench) -> None:
    bench.readers = [FakeFaceReader(FakeFaceDetector(failures=1)), FakeFaceReader()]
    bench.see("hall", street())
    seen: List[Optional[str]] = []

    def tell(why: Optional[str]) -> None:
        seen.append(why)
        bench.clock.advance(1.0)
        bench.see("hall", street())
        if why is None:
            bench.stop.set()

    bench.tell = tell
    bench.run()
    assert seen == ["the device is gone", None]
    assert bench.clock.monotonic() >= 30.0
    assert [reader.detector.closed and reader.embedder.closed for reader in bench.made] == [True, True]
    assert bench.recogniser.models == (FINDER, READER)
    assert bench.recogniser.tried.is_set()


def test_what_nobody_expected_is_told_too_and_left_to_the_supervisor(bench: Bench) -> None:
    bench.enrolled.failing = ValueError("embeddings that are not numbers")
    said: List[Optional[str]] = []
    bench.tell = said.append
    bench.see("hall", street())
    with pytest.raises(ValueError, match="not numbers"):
        bench.recogniser.run(bench.stop)
    assert said == ["ValueError"]
    assert bench.made[0].detector.closed


def test_without_a_bundle_it_says_so_and_goes_on_trying(bench: Bench) -> None:
    bench.readers = []
    said: List[Optional[str]] = []

    def tell(why: Optional[str]) -> None:
        said.append(why)
        if len(said) == 3:
            bench.stop.set()

    bench.tell = tell
    assert not bench.recogniser.tried.is_set()
    bench.run()
    assert bench.recogniser.tried.is_set()
    assert said == ["there is no bundle dlib-face"] * 3
    assert bench.recogniser.models == ()


def test_it_yields_to_those_that_look_for_fire(bench: Bench) -> None:
    before = os.getpriority(os.PRIO_PROCESS, os.getpid())
    nice: List[int] = []

    def tell(_: Optional[str]) -> None:
        nice.append(os.getpriority(os.PRIO_PROCESS, threading.get_native_id()))
        bench.stop.set()

    bench.tell, bench.readers = tell, []
    bench.run()
    assert nice == [min(before + 5, 19)]
    assert os.getpriority(os.PRIO_PROCESS, os.getpid()) == before


def test_a_new_engine_looks_from_the_next_turn_on(bench: Bench) -> None:
    bench.readers = [FakeFaceReader(), FakeFaceReader()]
    bench.see("hall", street())

    def tell(_: Optional[str]) -> None:
        bench.clock.advance(1.0)
        bench.see("hall", street())
        if len(bench.made) == 1:
            bench.recogniser.renew()
        else:
            bench.stop.set()

    bench.tell = tell
    bench.run()
    assert [reader.detector.closed for reader in bench.made] == [True, True]


def test_the_thresholds_that_hold_are_said_with_the_model(bench: Bench) -> None:
    bench.enrolled.enrol(person(ANN))
    picture = onlooker(street(), ANN, 100)
    bench.see("hall", picture)

    def tell(_: Optional[str]) -> None:
        bench.clock.advance(0.5)
        bench.see("hall", picture)
        if any(event.kind is FaceEventKind.RECOGNISED for event in bench.events):
            bench.stop.set()

    bench.tell = tell
    bench.run()
    recognised = bench.events[-1]
    assert recognised.model.bundle == READER.bundle
    assert recognised.model.thresholds == {"max_distance": 0.47, "margin": 0.08}
