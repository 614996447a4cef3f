"""The desk: all that people may ask of a running agent, each request handed to the part that sees to it."""

from __future__ import annotations

import threading
from datetime import datetime
from typing import Callable, Iterator, List, Mapping, Optional

from agent.controls import Hop
from agent.desk.judge import Judge
from agent.desk.pictures import LivePictures
from agent.desk.quiet import Quiet, unknown_camera
from agent.desk.selftest import SelfTest
from agent.domain.camera import CameraStatus
from agent.domain.guard import Guard, Week
from agent.domain.health import AgentStatus, Health
from agent.domain.incident import Incident, Kind
from agent.domain.silence import Silence


class Desk:
    """Implements agent.controls.Controls.

    `names` is what people call each configured camera, by id and in order; `camera_status` says how one
    stands.
    """

    def __init__(
        self,
        names: Mapping[str, str],
        status: Callable[[], AgentStatus],
        health: Callable[[], Health],
        camera_status: Callable[[str], CameraStatus],
        pictures: LivePictures,
        judge: Judge,
        quiet: Quiet,
        selftest: SelfTest,
    ) -> None:
        self._names = names
        self._status = status
        self._health = health
        self._camera_status = camera_status
        self._pictures = pictures
        self._judge = judge
        self._quiet = quiet
        self._selftest = selftest
        self._closing = threading.Event()

    def close(self) -> None:
        """Whoever waits for a self-test need not wait for its end."""
        self._closing.set()

    def status(self) -> AgentStatus:
        return self._status()

    def health(self) -> Health:
        return self._health()

    def cameras(self) -> List[CameraStatus]:
        return [self._camera_status(camera) for camera in self._names]

    def camera_name(self, camera: str) -> str:
        try:
            return self._names[camera]
        except KeyError:
            raise unknown_camera(camera, list(self._names)) from None

    def live_picture(self, camera: str) -> bytes:
        return self._pictures.take(camera, self.camera_name(camera))

    def acknowledge(self, incident_id: str, actor: str) -> Incident:
        return self._judge.acknowledge(incident_id, actor)

    def dismiss(self, incident_id: str, actor: str) -> Incident:
        return self._judge.dismiss(incident_id, actor)

    def silence(self, camera: str, kind: Kind, duration_s: float, actor: str) -> Silence:
        return self._quiet.silence(camera, kind, duration_s, actor)

    def silences(self) -> List[Silence]:
        return self._quiet.silences()

    def lift(self, camera: str, kind: Kind, actor: str) -> bool:
        return self._quiet.lift(camera, kind, actor)

    def guard(self, camera: str) -> Guard:
        return self._quiet.guard(camera)

    def arm(self, camera: Optional[str], actor: str) -> None:
        self._quiet.arm(camera, actor)

    def disarm(self, camera: Optional[str], actor: str, until: Optional[datetime] = None) -> None:
        self._quiet.disarm(camera, actor, until)

    def schedule(self, camera: Optional[str], week: Optional[Week], actor: str) -> None:
        self._quiet.schedule(camera, week, actor)

    def selftest(self, actor: str) -> Iterator[Hop]:
        return self._selftest.run(actor, self._closing)
