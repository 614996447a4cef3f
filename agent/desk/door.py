"""The door that everyone who asks goes through: shut while the agent starts and stops."""

from __future__ import annotations

from datetime import datetime
from typing import Iterator, List, Optional

from agent.controls import BusyError, Controls, Hop
from agent.domain.camera import CameraStatus
from agent.domain.guard import Guard, Week
from agent.domain.health import AgentStatus, Health
from agent.domain.incident import Incident, Kind
from agent.domain.silence import Silence


class Door:
    """Implements agent.controls.Controls by passing everything on; raises BusyError while it is shut.

    Sinks are made before there is anything to ask, so they are given the door.
    """

    def __init__(self) -> None:
        self._desk: Optional[Controls] = None

    def open(self, desk: Controls) -> None:
        """From now on `desk` answers."""
        self._desk = desk

    def shut(self) -> None:
        """Nobody answers any more; what was asked before is still answered."""
        self._desk = None

    def status(self) -> AgentStatus:
        return self._open_desk().status()

    def health(self) -> Health:
        return self._open_desk().health()

    def cameras(self) -> List[CameraStatus]:
        return self._open_desk().cameras()

    def camera_name(self, camera: str) -> str:
        return self._open_desk().camera_name(camera)

    def live_picture(self, camera: str) -> bytes:
        return self._open_desk().live_picture(camera)

    def acknowledge(self, incident_id: str, actor: str) -> Incident:
        return self._open_desk().acknowledge(incident_id, actor)

    def dismiss(self, incident_id: str, actor: str) -> Incident:
        return self._open_desk().dismiss(incident_id, actor)

    def silence(self, camera: str, kind: Kind, duration_s: float, actor: str) -> Silence:
        return self._open_desk().silence(camera, kind, duration_s, actor)

    def silences(self) -> List[Silence]:
        return self._open_desk().silences()

    def lift(self, camera: str, kind: Kind, actor: str) -> bool:
        return self._open_desk().lift(camera, kind, actor)

    def guard(self, camera: str) -> Guard:
        return self._open_desk().guard(camera)

    def arm(self, camera: Optional[str], actor: str) -> None:
        self._open_desk().arm(camera, actor)

    def disarm(self, camera: Optional[str], actor: str, until: Optional[datetime] = None) -> None:
        self._open_desk().disarm(camera, actor, until)

    def schedule(self, camera: Optional[str], week: Optional[Week], actor: str) -> None:
        self._open_desk().schedule(camera, week, actor)

    def selftest(self, actor: str) -> Iterator[Hop]:
        return self._open_desk().selftest(actor)

    def _open_desk(self) -> Controls:
        desk = self._desk
        if desk is None:
            raise BusyError("the agent is starting or stopping: try again in a moment")
        return desk
