"""What a chat is to be told of an incident, given what it was told already: pure."""

from __future__ import annotations

from enum import Enum
from typing import List, Optional

from agent.domain.incident import Kind, Severity, State, Transition
from agent.domain.silence import NEVER_SILENT
from agent.ports import SnapshotRef
from agent.store.alert_messages import AlertMessage
from agent.store.history import PastChange, PastIncident

IN_SUMMARY = 0
"""The message id of what was told as a line of a summary only."""
_SHOWS_IT = frozenset({Transition.OPENED, Transition.UPDATED, Transition.ESCALATED})
_CLOSING = frozenset({Transition.RESOLVED, Transition.DISMISSED})
_BEST = 3


class Act(Enum):
    """`OPEN`: a message of its own. `WORSE`: a new, loud one that takes over. `FINISH`: edit, and a short
    silent answer. `SHORT`: that answer alone. `SUMMARISE`: a line among others."""

    NOTHING = "nothing"
    OPEN = "open"
    EDIT = "edit"
    WORSE = "worse"
    FINISH = "finish"
    SHORT = "short"
    SUMMARISE = "summarise"


def act(past: PastIncident, transition: Transition, told: Optional[AlertMessage], late: bool) -> Act:
    """What to do when the change that made `transition` is delivered; `late` where it waited for minutes."""
    incident = past.incident
    if told is None:
        if transition in _CLOSING:
            # It went through the outbox before this chat was let in.
            return Act.NOTHING
        burning = incident.kind in NEVER_SILENT and not incident.state.closed
        return Act.SUMMARISE if late and not burning else Act.OPEN
    if told.sequence >= incident.sequence:
        return Act.NOTHING
    if told.message_id == IN_SUMMARY:
        return Act.SHORT if incident.state.closed else Act.OPEN
    if worse_since(past, told.sequence) and not incident.state.closed:
        return Act.WORSE
    return Act.FINISH if incident.state is State.RESOLVED else Act.EDIT


def worse_since(past: PastIncident, sequence: int) -> bool:
    """Whether it became a worse kind after that change."""
    return any(
        step.change.transition is Transition.ESCALATED and step.change.incident.sequence > sequence
        for step in past.changes
    )


def loud(kind: Kind, severity: Severity, floor: Severity) -> bool:
    """Whether it makes a sound; fire, start-fire and smoke always do."""
    return kind in NEVER_SILENT or severity.rank >= floor.rank


def newest_picture(past: PastIncident, after: int = 0) -> Optional[SnapshotRef]:
    """The last picture that shows what it is about, of a change later than `after`."""
    for step in reversed(_pictured(past)):
        if step.change.incident.sequence > after:
            return step.snapshot
    return None


def best_pictures(past: PastIncident) -> List[SnapshotRef]:
    """The three on which it is surest, in the order in which they were taken."""
    steps = sorted(_pictured(past), key=lambda step: step.change.incident.confidence, reverse=True)[:_BEST]
    steps.sort(key=lambda step: step.change.incident.sequence)
    return [step.snapshot for step in steps if step.snapshot is not None]


def _pictured(past: PastIncident) -> List[PastChange]:
    return [
        step for step in past.changes if step.snapshot is not None and step.change.transition in _SHOWS_IT
    ]
