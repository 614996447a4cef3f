"""Faces as the configuration has them: on which cameras, about whom, and what is left where they are off."""

from __future__ import annotations

import threading
from contextlib import closing
from datetime import timedelta
from pathlib import Path
from typing import Any, Dict, Iterator, List, Optional

import pytest

from agent.assembly.faces import Faces, enrolment_service, people_store
from agent.assembly.storing import Store
from agent.clock import SystemClock
from agent.config.settings import Settings
from agent.domain.face_event import FaceEvent
from agent.domain.incident import Change, Incident, Kind, State
from agent.inference.engines import EmptyShelf
from agent.pipeline.recognise import Recogniser
from agent.pipeline.record import Recorder
from agent.ports import Clock
from agent.store.snapshots import FileSnapshots
from agent.supervisor import Supervisor
from agent.telemetry import Telemetry
from tests.fakes.changes import AT, opened
from tests.fakes.clock import FakeClock
from tests.fakes.disk import fast_folder
from tests.fakes.memory_store import MemoryStore

KEY = "ab" * 32
WATCHED: Dict[str, Any] = {
    "policy": "watch",
    "looks_per_second": 5.0,
    "people": "3, 14",
    "roles": "staff , night guard",
    "zones": [{"name": "door", "polygon": "0,0 0.5,0 0.5,1", "policy": "authorised"}],
    "door": {"frames": 4, "liveness": False},
}


class Bench:
    """Faces that were not started, over the cameras `gate` and `roof`, which is not enabled."""

    def __init__(
        self,
        folder: Path,
        key: Optional[str] = KEY,
        clock: Optional[Clock] = None,
        **gate: Any,
    ) -> None:
        self.clock = clock or FakeClock()
        faces: Dict[str, Any] = {"embedder": str(folder / "none")}
        if key is not None:
            faces["key"] = key
        self.settings = Settings.model_validate(
            {
                "cameras": [
                    {"id": "gate", "url": "scene:", "faces": gate},
                    {"id": "roof", "url": "scene:", "faces": gate, "enabled": False},
                ],
                "faces": faces,
                "store": {"folder": str(folder)},
            }
        )
        self.journal = MemoryStore(self.clock)
        self.telemetry = Telemetry(self.clock)
        self.trouble: List[bool] = []
        self.told = threading.Event()
        self.events: List[FaceEvent] = []
        self.store = Store(self.settings, self.clock)
        recorder = Recorder(
            self.journal,
            FileSnapshots(folder, self.clock),
            lambda change: [],
            self.clock,
            self.telemetry,
            {},
        )
        self.faces = Faces(
            self.settings,
            people_store(self.settings, self.store, self.clock),
            recorder,
            lambda camera: None,
            self.events.append,
            self._trouble,
            EmptyShelf(),
            self.clock,
            self.telemetry,
        )

    def _trouble(self, wrong: bool) -> None:
        self.trouble.append(wrong)
        self.told.set()

    def close(self) -> None:
        self.store.close()


@pytest.fixture
def folder() -> Iterator[Path]:
    with fast_folder() as folder:
        yield folder


def unresolved(bench: Bench) -> List[str]:
    return [incident.id for incident in bench.journal.unresolved()]


def test_a_camera_is_watched_as_it_is_configured(folder: Path) -> None:
    with closing(Bench(folder, **WATCHED)) as bench:
        assert bench.faces.wanted
        assert bench.trouble == []
        recogniser = bench.faces._look
        assert isinstance(recogniser, Recogniser)
        assert list(recogniser._cameras) == ["gate"]
        watched = recogniser._cameras["gate"]
        assert watched.people == frozenset({3, 14})
        assert watched.roles == frozenset({"staff", "night guard"})
        assert watched.policy.zone(0.4, 0.1) == ("authorised", ("door",))
        assert watched.policy.zone(0.9, 0.9) == ("watch", ())
        assert watched.door is not None
        rules = watched.door._rules  # type: ignore[attr-defined]
        assert (rules.frames, rules.within_s, rules.liveness, rules.again_after_s) == (4, 3.0, False, 10.0)


@pytest.mark.parametrize(
    ("looks_per_second", "lost_after_s", "stale_after_s"), [(5.0, 2.0, 10.0), (0.1, 25.0, 30.0)]
)
def test_what_is_seldom_looked_at_has_the_longer_to_be_missed(
    folder: Path, looks_per_second: float, lost_after_s: float, stale_after_s: float
) -> None:
    with closing(Bench(folder, policy="watch", looks_per_second=looks_per_second)) as bench:
        recogniser = bench.faces._look
        assert isinstance(recogniser, Recogniser)
        watched = recogniser._cameras["gate"]
        assert watched.lost_after_s == lost_after_s
        assert watched.policy._settings.stale_after_s == stale_after_s


def test_what_was_dismissed_stays_so_over_a_restart(folder: Path) -> None:
    def dismissals(clock: Clock) -> List[Change]:
        then = clock.now() - timedelta(seconds=100)
        kinds = ((Kind.FACE, "gate"), (Kind.FIRE, "gate"), (Kind.FACE, "roof"))
        opened = [Incident.open(f"d-{kind.value}", camera, kind, then, 0.9) for kind, camera in kinds]
        return [one.incident.dismiss(then, "telegram:1") for one in opened]

    with closing(Bench(folder, policy="authorised")) as bench:
        bench.faces.resume_dismissed(dismissals(bench.clock))
        recogniser = bench.faces._look
        assert isinstance(recogniser, Recogniser)
        ((cause, case),) = recogniser._cameras["gate"].policy._cases.items()
        assert (cause, case.incident) == (None, None)
        assert bench.clock.moment().since(case.told) == pytest.approx(100.0)
    with closing(Bench(folder)) as bench:
        bench.faces.resume_dismissed(dismissals(bench.clock))
        assert not bench.faces.tried


def test_by_default_a_camera_is_about_everybody_and_no_door(folder: Path) -> None:
    with closing(Bench(folder, policy="authorised")) as bench:
        recogniser = bench.faces._look
        assert isinstance(recogniser, Recogniser)
        watched = recogniser._cameras["gate"]
        assert (watched.people, watched.roles, watched.door) == (frozenset(), frozenset(), None)


@pytest.mark.parametrize("key", [KEY, None])
def test_where_no_camera_looks_for_faces_nothing_runs_and_old_incidents_end(
    folder: Path, key: Optional[str]
) -> None:
    with closing(Bench(folder, key)) as bench:
        assert bench.trouble == [False], "what was wrong with faces before is no trouble any more"
        assert not bench.faces.wanted
        assert bench.faces.models == ()
        face, fire = opened("face", Kind.FACE, "gate"), opened("fire", Kind.FIRE, "gate")
        for change in (face, fire):
            bench.journal.record(change, None, [])
        bench.faces.resume(bench.journal.unresolved())
        assert unresolved(bench) == ["fire"]
        assert bench.faces.judge(face.incident, lambda one: one.dismiss(AT, "telegram:1")) is None
        supervisor = Supervisor(bench.clock, bench.telemetry)
        bench.faces.start(supervisor)
        bench.faces.renew()
        assert supervisor.alive() == []


def test_open_incidents_go_back_to_their_camera_and_the_others_end(folder: Path) -> None:
    with closing(Bench(folder, policy="authorised")) as bench:
        for number, camera in (("here", "gate"), ("again", "gate"), ("gone", "roof")):
            bench.journal.record(opened(number, Kind.FACE, camera), None, [])
        bench.faces.resume([bench.journal.incidents[one] for one in ("here", "again", "gone")])
        assert unresolved(bench) == ["here"]
        change = bench.faces.judge(
            bench.journal.incidents["here"], lambda one: one.dismiss(bench.clock.now(), "telegram:1")
        )
        assert change is not None
        assert bench.journal.incidents["here"].state is State.DISMISSED


def test_an_embedder_that_is_not_there_is_trouble_and_ends_nothing_else(folder: Path) -> None:
    with closing(Bench(folder, clock=SystemClock(), policy="watch")) as bench:
        supervisor = Supervisor(bench.clock, bench.telemetry)
        bench.faces.start(supervisor)
        try:
            assert bench.told.wait(20.0)
            assert bench.trouble == [True]
            assert bench.faces.tried
            assert supervisor.alive() == ["faces"]
            bench.faces.renew()
        finally:
            assert supervisor.stop(20.0) == []


def test_without_a_key_nobody_is_enrolled(folder: Path) -> None:
    with closing(Bench(folder, None)) as bench:
        people = people_store(bench.settings, bench.store, bench.clock)
        assert people is None
        assert enrolment_service(bench.settings, bench.store, people, bench.clock) is None


def test_with_a_key_people_can_be_enrolled(folder: Path) -> None:
    with closing(Bench(folder)) as bench:
        people = people_store(bench.settings, bench.store, bench.clock)
        service = enrolment_service(bench.settings, bench.store, people, bench.clock)
        assert service is not None
        with closing(service):
            assert service.people("shell:root") == []


def test_incidents_of_faces_are_kept_for_a_time_of_their_own(folder: Path) -> None:
    with closing(Bench(folder)) as bench:
        assert bench.settings.faces.incident_days < bench.settings.store.keep_days
        days = bench.settings.faces.incident_days
        journal = bench.store.journal(lambda: None)
        for number, kind in (("face", Kind.FACE), ("fire", Kind.FIRE)):
            change = Incident.open(number, "gate", kind, bench.clock.now(), 0.9)
            journal.record(change, None, [])
            journal.record(change.incident.resolve(bench.clock.now(), 0.0), None, [])
        bench.clock.advance((days + 1) * 86_400)  # type: ignore[attr-defined]
        assert bench.store.retention.run().incidents == 1
