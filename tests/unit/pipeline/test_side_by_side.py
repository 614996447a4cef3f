"""Four cameras on a device whose look for things is slow: things are looked for less often, fire is not."""

from __future__ import annotations

import itertools
import threading
from collections import Counter
from pathlib import Path
from typing import Dict, List, Sequence

from agent.domain.detection import Detection
from agent.domain.policy.fire import FirePolicy
from agent.domain.policy.objects import ObjectPolicy, ObjectPolicySettings
from agent.domain.policy.settings import FirePolicySettings
from agent.pipeline.analyse import Analyser
from agent.pipeline.objects import ObjectCamera, ObjectWatch
from agent.pipeline.record import Recorder
from agent.pipeline.schedule import Schedule
from agent.pipeline.slot import Mailbox
from agent.ports import Frame, Picture
from agent.store.snapshots import FileSnapshots
from agent.telemetry import Telemetry
from tests.fakes.clock import FakeClock
from tests.fakes.detector import GREEN, RED, FakeFireDetector, picture
from tests.fakes.memory_store import MemoryStore
from tests.fakes.objects import FakeObjectDetector, FakeTracker

CAMERAS = ("gate", "quay", "roof", "yard")
PATIENCE_S = 20.0
ROUNDS = 20


class SlowDetector(FakeObjectDetector):
    """Its first look lasts until it is told to go on."""

    def __init__(self) -> None:
        super().__init__()
        self.begun = threading.Event()
        self.go_on = threading.Event()

    def find(self, pictures: Sequence[Picture]) -> List[List[Detection]]:
        self.begun.set()
        assert self.go_on.wait(PATIENCE_S)
        return super().find(pictures)


class Bench:
    """An analyser that is turned by hand, and a look for things beside it in a thread of its own."""

    def __init__(self, folder: Path) -> None:
        self.clock = FakeClock()
        self.store = MemoryStore(self.clock)
        self.fire, self.things = FakeFireDetector(), SlowDetector()
        self.mailbox = Mailbox()
        self.stop = threading.Event()
        telemetry, ids = Telemetry(self.clock), (f"i{number}" for number in itertools.count(1))
        recorder = Recorder(
            self.store, FileSnapshots(folder, self.clock), lambda change: [], self.clock, telemetry, {}
        )
        settings, rates = FirePolicySettings(needed=3, window=5, half_life_s=0.2), dict.fromkeys(CAMERAS, 5.0)
        self.analyser = Analyser(
            self.mailbox,
            lambda: self.fire,
            {camera: FirePolicy(camera, settings, lambda: next(ids)) for camera in CAMERAS},
            Schedule(rates, 4),
            recorder,
            self.clock,
            telemetry,
        )
        no_rules = ObjectPolicySettings()
        self.watch = ObjectWatch(
            {
                camera: ObjectCamera(FakeTracker(), ObjectPolicy(camera, no_rules, lambda: next(ids)))
                for camera in CAMERAS
            },
            self.mailbox.latest,
            lambda: self.things,
            Schedule(rates, 4),
            recorder,
            lambda event: None,
            lambda camera, counts: None,
            lambda why: None,
            self.clock,
            telemetry,
        )

    def see(self, number: int) -> None:
        """A picture of each camera; it burns on the roof."""
        for camera in CAMERAS:
            colour = RED if camera == "roof" else GREEN
            self.mailbox.put(Frame(camera, picture(colour), self.clock.moment(), 0.0, number))


def test_while_a_look_for_things_lasts_every_camera_is_looked_at_for_fire_as_often_as_ever(
    tmp_path: Path,
) -> None:
    bench = Bench(tmp_path)
    bench.see(0)
    thread = threading.Thread(target=bench.watch.run, args=(bench.stop,))
    thread.start()
    assert bench.things.begun.wait(PATIENCE_S)
    for number in range(1, ROUNDS + 1):
        bench.see(number)
        bench.analyser.turn(bench.fire, bench.stop)
        bench.clock.advance(0.2)
    assert bench.fire.batches == [len(CAMERAS)] * ROUNDS
    assert [incident.camera for incident in bench.store.unresolved()] == ["roof"]
    latest = [bench.mailbox.latest(camera) for camera in CAMERAS]
    bench.stop.set()
    bench.things.go_on.set()
    thread.join(PATIENCE_S)
    assert not thread.is_alive()
    _, *others = bench.things.seen
    assert [id(one) for one in others] == [id(frame.pixels) for frame in latest[1:] if frame is not None]
    assert len(others) == 3, "what was overwritten meanwhile is shed, and the newest is looked at"


def test_four_cameras_of_one_rate_get_an_equal_share_of_a_slow_detector() -> None:
    assert looks_at(dict.fromkeys(CAMERAS, 5.0), look_s=0.25) == dict.fromkeys(CAMERAS, 25)


def test_who_asks_for_little_gets_it_and_the_others_share_the_rest() -> None:
    looks = looks_at({"gate": 0.5, "quay": 5.0, "roof": 5.0, "yard": 5.0}, look_s=0.25)
    assert looks["gate"] in (12, 13)
    assert max(looks[camera] for camera in CAMERAS[1:]) - min(looks[camera] for camera in CAMERAS[1:]) <= 1
    assert sum(looks.values()) == 100


def looks_at(rates: Dict[str, float], look_s: float) -> Counter[str]:
    """A hundred looks of so many seconds each, every camera with a fresh picture all the time."""
    schedule, now = Schedule(rates, batch=4), 0.0
    looks: Counter[str] = Counter()
    while sum(looks.values()) < 100:
        chosen = schedule.turn(list(rates), now)
        looks.update(chosen)
        now += look_s * max(1, len(chosen))
    return looks
