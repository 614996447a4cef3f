"""The desk of one agent, put together from its store and its watching."""

from __future__ import annotations

from typing import Callable, Mapping, Optional

from agent.assembly.storing import Store
from agent.assembly.watching import Watching
from agent.config.settings import Settings
from agent.desk.desk import Desk
from agent.desk.judge import Holder, Judge
from agent.desk.pictures import LivePictures
from agent.desk.quiet import Quiet
from agent.desk.selftest import SelfTest
from agent.domain.health import AgentStatus, Health
from agent.domain.incident import Change, Incident, Kind
from agent.faces.veil import Veiling
from agent.pipeline.policies import incident_ids
from agent.pipeline.record import Recorder
from agent.ports import Clock, Frame
from agent.store.history import History


def make_desk(
    settings: Settings,
    status: Callable[[], AgentStatus],
    health: Callable[[], Health],
    store: Store,
    quiet: Quiet,
    recorder: Recorder,
    beside: Recorder,
    watching: Watching,
    latest: Callable[[str], Optional[Frame]],
    others: Mapping[Kind, Holder],
    veil: Veiling,
    clock: Clock,
) -> Desk:
    """Ready to answer; the drills of its self-test are told as the first camera's.

    `latest` gives a camera's last frame as people may see it; `others` hold the incidents of their kinds, the
    watching all that remain. What faces and things open is recorded by `beside`.
    """
    history = History(store.database)
    judge = Judge(_Holders(watching, others), history, [recorder, beside], store.labelled, clock)
    names = {camera.id: camera.name or camera.id for camera in settings.cameras}
    drilled = next(iter(names))
    return Desk(
        names,
        status,
        health,
        watching.status,
        LivePictures(latest, clock, settings.store.jpeg_quality, veil),
        judge,
        quiet,
        SelfTest(drilled, watching, recorder, history, judge, incident_ids(clock), clock),
    )


class _Holders:
    """Implements agent.desk.judge.Holder: who holds an incident, by its kind."""

    def __init__(self, watching: Watching, others: Mapping[Kind, Holder]) -> None:
        self._watching = watching
        self._others = others

    def judge(self, incident: Incident, word: Callable[[Incident], Change]) -> Optional[Change]:
        holder = self._others.get(incident.kind, self._watching)
        return holder.judge(incident, word)
