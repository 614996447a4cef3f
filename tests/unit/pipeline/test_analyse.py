from __future__ import annotations

import itertools
import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import List, Optional, Sequence, Tuple, TypeVar

import pytest

from agent.controls import BusyError
from agent.domain.evidence import FireScores, ModelInfo
from agent.domain.policy.fire import FirePolicy
from agent.domain.policy.settings import FirePolicySettings
from agent.errors import InferenceError
from agent.pipeline.analyse import Analyser
from agent.pipeline.record import Recorder
from agent.pipeline.requests import Work
from agent.pipeline.schedule import Schedule
from agent.pipeline.slot import Mailbox
from agent.ports import FireDetector, Frame, Picture
from agent.store.snapshots import FileSnapshots
from agent.telemetry import Telemetry
from agent.vision.ignored import NOTHING_IGNORED, Ignored
from tests.fakes.clock import FakeClock
from tests.fakes.detector import GREEN, GREY, MODEL, RED, FakeFireDetector, picture
from tests.fakes.looks import FLAMES
from tests.fakes.memory_store import MemoryStore

T = TypeVar("T")
SETTINGS = FirePolicySettings(needed=3, window=5, half_life_s=0.2)


class Bench:
    """An analyser over two cameras, turned by hand."""

    def __init__(self, folder: Path, detector: FakeFireDetector, ignored: Ignored = NOTHING_IGNORED) -> None:
        self.clock = FakeClock()
        self.mailbox = Mailbox()
        self.store = MemoryStore(self.clock)
        self.telemetry = Telemetry(self.clock)
        self.detector = detector
        self.looked_with: List[ModelInfo] = []
        ids = (f"i{n}" for n in itertools.count(1))
        self.policies = {name: FirePolicy(name, SETTINGS, lambda: next(ids)) for name in ("gate", "yard")}
        recorder = Recorder(
            self.store,
            FileSnapshots(folder, self.clock),
            lambda change: ["mqtt"],
            self.clock,
            self.telemetry,
            {},
        )
        self.schedule = Schedule({"gate": 5.0, "yard": 5.0}, batch=4)
        self.analyser = Analyser(
            self.mailbox,
            lambda: self.detector,
            self.policies,
            self.schedule,
            recorder,
            self.clock,
            self.telemetry,
            ignored,
            self.looked_with.append,
        )
        self.recorder = recorder
        self.stop = threading.Event()

    def see(self, camera: str, colour: Sequence[int]) -> None:
        self.mailbox.put(Frame(camera, picture(colour), self.clock.moment(), 0.0, 0))

    def turns(self, number: int, **colours: Sequence[int]) -> None:
        for _ in range(number):
            for camera, colour in colours.items():
                self.see(camera, colour)
            self.analyser.turn(self.detector, self.stop)
            self.clock.advance(0.2)

    def told(self) -> List[Tuple[str, str]]:
        return [(c.incident.camera, c.transition.value) for c in self.store.changes.values()]


def test_a_burning_camera_opens_one_incident_and_a_calm_one_none(tmp_path: Path) -> None:
    bench = Bench(tmp_path, FakeFireDetector())
    bench.turns(20, gate=RED, yard=GREEN)
    assert bench.told() == [("gate", "opened")]
    incident = bench.store.incidents["i1"]
    assert incident.model == bench.detector.model


def test_where_fire_belongs_on_a_camera_it_is_not_seen_but_shown(tmp_path: Path) -> None:
    left = ((0.0, 0.0), (0.9, 0.0), (0.9, 1.0), (0.0, 1.0))
    bench = Bench(tmp_path, FakeFireDetector(), Ignored({"yard": [left]}))
    burning = picture(RED)
    burning[:, 57:] = GREEN
    for _ in range(8):
        for camera in ("gate", "yard"):
            bench.mailbox.put(Frame(camera, burning, bench.clock.moment(), 0.0, 0))
        bench.turns(1)
    assert bench.told() == [("gate", "opened")]
    assert (burning[:, :57] == RED).all()


def test_a_second_network_that_falls_away_is_told_of_after_that_look(tmp_path: Path) -> None:
    class Failing(FakeFireDetector):
        def look(
            self, pictures: Sequence[Picture], before: Sequence[Optional[Picture]] = ()
        ) -> List[FireScores]:
            self.model = MODEL
            return super().look(pictures, before)

    bench = Bench(tmp_path, Failing())
    bench.detector.model = replace(MODEL, boxed_by=MODEL)
    bench.turns(1, gate=GREEN)
    assert bench.looked_with == [MODEL]


def test_the_frame_that_was_looked_at_last_is_known(tmp_path: Path) -> None:
    bench = Bench(tmp_path, FakeFireDetector())
    assert bench.analyser.last_frame("gate") is None
    bench.turns(1, gate=GREEN)
    looked = bench.mailbox.latest("gate")
    assert bench.analyser.last_frame("gate") is looked
    bench.see("gate", RED)
    assert bench.analyser.last_frame("gate") is looked


def test_the_detector_is_told_what_each_camera_showed_at_the_look_before(tmp_path: Path) -> None:
    left = ((0.0, 0.0), (0.5, 0.0), (0.5, 1.0), (0.0, 1.0))
    bench = Bench(tmp_path, FakeFireDetector(), Ignored({"yard": [left]}))
    bench.turns(1, gate=GREEN)
    bench.turns(1, gate=RED, yard=RED)
    bench.turns(1, yard=GREEN)
    first, second, third = bench.detector.before
    assert list(first) == [None]
    assert {None if one is None else one.tobytes() for one in second} == {None, picture(GREEN).tobytes()}
    (yard,) = third
    assert yard is not None
    assert yard[0, 0].tolist() == list(RED)


def test_frames_of_several_cameras_are_looked_at_together(tmp_path: Path) -> None:
    bench = Bench(tmp_path, FakeFireDetector())
    bench.turns(3, gate=GREEN, yard=GREEN)
    assert bench.detector.batches == [2, 2, 2]


def test_a_camera_is_not_looked_at_more_often_than_it_wants(tmp_path: Path) -> None:
    bench = Bench(tmp_path, FakeFireDetector())
    for _ in range(10):
        bench.see("gate", GREEN)
        bench.analyser.turn(bench.detector, bench.stop)
    waited = bench.clock.monotonic()
    assert len(bench.detector.batches) == pytest.approx(waited / 0.2 + 1, abs=1)


def test_it_tells_when_it_last_looked_and_turned(tmp_path: Path) -> None:
    bench = Bench(tmp_path, FakeFireDetector())
    assert bench.analyser.last_turn is None
    bench.turns(2, gate=GREEN)
    assert bench.analyser.last_look("gate") == pytest.approx(0.2)
    assert bench.analyser.last_look("yard") is None
    assert bench.analyser.last_turn == pytest.approx(0.2)
    assert bench.telemetry.registry.get_sample_value("beffroi_looks_total", {"camera": "gate"}) == 2


def test_a_failing_detector_ends_the_run_and_is_closed(tmp_path: Path) -> None:
    bench = Bench(tmp_path, FakeFireDetector(failures=1))
    bench.see("gate", RED)
    with pytest.raises(InferenceError, match="gone"):
        bench.analyser.run(bench.stop)
    assert bench.detector.closed


def test_told_to_stop_it_closes_the_detector(tmp_path: Path) -> None:
    bench = Bench(tmp_path, FakeFireDetector())
    bench.stop.set()
    bench.analyser.run(bench.stop)
    assert bench.detector.closed
    assert bench.detector.batches == []


def test_told_to_renew_it_looks_with_a_new_detector(tmp_path: Path) -> None:
    bench = Bench(tmp_path, FakeFireDetector())
    first, second = FakeFireDetector(), FakeFireDetector()
    made = [second, first]

    def make() -> FakeFireDetector:
        one = made.pop()
        if one is second:
            assert first.closed
            bench.stop.set()
        else:
            bench.analyser.renew()
        return one

    bench.analyser._make_detector = make
    bench.analyser.run(bench.stop)
    assert second.closed
    assert made == []


def ask(bench: Bench, work: Work[T]) -> T:
    """As another thread would, while the analyser takes turns without a picture."""
    with ThreadPoolExecutor(1) as pool:
        answer = pool.submit(bench.analyser.requests.ask, work, 20.0)
        while not answer.done():
            bench.analyser.turn(bench.detector, bench.stop)
        return answer.result()


def test_whoever_asks_is_answered_also_while_no_camera_gives_pictures(tmp_path: Path) -> None:
    bench = Bench(tmp_path, FakeFireDetector())
    (scores,) = ask(bench, lambda detector: detector.look([picture(RED)]))
    assert scores == FLAMES


def test_what_people_say_and_what_is_seen_after_it_are_recorded_in_order(tmp_path: Path) -> None:
    bench = Bench(tmp_path, FakeFireDetector())
    bench.turns(5, gate=GREY)

    def acknowledge(_: FireDetector) -> None:
        now = bench.clock.moment()
        change = bench.policies["gate"].judge("i1", lambda one: one.acknowledge(now.utc, "anna"), now)
        assert change is not None
        bench.recorder.enqueue(change)

    ask(bench, acknowledge)
    bench.turns(10, gate=RED)
    assert list(bench.store.changes) == ["i1-1", "i1-2", "i1-3"]
    assert bench.told() == [("gate", "opened"), ("gate", "acknowledged"), ("gate", "escalated")]


def test_an_analyser_that_ends_leaves_nobody_waiting(tmp_path: Path) -> None:
    bench = Bench(tmp_path, FakeFireDetector())
    with ThreadPoolExecutor(1) as pool:
        answer = pool.submit(bench.analyser.requests.ask, lambda _: None, 20.0)
        bench.stop.set()
        while not answer.done():
            bench.analyser.run(bench.stop)
        with pytest.raises(BusyError):
            answer.result()


def test_a_camera_that_is_seldom_looked_at_keeps_nobody_waiting(tmp_path: Path) -> None:
    bench = Bench(tmp_path, FakeFireDetector())
    bench.schedule._gap_s["gate"] = 1000.0
    bench.turns(1, gate=GREEN)
    before = bench.clock.monotonic()
    bench.turns(1, gate=GREEN)
    assert bench.clock.monotonic() - before < 1.0
