"""The desk of one agent, put together from its store and its watching."""

from __future__ import annotations

from typing import Callable

from agent.assembly.storing import Store
from agent.assembly.watching import Watching
from agent.config.settings import Settings
from agent.desk.desk import Desk
from agent.desk.judge import Judge
from agent.desk.pictures import LivePictures
from agent.desk.quiet import Quiet
from agent.desk.selftest import SelfTest
from agent.domain.health import AgentStatus, Health
from agent.pipeline.policies import incident_ids
from agent.pipeline.record import Recorder
from agent.ports import Clock
from agent.store.history import History


def make_desk(
    settings: Settings,
    status: AgentStatus,
    health: Callable[[], Health],
    store: Store,
    quiet: Quiet,
    recorder: Recorder,
    watching: Watching,
    clock: Clock,
) -> Desk:
    """Ready to answer; the drills of its self-test are told as the first camera's."""
    history = History(store.database)
    judge = Judge(watching, history, recorder, store.labelled, clock)
    names = {camera.id: camera.name or camera.id for camera in settings.cameras}
    drilled = next(iter(names))
    return Desk(
        names,
        status,
        health,
        watching.status,
        LivePictures(watching.latest, clock, settings.store.jpeg_quality),
        judge,
        quiet,
        SelfTest(drilled, watching, recorder, history, judge, incident_ids(clock), clock),
    )
