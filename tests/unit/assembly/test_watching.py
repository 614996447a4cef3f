from __future__ import annotations

from pathlib import Path
from typing import Optional

import numpy as np
import pytest

from agent.assembly.watching import Watching
from agent.clock import SystemClock
from agent.config.settings import Settings
from agent.domain.camera import CameraState
from agent.domain.incident import Kind
from agent.pipeline.record import Recorder
from agent.ports import Clock, Frame, Picture
from agent.store.snapshots import FileSnapshots
from agent.supervisor import Supervisor
from agent.telemetry import Telemetry
from tests.fakes.changes import opened
from tests.fakes.clock import FakeClock
from tests.fakes.detector import MODEL, FakeFireDetector
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
    assert bench.watching.summary() == "1 of 1 cameras online"
    assert bench.watching.ready
    trouble: Optional[str] = bench.watching.trouble(LIMIT_S)
    assert trouble == "gate sees, but was not looked at for more than 20 s"


def test_a_camera_that_does_not_see_is_an_incident_and_no_trouble(bench: Bench) -> None:
    bench.clock.advance(LIMIT_S + 100)
    bench.watching._analyser.last_turn = bench.clock.monotonic()
    bench.watching.vigils["gate"].news()
    assert bench.watching.summary() == "0 of 1 cameras online"
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
