"""The desk of one agent, put together from its store and its watching."""

from __future__ import annotations

from typing import Callable, Optional

from agent.assembly.storing import Store
from agent.assembly.trouble import DeviceTrouble
from agent.assembly.watching import Watching
from agent.config.settings import Settings
from agent.desk.desk import Desk
from agent.desk.judge import Judge
from agent.desk.pictures import LivePictures
from agent.desk.quiet import Quiet
from agent.desk.selftest import SelfTest
from agent.domain.health import AgentStatus, Health
from agent.domain.incident import Change, Incident, Kind
from agent.pipeline.policies import incident_ids
from agent.pipeline.record import Recorder
from agent.ports import Clock
from agent.store.history import History


def make_desk(
    settings: Settings,
    status: Callable[[], AgentStatus],
    health: Callable[[], Health],
    store: Store,
    quiet: Quiet,
    recorder: Recorder,
    watching: Watching,
    trouble: DeviceTrouble,
    clock: Clock,
) -> Desk:
    """Ready to answer; the drills of its self-test are told as the first camera's."""
    history = History(store.database)
    judge = Judge(_Holders(watching, trouble), history, recorder, store.labelled, clock)
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


class _Holders:
    """Implements agent.desk.judge.Holder: the watching holds the cameras' incidents, the trouble the rest."""

    def __init__(self, watching: Watching, trouble: DeviceTrouble) -> None:
        self._watching = watching
        self._trouble = trouble

    def judge(self, incident: Incident, word: Callable[[Incident], Change]) -> Optional[Change]:
        holder = self._trouble if incident.kind is Kind.DEVICE else self._watching
        return holder.judge(incident, word)
