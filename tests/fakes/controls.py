"""What people may ask of an agent, answered from memory; held by the same contract as the real desk."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Dict, Iterator, List, Mapping, Optional, Sequence, Tuple

from agent.controls import (
    ClosedIncidentError,
    Hop,
    NeverSilentError,
    NoPictureError,
    RequestError,
    UnknownCameraError,
    UnknownIncidentError,
)
from agent.domain.camera import CameraState, CameraStatus
from agent.domain.guard import Guard, Week
from agent.domain.health import AgentStatus, Health, StageLatency
from agent.domain.incident import Change, IllegalTransitionError, Incident, Kind
from agent.domain.silence import LONGEST_SILENCE_S, NEVER_SILENT, Silence
from agent.ports import Clock
from tests.fakes.changes import AT, MODEL
from tests.fakes.clock import FakeClock
from tests.fakes.pictures import jpeg

HOPS = (
    Hop("picture", True, 12.0),
    Hop("look", True, 30.0, "danger 0.98"),
    Hop("confirm", True, 1.0),
    Hop("record", True, 15.0),
    Hop("tell:mqtt", True, 40.0),
    Hop("tell:telegram", True, 90.0),
)


class FakeControls:
    """Implements agent.controls.Controls.

    Put incidents into `incidents` (by id) and look at `calls` (name, then the arguments) and `changes` for
    what was done. Set `fails` and every request raises it; `hops` is what the self-test yields; a camera that
    is not in `pictures` gives none.
    """

    def __init__(self, clock: Optional[Clock] = None, cameras: Optional[Mapping[str, str]] = None) -> None:
        self.clock: Clock = clock or FakeClock()
        self.names: Dict[str, str] = dict(
            cameras if cameras is not None else {"yard": "Back yard", "gate": "North gate"}
        )
        self.incidents: Dict[str, Incident] = {}
        self.changes: List[Change] = []
        self.calls: List[Tuple[object, ...]] = []
        self.fails: Optional[RequestError] = None
        self.hops: Sequence[Hop] = HOPS
        self.pictures: Dict[str, bytes] = {name: jpeg(640, 360) for name in self.names}
        self.statuses: Dict[str, CameraStatus] = {
            name: CameraStatus(name, CameraState.ONLINE, AT, AT, 25.0, None) for name in self.names
        }
        self._silences: List[Silence] = []
        self._guards: Dict[str, Guard] = {}

    def status(self) -> AgentStatus:
        self._asked("status")
        return AgentStatus("1.2.3", AT, 7, [MODEL], list(self.names))

    def health(self) -> Health:
        self._asked("health")
        return Health(
            at=self.clock.now(),
            uptime_s=90_061.0,
            load_1m=0.75,
            temperatures_c={"cpu": 48.5},
            memory_rss=400 * 2**20,
            memory_available=3 * 2**30,
            disk_free=20 * 2**30,
            disk_total=64 * 2**30,
            outbox_pending=2,
            outbox_parked=1,
            outbox_shed=0,
            stages={"infer": StageLatency(35.0, 60.0, 1000)},
        )

    def cameras(self) -> List[CameraStatus]:
        self._asked("cameras")
        return [self.statuses[name] for name in self.names]

    def camera_name(self, camera: str) -> str:
        self._known(camera)
        return self.names[camera]

    def live_picture(self, camera: str) -> bytes:
        self._asked("live_picture", camera)
        self._known(camera)
        if camera not in self.pictures:
            raise NoPictureError(f"{camera} gives no picture now")
        return self.pictures[camera]

    def acknowledge(self, incident_id: str, actor: str) -> Incident:
        self._asked("acknowledge", incident_id, actor)
        return self._judge(incident_id, actor, dismissed=False)

    def dismiss(self, incident_id: str, actor: str) -> Incident:
        self._asked("dismiss", incident_id, actor)
        return self._judge(incident_id, actor, dismissed=True)

    def silence(self, camera: str, kind: Kind, duration_s: float, actor: str) -> Silence:
        self._asked("silence", camera, kind, duration_s, actor)
        self._known(camera)
        if kind in NEVER_SILENT:
            raise NeverSilentError(f"{kind.value} cannot be silenced")
        now = self.clock.now()
        until = now + timedelta(seconds=min(duration_s, LONGEST_SILENCE_S))
        made = Silence(camera, kind, now, until, actor)
        self._drop_silence(camera, kind)
        self._silences.append(made)
        return made

    def silences(self) -> List[Silence]:
        self._asked("silences")
        now = self.clock.now()
        return sorted((one for one in self._silences if now < one.until), key=lambda one: one.until)

    def lift(self, camera: str, kind: Kind, actor: str) -> bool:
        self._asked("lift", camera, kind, actor)
        self._known(camera)
        there = any((one.camera, one.kind) == (camera, kind) for one in self.silences())
        self._drop_silence(camera, kind)
        return there

    def guard(self, camera: str) -> Guard:
        self._asked("guard", camera)
        self._known(camera)
        return self._guards.get(camera, Guard())

    def arm(self, camera: Optional[str], actor: str) -> None:
        self._asked("arm", camera, actor)
        local = self.clock.now().astimezone()
        for name in self._chosen(camera):
            self._guards[name] = self._guards.get(name, Guard()).arm(local)

    def disarm(self, camera: Optional[str], actor: str, until: Optional[datetime] = None) -> None:
        self._asked("disarm", camera, actor, until)
        for name in self._chosen(camera):
            self._guards[name] = self._guards.get(name, Guard()).disarm(until)

    def schedule(self, camera: Optional[str], week: Optional[Week], actor: str) -> None:
        self._asked("schedule", camera, week, actor)
        for name in self._chosen(camera):
            self._guards[name] = Guard(week=week)

    def selftest(self, actor: str) -> Iterator[Hop]:
        self._asked("selftest", actor)
        yield from self.hops

    def _asked(self, *call: object) -> None:
        self.calls.append(call)
        if self.fails is not None:
            raise self.fails

    def _known(self, camera: str) -> None:
        if camera not in self.names:
            raise UnknownCameraError(f"there is no camera {camera}")

    def _chosen(self, camera: Optional[str]) -> List[str]:
        if camera is None:
            return list(self.names)
        self._known(camera)
        return [camera]

    def _drop_silence(self, camera: str, kind: Kind) -> None:
        self._silences = [one for one in self._silences if (one.camera, one.kind) != (camera, kind)]

    def _judge(self, incident_id: str, actor: str, *, dismissed: bool) -> Incident:
        incident = self.incidents.get(incident_id)
        if incident is None:
            raise UnknownIncidentError(f"there is no incident {incident_id}")
        now = self.clock.now()
        try:
            change = incident.dismiss(now, actor) if dismissed else incident.acknowledge(now, actor)
        except IllegalTransitionError as error:
            raise ClosedIncidentError(str(error), incident) from error
        self.incidents[incident_id] = change.incident
        self.changes.append(change)
        return change.incident
