"""A change on its way to a chat."""

from __future__ import annotations

from dataclasses import dataclass

from agent.domain.incident import Incident, Transition
from agent.domain.silence import NEVER_SILENT
from agent.store.history import PastIncident


@dataclass(frozen=True)
class News:
    """What is delivered; `past` is how the incident stands by now, `late` that this waited for minutes."""

    past: PastIncident
    transition: Transition
    late: bool

    @property
    def incident(self) -> Incident:
        return self.past.incident

    @property
    def urgent(self) -> bool:
        return self.incident.kind in NEVER_SILENT
