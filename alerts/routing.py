"""Which sinks are told of a change."""

from __future__ import annotations

import threading
from collections import OrderedDict
from dataclasses import dataclass
from typing import Callable, List, Sequence

from agent.domain.incident import Change, Severity, Transition
from agent.domain.silence import NEVER_SILENT

_MOST_REMEMBERED = 1000


@dataclass(frozen=True)
class Listener:
    """A sink by name, the lowest severity that it wants to hear, and whether it speaks to people, whom a
    silence or a disarmed camera spares."""

    name: str
    floor: Severity
    people: bool = False


def route(change: Change, listeners: Sequence[Listener], hushed: bool) -> List[str]:
    """Names of the sinks to tell: pure. `hushed` says that people are to be spared this.

    Fire, start-fire and smoke pass whatever the floor and whatever is hushed.
    """
    incident = change.incident
    if incident.kind in NEVER_SILENT:
        return [listener.name for listener in listeners]
    return [
        listener.name
        for listener in listeners
        if incident.severity.rank >= listener.floor.rank and not (listener.people and hushed)
    ]


class Router:
    """Implements agent.pipeline.record.Route; safe to use from several threads.

    Who was told that an incident began is told how it goes on, whatever is hushed since, and who was not is
    not: half a story helps nobody. Of an incident from before the start, what is hushed now is what counts.
    """

    def __init__(self, listeners: Sequence[Listener], hushes: Callable[[Change], bool]) -> None:
        self._listeners = listeners
        self._hushes = hushes
        self._hushed: OrderedDict[str, bool] = OrderedDict()
        self._lock = threading.Lock()

    def __call__(self, change: Change) -> List[str]:
        return route(change, self._listeners, self._hushed_as_told(change))

    def _hushed_as_told(self, change: Change) -> bool:
        incident = change.incident
        with self._lock:
            known = None if change.transition is Transition.OPENED else self._hushed.get(incident.id)
            hushed = self._hushes(change) if known is None else known
            self._hushed[incident.id] = hushed
            self._hushed.move_to_end(incident.id)
            if len(self._hushed) > _MOST_REMEMBERED:
                self._hushed.popitem(last=False)
        return hushed
