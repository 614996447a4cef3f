from __future__ import annotations

from typing import List

from agent.assembly.boards import Boards
from agent.domain.camera import CameraState, CameraStatus
from agent.domain.face_event import FaceEvent
from agent.domain.health import AgentStatus, Health
from agent.domain.object_event import ObjectEvent
from agent.ports import LineCounts
from tests.fakes.changes import AT, MODEL, face_event, object_event


class ListBoard:
    """Implements agent.ports.StatusBoard: keeps what it is shown."""

    def __init__(self) -> None:
        self.shown: List[object] = []

    def camera(self, status: CameraStatus) -> None:
        self.shown.append(status)

    def agent(self, status: AgentStatus) -> None:
        self.shown.append(status)

    def health(self, health: Health) -> None:
        self.shown.append(health)

    def face(self, event: FaceEvent) -> None:
        self.shown.append(event)

    def object(self, event: ObjectEvent) -> None:
        self.shown.append(event)

    def counts(self, camera: str, counts: LineCounts) -> None:
        self.shown.append((camera, counts))


def test_every_board_shows_the_same() -> None:
    boards = [ListBoard(), ListBoard()]
    both = Boards(boards)
    camera = CameraStatus("gate", CameraState.ONLINE, AT, AT, 25.0, None)
    agent = AgentStatus("1", AT, 1, [MODEL], ["gate"])
    health = Health(AT, 1.0, 0.5, {}, 1, 2, 3, 4, 0, 0, 0, {})
    both.camera(camera)
    both.agent(agent)
    both.health(health)
    both.face(face_event())
    both.object(object_event())
    counts = {"quay": {"in": {"car": 2}, "out": {}}}
    both.counts("gate", counts)
    shown = [camera, agent, health, face_event(), object_event(), ("gate", counts)]
    assert [board.shown for board in boards] == [shown] * 2


def test_without_boards_nothing_is_shown() -> None:
    Boards([]).camera(CameraStatus("gate", CameraState.ONLINE, AT, AT, 25.0, None))
