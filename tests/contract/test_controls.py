"""What agent.controls promises holds for the real desk and for the fake that the bot is tested with."""

from __future__ import annotations

from contextlib import contextmanager
from datetime import time, timedelta
from pathlib import Path
from typing import Callable, Iterator, List

import cv2
import numpy as np
import pytest
from typing_extensions import Protocol

from agent.assembly.desk import make_desk
from agent.assembly.storing import Store
from agent.assembly.trouble import DeviceTrouble
from agent.assembly.watching import Watching
from agent.clock import SystemClock
from agent.config.settings import Settings
from agent.controls import (
    ClosedIncidentError,
    Controls,
    NeverSilentError,
    NoPictureError,
    UnknownCameraError,
    UnknownIncidentError,
)
from agent.domain.camera import CameraState
from agent.domain.guard import Guard, Hours
from agent.domain.health import AgentStatus
from agent.domain.incident import Change, Incident, Kind, State
from agent.domain.silence import NEVER_SILENT
from agent.faces.veil import UNVEILED
from agent.jobs.health import HealthReader
from agent.pipeline.policies import incident_ids
from agent.ports import Clock
from agent.supervisor import Supervisor
from agent.telemetry import Telemetry
from tests.fakes.changes import AT, MODEL, opened
from tests.fakes.controls import FakeControls
from tests.fakes.detector import FakeFireDetector
from tests.fakes.waiting import until
from tests.unit.assembly.test_boards import ListBoard

ME, OTHER = "telegram:1", "telegram:2"
HOUR_S = 3600.0
WEEK = (Hours((0, 1, 2, 3, 4), time(18), time(7)),)


class Bench(Protocol):
    """Controls under test, of the cameras `yard` (with pictures) and `shut` (without any)."""

    clock: Clock

    @property
    def controls(self) -> Controls: ...

    def put(self, change: Change) -> Incident:
        """Have this happen to an incident."""


class FakeBench:
    def __init__(self) -> None:
        self.clock: Clock = SystemClock()
        self.controls = FakeControls(self.clock, {"yard": "Back yard", "shut": "shut"})
        del self.controls.pictures["shut"]

    def put(self, change: Change) -> Incident:
        self.controls.incidents[change.incident.id] = change.incident
        return change.incident


class DeskBench:
    """A desk on a real store and a real watching, whose detector reads colours."""

    def __init__(self, folder: Path, supervisor: Supervisor, clock: Clock, telemetry: Telemetry) -> None:
        settings = Settings.model_validate(
            {
                "cameras": [
                    {"id": "yard", "name": "Back yard", "url": "scene:?width=160&height=90&fps=5"},
                    {"id": "shut", "url": "scene:", "enabled": False},
                ],
                "store": {"folder": str(folder), "disk_share": 0.999},
            }
        )
        self.clock = clock
        self.store = Store(settings, clock)
        self._recorder = self.store.recorder(
            self.store.journal(lambda: None), lambda change: [], telemetry, UNVEILED
        )
        watching = Watching(settings, MODEL, FakeFireDetector, self._recorder, ListBoard(), clock, telemetry)
        watching.start(supervisor)
        until(lambda: watching.latest("yard") is not None, "the camera gives pictures")
        health = HealthReader(clock, clock.moment(), folder, self.store.outbox, telemetry)
        status = AgentStatus("1", AT, 1, [MODEL], ["yard", "shut"])
        self.controls: Controls = make_desk(
            settings,
            lambda: status,
            health.read,
            self.store,
            self.store.quiet(),
            self._recorder,
            self._recorder,
            watching,
            watching.latest,
            {Kind.DEVICE: DeviceTrouble(self._recorder, incident_ids(clock), clock)},
            UNVEILED,
            clock,
        )

    def put(self, change: Change) -> Incident:
        self._recorder.record(change, None)
        return change.incident


@contextmanager
def desk_bench(folder: Path) -> Iterator[DeskBench]:
    clock = SystemClock()
    telemetry = Telemetry(clock)
    supervisor = Supervisor(clock, telemetry)
    bench = DeskBench(folder, supervisor, clock, telemetry)
    try:
        yield bench
    finally:
        assert supervisor.stop(20.0) == []
        bench.store.close()


@pytest.fixture(params=["fake", "desk"])
def bench(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Bench]:
    if request.param == "fake":
        yield FakeBench()
    else:
        with desk_bench(tmp_path) as made:
            yield made


def test_it_knows_its_cameras(bench: Bench) -> None:
    controls = bench.controls
    assert [status.camera for status in controls.cameras()] == ["yard", "shut"]
    assert controls.status().cameras == ["yard", "shut"]
    assert [controls.camera_name(camera) for camera in ("yard", "shut")] == ["Back yard", "shut"]
    assert controls.health().disk_total > 0
    asks: List[Callable[[], object]] = [
        lambda: controls.camera_name("roof"),
        lambda: controls.live_picture("roof"),
        lambda: controls.silence("roof", Kind.CAMERA, HOUR_S, ME),
        lambda: controls.lift("roof", Kind.CAMERA, ME),
        lambda: controls.guard("roof"),
        lambda: controls.arm("roof", ME),
        lambda: controls.disarm("roof", ME),
        lambda: controls.schedule("roof", WEEK, ME),
    ]
    for ask in asks:
        with pytest.raises(UnknownCameraError, match="roof"):
            ask()


def test_a_live_picture_is_a_jpeg_or_none_is_said_to_be_there(bench: Bench) -> None:
    data = np.frombuffer(bench.controls.live_picture("yard"), np.uint8)
    assert cv2.imdecode(data, cv2.IMREAD_COLOR) is not None
    with pytest.raises(NoPictureError):
        bench.controls.live_picture("shut")


@pytest.mark.parametrize("kind", [Kind.FIRE, Kind.CAMERA])
def test_an_incident_is_taken_on_once_and_dismissed_for_good(bench: Bench, kind: Kind) -> None:
    bench.put(opened("a", kind))
    taken = bench.controls.acknowledge("a", ME)
    assert (taken.state, taken.actor, taken.sequence) == (State.ACKNOWLEDGED, ME, 2)
    with pytest.raises(ClosedIncidentError) as refusal:
        bench.controls.acknowledge("a", OTHER)
    assert refusal.value.incident == taken
    dismissed = bench.controls.dismiss("a", OTHER)
    assert (dismissed.state, dismissed.actor, dismissed.sequence) == (State.DISMISSED, OTHER, 3)
    for ask in (bench.controls.acknowledge, bench.controls.dismiss):
        with pytest.raises(ClosedIncidentError) as refusal:
            ask("a", ME)
        assert refusal.value.incident == dismissed


def test_what_is_over_can_be_dismissed_but_not_taken_on(bench: Bench) -> None:
    resolved = bench.put(bench.put(opened("a")).resolve(AT, 0.1))
    with pytest.raises(ClosedIncidentError) as refusal:
        bench.controls.acknowledge("a", ME)
    assert refusal.value.incident == resolved
    assert bench.controls.dismiss("a", ME).sequence == 3


def test_an_unknown_incident_is_said_to_be_so(bench: Bench) -> None:
    for ask in (bench.controls.acknowledge, bench.controls.dismiss):
        with pytest.raises(UnknownIncidentError, match="nothing"):
            ask("nothing", ME)


def test_silences_are_listed_replaced_and_lifted(bench: Bench) -> None:
    controls = bench.controls
    long = controls.silence("yard", Kind.CAMERA, 2 * HOUR_S, ME)
    short = controls.silence("shut", Kind.CAMERA, HOUR_S, OTHER)
    assert (short.camera, short.kind, short.by) == ("shut", Kind.CAMERA, OTHER)
    assert (short.until - short.since).total_seconds() == HOUR_S
    assert controls.silences() == [short, long]
    again = controls.silence("shut", Kind.CAMERA, 3 * HOUR_S, ME)
    assert controls.silences() == [long, again]
    assert controls.lift("yard", Kind.CAMERA, ME)
    assert not controls.lift("yard", Kind.CAMERA, ME)
    assert controls.silences() == [again]


@pytest.mark.parametrize("kind", sorted(NEVER_SILENT))
def test_fire_is_never_silent(bench: Bench, kind: Kind) -> None:
    with pytest.raises(NeverSilentError):
        bench.controls.silence("yard", kind, HOUR_S, ME)
    assert bench.controls.silences() == []


def test_guards_are_per_camera_and_for_all(bench: Bench) -> None:
    controls, until_then = bench.controls, bench.clock.now() + timedelta(hours=1)
    assert controls.guard("yard") == Guard()
    controls.disarm("yard", ME, until_then)
    assert (controls.guard("yard"), controls.guard("shut")) == (Guard(True, until_then), Guard())
    controls.disarm(None, ME)
    assert (controls.guard("yard"), controls.guard("shut")) == (Guard(True), Guard(True))
    controls.arm("yard", ME)
    assert (controls.guard("yard"), controls.guard("shut")) == (Guard(), Guard(True))
    controls.schedule(None, WEEK, ME)
    assert controls.guard("yard") == controls.guard("shut") == Guard(week=WEEK)
    controls.disarm("yard", ME)
    assert controls.guard("yard") == Guard(True, week=WEEK)
    controls.arm("yard", ME)
    now = bench.clock.now()
    assert controls.guard("yard").armed(now, now.astimezone())
    controls.schedule("yard", None, ME)
    assert controls.guard("yard") == Guard()


def test_the_self_test_tells_its_hops_in_order(bench: Bench) -> None:
    steps = [hop.step for hop in bench.controls.selftest(ME)]
    assert steps[:4] == ["picture", "look", "confirm", "record"]
    assert all(step.startswith("tell:") for step in steps[4:])


def test_a_camera_that_is_not_watched_is_disabled_at_the_real_desk(tmp_path: Path) -> None:
    with desk_bench(tmp_path) as made:
        states = [status.state for status in made.controls.cameras()]
        assert states[1] is CameraState.DISABLED
