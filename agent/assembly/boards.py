"""Several status boards as one."""

from __future__ import annotations

from typing import Sequence

from agent.domain.camera import CameraStatus
from agent.domain.face_event import FaceEvent
from agent.domain.health import AgentStatus, Health
from agent.domain.object_event import ObjectEvent
from agent.ports import LineCounts, StatusBoard


class Boards:
    """Implements agent.ports.StatusBoard: shows the same on every board."""

    def __init__(self, boards: Sequence[StatusBoard]) -> None:
        self._boards = boards

    def camera(self, status: CameraStatus) -> None:
        for board in self._boards:
            board.camera(status)

    def agent(self, status: AgentStatus) -> None:
        for board in self._boards:
            board.agent(status)

    def health(self, health: Health) -> None:
        for board in self._boards:
            board.health(health)

    def face(self, event: FaceEvent) -> None:
        for board in self._boards:
            board.face(event)

    def object(self, event: ObjectEvent) -> None:
        for board in self._boards:
            board.object(event)

    def counts(self, camera: str, counts: LineCounts) -> None:
        for board in self._boards:
            board.counts(camera, counts)
