from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import List, Optional

import numpy as np
import pytest

from agent.assembly.watching import Watching
from agent.clock import SystemClock
from agent.config.settings import Settings
from agent.domain.camera import CameraState
from agent.domain.evidence import ModelInfo
from agent.domain.incident import NO_CAMERA, Change, Incident, Kind
from agent.pipeline.record import Recorder
from agent.ports import Clock, Frame, Picture
from agent.store.snapshots import FileSnapshots
from agent.supervisor import Supervisor
from agent.telemetry import Telemetry
from tests.fakes.changes import AT, opened
from tests.fakes.clock import FakeClock
from tests.fakes.detector import MODEL, FakeFireDetector
from tests.fakes.looks import FLAMES
from tests.fakes.memory_store import MemoryStore
from tests.unit.assembly.test_boards import ListBoard

LIMIT_S = 20.0


class Bench:
    """A watching half that was not started, on a clock that moves when told."""

    def __init__(self, folder: Path, real: Optional[Clock] = None) -> None:
        self.clock = FakeClock()
        clock = real or self.clock
        self.telemetry = Telemetry(clock)
        self.board = ListBoard()
        self.journal = MemoryStore(self.clock)
        self.settings = Settings.model_validate(
            {"cameras": [{"id": "gate", "url": "scene:"}, {"id": "shut", "url": "scene:", "enabled": False}]}
        )
        recorder = Recorder(
            self.journal, FileSnapshots(folder, clock), lambda change: [], clock, self.telemetry, {}
        )
        self.watching = Watching(
            self.settings, MODEL, FakeFireDetector, recorder, self.board, clock, self.telemetry
        )

    def see(self, seconds: int) -> None:
        """The gate's camera gives good pictures for so long."""
        vigil = self.watching.vigils["gate"]
        vigil.opened()
        noise = np.random.default_rng(1)
        for second in range(seconds):
            self.clock.advance(1.0)
            pixels: Picture = noise.integers(0, 256, (90, 160, 3), np.uint8)
            vigil.frame(Frame("gate", pixels, self.clock.moment(), float(second), second))
        vigil.news()


@pytest.fixture
def bench(tmp_path: Path) -> Bench:
    return Bench(tmp_path)


def test_an_analyser_that_does_not_turn_is_trouble(bench: Bench) -> None:
    assert bench.watching.trouble(LIMIT_S) is None
    assert not bench.watching.ready
    bench.clock.advance(LIMIT_S + 1)
    trouble = bench.watching.trouble(LIMIT_S)
    assert trouble == "no turn of the analyser for more than 20 s"


def test_a_camera_that_sees_and_is_not_looked_at_is_trouble(bench: Bench) -> None:
    bench.see(round(LIMIT_S) + 5)
    bench.watching._analyser.last_turn = bench.clock.monotonic()
    assert bench.watching.summary() == "1 of 1 cameras online, 0 looked at"
    assert bench.watching.ready
    trouble: Optional[str] = bench.watching.trouble(LIMIT_S)
    assert trouble == "gate sees, but was not looked at for more than 20 s"


def test_a_camera_that_does_not_see_is_an_incident_and_no_trouble(bench: Bench) -> None:
    bench.clock.advance(LIMIT_S + 100)
    bench.watching._analyser.last_turn = bench.clock.monotonic()
    bench.watching.vigils["gate"].news()
    assert bench.watching.summary() == "0 of 1 cameras online, 0 looked at"
    assert bench.watching.trouble(LIMIT_S) is None


def test_open_incidents_go_back_to_their_cameras(bench: Bench) -> None:
    fire, blind, gone = (
        opened("fire", camera="gate"),
        opened("blind", Kind.CAMERA, camera="gate"),
        opened("gone", camera="shut"),
    )
    for change in (fire, blind, gone):
        bench.journal.record(change, None, [])
    bench.watching.resume([change.incident for change in (fire, blind, gone)])
    assert bench.watching._fire["gate"].incident == fire.incident
    assert bench.watching._blind["gate"].incident == blind.incident
    assert {incident.id for incident in bench.journal.unresolved()} == {"fire", "blind"}


def test_an_unresolved_drill_is_over(bench: Bench) -> None:
    drill = Incident.rehearse("d", "gate", bench.clock.now(), 0.9, actor="telegram:1")
    bench.journal.record(drill, None, [])
    bench.watching.resume([drill.incident])
    assert bench.journal.unresolved() == []
    assert bench.watching._fire["gate"].incident is None


def dismissed(bench: Bench, id: str, kind: Kind, camera: str = "gate", ago_s: float = 100.0) -> Change:
    then = bench.clock.now() - timedelta(seconds=ago_s)
    return Incident.open(id, camera, kind, then, 0.9).incident.dismiss(then, "telegram:1")


def test_what_was_dismissed_stays_so_over_a_restart(bench: Bench) -> None:
    bench.watching.resume_dismissed(
        [
            dismissed(bench, "fire", Kind.FIRE),
            dismissed(bench, "blind", Kind.CAMERA),
            dismissed(bench, "gone", Kind.FIRE, "roof"),
        ]
    )
    policy = bench.watching._fire["gate"]
    again_after_s = bench.watching.policy_settings.dismissed_again_after_s
    opened_after = None
    for _ in range(round(again_after_s)):
        bench.clock.advance(1.0)
        if policy.look(FLAMES, bench.clock.moment()):
            opened_after = bench.clock.monotonic()
            break
    assert opened_after == pytest.approx(again_after_s - 100.0, abs=1.0)
    bench.watching.vigils["gate"].news()
    assert bench.watching._blind["gate"].incident is None


def test_a_dismissal_from_the_future_counts_from_now(bench: Bench) -> None:
    """The device's clock was set back meanwhile."""
    bench.watching.resume_dismissed([dismissed(bench, "fire", Kind.FIRE, ago_s=-1e6)])
    held = bench.watching._fire["gate"]._dismissed
    assert held is not None
    assert held.at == bench.clock.moment()


def test_before_anything_is_known_of_a_camera_it_is_connecting(bench: Bench) -> None:
    status = bench.watching.status("gate")
    assert (status.state, status.reason) == (CameraState.OFFLINE, "connecting")
    assert bench.watching.status("shut").state is CameraState.DISABLED
    bench.see(30)
    assert bench.watching.status("gate").state is CameraState.ONLINE
    assert bench.watching.latest("gate") is None


def test_a_word_on_a_camera_that_nobody_watches_is_nobodys(bench: Bench) -> None:
    for change in (opened("a", Kind.FIRE, "roof"), opened("b", Kind.CAMERA, "roof")):
        assert bench.watching.judge(change.incident, lambda one: one.dismiss(AT, "telegram:1")) is None


def test_a_word_on_a_blind_camera_is_recorded_at_once(bench: Bench) -> None:
    bench.see(5)
    bench.clock.advance(100.0)
    bench.watching.vigils["gate"].news()
    bench.clock.advance(100.0)
    bench.watching._vigilance.turn()
    (incident,) = bench.journal.unresolved()
    change = bench.watching.judge(incident, lambda one: one.dismiss(bench.clock.now(), "telegram:1"))
    assert change is not None
    assert bench.journal.incidents[incident.id] == change.incident


def test_a_camera_that_is_not_enabled_is_shown_as_such(tmp_path: Path) -> None:
    clock = SystemClock()
    bench = Bench(tmp_path, clock)
    supervisor = Supervisor(clock, bench.telemetry)
    bench.watching.start(supervisor)
    try:
        assert supervisor.alive() == ["vigilance", "capture-gate", "analyser"]
        (shown,) = [one for one in bench.board.shown if getattr(one, "camera", "") == "shut"]
        assert getattr(shown, "state", None) is CameraState.DISABLED
    finally:
        supervisor.stop(20.0)


def test_another_model_is_told_of_once(tmp_path: Path) -> None:
    bench = Bench(tmp_path)
    told: List[ModelInfo] = []
    other = replace(MODEL, backend="tensorrt", precision="fp16")
    bench.watching._on_model = told.append
    for model in (MODEL, other, other):
        bench.watching._looks_with(model)
    assert told == [other]
    assert bench.watching.model == other


def test_the_device_s_own_incident_is_not_the_watching_s(tmp_path: Path) -> None:
    bench = Bench(tmp_path)
    change = opened("d", Kind.DEVICE, NO_CAMERA)
    bench.journal.record(change, None, [])
    bench.watching.resume([change.incident])
    assert bench.journal.unresolved() == [change.incident]
    assert bench.watching.judge(change.incident, lambda _: pytest.fail("it is not there")) is None
