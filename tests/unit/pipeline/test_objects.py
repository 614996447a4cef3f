"""The thread that looks for things: what it records, tells and counts, and what it does when it fails."""

from __future__ import annotations

import itertools
import threading
from pathlib import Path
from typing import Callable, Dict, List, Optional, Tuple

import cv2
import numpy as np
import pytest

from agent.domain.geometry import Line
from agent.domain.incident import Incident, Kind, Severity, State
from agent.domain.object_event import ObjectEvent, ObjectEventKind
from agent.domain.policy.object_rules import ObjectRule, Raises, RuleKind
from agent.domain.policy.objects import ObjectPolicy, ObjectPolicySettings
from agent.domain.zone import Zone
from agent.errors import BundleError, InferenceError
from agent.pipeline.gate import MotionGate
from agent.pipeline.objects import ObjectCamera, ObjectWatch
from agent.pipeline.record import Recorder
from agent.pipeline.schedule import Schedule
from agent.ports import Frame, LineCounts, ObjectDetector, ObjectTracker, Picture
from agent.store.snapshots import FileSnapshots
from agent.telemetry import Telemetry
from agent.vision.tracking.tracker import BufferedTracker
from tests.fakes.changes import AT
from tests.fakes.clock import FakeClock
from tests.fakes.faces import street
from tests.fakes.memory_store import MemoryStore
from tests.fakes.objects import BOXER, FakeObjectDetector, FakeTracker, place

BY = "telegram:1"
PATIENCE_S = 20.0
YARD = Zone("yard", ((0.0, 0.0), (0.5, 0.0), (0.5, 1.0), (0.0, 1.0)))
QUAY = Line("quay", (0.0, 0.6), (1.0, 0.6))
ENTER = ObjectRule(
    "nobody-here",
    RuleKind.ENTER,
    frozenset({"person"}),
    YARD,
    raises=Raises.INCIDENT,
    severity=Severity.HIGH,
)
LOITER = ObjectRule("waits", RuleKind.LOITER, frozenset({"person"}), YARD, seconds=20.0)
TO_THE_RIGHT = ((0.1, 0.5), (0.9, 0.5))
AGAINST = ObjectRule("way", RuleKind.WRONG_WAY, frozenset({"car"}), seconds=1.0, way=TO_THE_RIGHT)
CROSS = ObjectRule("ships", RuleKind.LINE, frozenset({"car", "person"}), line=QUAY)


class Bench:
    """A watch over two cameras, turned by hand: on the gate nobody may enter the left half, on the quay what
    crosses a line is told and counted."""

    def __init__(
        self,
        folder: Path,
        rule: ObjectRule = ENTER,
        gate: Optional[MotionGate] = None,
        tracker: Optional[ObjectTracker] = None,
    ) -> None:
        """`rule`, `gate` and `tracker` are those of the gate."""
        self.folder = folder
        self.clock = FakeClock()
        self.store = MemoryStore(self.clock)
        self.frames: Dict[str, Frame] = {}
        self.events: List[ObjectEvent] = []
        self.counts: List[Tuple[str, LineCounts]] = []
        self.tell: Callable[[Optional[str]], None] = lambda why: None
        self.telemetry = Telemetry(self.clock)
        self.detectors = [FakeObjectDetector()]
        self.detector = self.detectors[0]
        self.made: List[FakeObjectDetector] = []
        self.trackers = {camera: FakeTracker() for camera in ("gate", "quay")}
        self.stop = threading.Event()
        self._numbers = itertools.count(1)
        recorder = Recorder(
            self.store,
            FileSnapshots(folder, self.clock),
            lambda change: ["mqtt"],
            self.clock,
            self.telemetry,
            {},
        )
        self.watch = ObjectWatch(
            {
                "gate": ObjectCamera(tracker or self.trackers["gate"], self._policy("gate", rule), gate),
                "quay": ObjectCamera(self.trackers["quay"], self._policy("quay", CROSS)),
            },
            self.frames.get,
            self._detector,
            Schedule({"gate": 5.0, "quay": 5.0}, 4),
            recorder,
            self.events.append,
            lambda camera, counts: self.counts.append((camera, counts)),
            lambda why: self.tell(why),
            self.clock,
            self.telemetry,
        )

    def _policy(self, camera: str, rule: ObjectRule) -> ObjectPolicy:
        settings = ObjectPolicySettings((rule,))
        return ObjectPolicy(camera, settings, lambda: f"o{next(self._numbers)}")

    def _detector(self) -> ObjectDetector:
        if not self.detectors:
            raise BundleError("there is no bundle")
        self.made.append(self.detectors.pop(0))
        return self.made[-1]

    def see(self, camera: str, picture: Picture) -> None:
        self.frames[camera] = Frame(camera, picture, self.clock.moment(), 0.0, 0)

    def look(self, camera: str, *pictures: Picture) -> None:
        for picture in pictures:
            self.see(camera, picture)
            self.watch.turn(self.detector, self.stop)
            self.clock.advance(0.2)

    def cross(self, label: str = "car") -> None:
        """Something goes down over the line."""
        self.look("quay", *(place(street(), label, 0.5, y) for y in (0.5, 0.5, 0.7, 0.7, 0.7)))

    def run(self) -> None:
        thread = threading.Thread(target=self.watch.run, args=(self.stop,))
        thread.start()
        thread.join(PATIENCE_S)
        assert not thread.is_alive()

    def incident(self) -> Incident:
        (incident,) = self.store.unresolved()
        return incident


@pytest.fixture
def bench(tmp_path: Path) -> Bench:
    return Bench(tmp_path)


def enters() -> List[Picture]:
    """Somebody comes in from the right."""
    return [place(street(), "person", x, 0.8) for x in (0.8, 0.8, 0.6, 0.3, 0.3, 0.3)]


def test_a_rule_that_raises_an_incident_does_so_with_what_it_is_about_in_a_box(bench: Bench) -> None:
    bench.look("gate", *enters())
    incident = bench.incident()
    assert (incident.kind, incident.camera, incident.reason) == (Kind.OBJECT, "gate", "nobody-here")
    assert incident.severity is Severity.HIGH
    assert incident.model == BOXER
    assert bench.store.changes[f"{incident.id}-1"].capture_to_event_ms is not None
    (delivery,) = bench.store.lease("mqtt", 1, 60.0)
    assert delivery.snapshot is not None
    clean, shown = (
        np.asarray(cv2.imread(str(bench.folder / path)), int)
        for path in (delivery.snapshot.clean, delivery.snapshot.annotated)
    )
    box = (slice(130, 200), slice(60, 130))
    assert np.abs(clean - shown)[box].max() > 60
    assert np.abs(clean - shown)[100:230, 200:300].max() < 30
    assert bench.events == []


def test_a_rule_that_raises_an_event_is_told_and_counted(bench: Bench) -> None:
    bench.cross()
    assert [event.kind for event in bench.events] == [ObjectEventKind.CROSSED]
    assert (bench.events[0].camera, bench.events[0].direction) == ("quay", "in")
    assert bench.store.unresolved() == []
    assert bench.counts == [("quay", {"quay": {"in": {}, "out": {}}})], "an earlier run counts no more"
    bench.clock.advance(10.0)
    bench.look("quay", street())
    assert bench.counts[1:] == [("quay", {"quay": {"in": {"car": 1}, "out": {}}})]


def test_counts_are_told_while_they_grow_and_not_at_every_turn(bench: Bench) -> None:
    for _ in range(60):
        bench.look("quay", street())
    assert len(bench.counts) == 1
    for label in ("car", "person"):
        bench.cross(label)
    assert len(bench.counts) == 2
    bench.clock.advance(10.0)
    bench.watch.turn(bench.detector, bench.stop)
    assert bench.counts[-1] == ("quay", {"quay": {"in": {"car": 1, "person": 1}, "out": {}}})
    bench.clock.advance(10.0)
    bench.watch.turn(bench.detector, bench.stop)
    assert len(bench.counts) == 3


def test_what_was_counted_since_it_was_told_is_told_at_the_end(bench: Bench) -> None:
    bench.cross()
    assert len(bench.counts) == 1
    bench.stop.set()
    bench.run()
    assert bench.counts[1:] == [("quay", {"quay": {"in": {"car": 1}, "out": {}}})]
    bench.run()
    assert len(bench.counts) == 2, "what was told needs no last word"


def test_through_the_gate_a_loiterer_in_a_still_picture_stays_one_thing_and_is_told_in_time(
    tmp_path: Path,
) -> None:
    bench = Bench(tmp_path, LOITER, gate=MotionGate(5.0), tracker=BufferedTracker(2.0))
    began = bench.clock.now()
    waits = place(street(), "person", 0.3, 0.8)
    bench.look("gate", *(waits.copy() for _ in range(110)))
    (event,) = bench.events
    told_after_s = (event.at - began).total_seconds()
    assert event.kind is ObjectEventKind.LOITERED
    assert 20.0 <= told_after_s < 20.5
    assert len(bench.detector.seen) < 30, "most pictures were not looked at"
    assert bench.telemetry.latencies()["objects"].count == len(bench.detector.seen)


@pytest.mark.parametrize(("size", "told"), [((180, 320), 1), ((320, 180), 0)])
def test_rules_are_told_how_wide_the_picture_is(tmp_path: Path, size: Tuple[int, int], told: int) -> None:
    bench = Bench(tmp_path, AGAINST)
    steps = np.linspace((0.5, 0.4), (0.25, 0.9), 16)
    bench.look("gate", *(place(street(*size), "car", x, y, 0.1, 0.1) for x, y in steps.tolist()))
    assert len(bench.events) == told, "132 degrees from the way on the wide one, 106 on the tall one"


def test_through_the_gate_what_fails_is_looked_at_again(tmp_path: Path) -> None:
    bench = Bench(tmp_path, LOITER, gate=MotionGate(5.0))
    bench.detector = FakeObjectDetector(failures=1)
    with pytest.raises(InferenceError):
        bench.look("gate", street())
    bench.clock.advance(1.0)
    bench.look("gate", street())
    assert len(bench.detector.seen) == 1


def test_each_camera_has_a_tracker_of_its_own_that_is_told_the_time_of_the_frame(bench: Bench) -> None:
    at = bench.clock.monotonic()
    bench.look("gate", street(), street())
    bench.look("quay", street())
    assert bench.trackers["gate"].times == pytest.approx([at, at + 0.2])
    assert bench.trackers["quay"].times == pytest.approx([at + 0.4])
    assert bench.telemetry.latencies()["objects"].count == 3


def test_people_judge_an_incident_and_it_ends_once_nothing_is_there(bench: Bench) -> None:
    bench.look("gate", *enters())
    incident = bench.incident()
    bench.watch.judge(incident, lambda one: one.acknowledge(bench.clock.now(), BY))
    assert bench.incident().state is State.ACKNOWLEDGED
    bench.look("gate", *(street() for _ in range(150)))
    assert bench.store.incidents[incident.id].state is State.RESOLVED
    assert bench.watch.judge(incident, lambda one: one.dismiss(bench.clock.now(), BY)) is None


def test_an_incident_of_an_earlier_run_goes_on_at_its_camera(bench: Bench) -> None:
    before = Incident.open("old", "gate", Kind.OBJECT, AT, 0.9, reason="nobody-here").incident
    elsewhere = Incident.open("x", "roof", Kind.OBJECT, AT, 0.9, reason="nobody-here").incident
    assert bench.watch.resume(before)
    assert not bench.watch.resume(elsewhere)
    bench.look("gate", *enters())
    assert {change.incident.id for change in bench.store.changes.values()} <= {"old"}


def test_what_fails_is_told_and_tried_again_and_its_end_is_told(bench: Bench) -> None:
    bench.detectors = [FakeObjectDetector(failures=1), FakeObjectDetector()]
    bench.see("quay", street())
    said: List[Optional[str]] = []

    def tell(why: Optional[str]) -> None:
        said.append(why)
        bench.clock.advance(1.0)
        bench.see("quay", street())
        if why is None:
            bench.stop.set()

    bench.tell = tell
    bench.run()
    assert said == ["the device is gone", None]
    assert [detector.closed for detector in bench.made] == [True, True]
    assert bench.watch.models == (BOXER,)
    assert bench.watch.tried.is_set()
