"""Which sinks are told of a change: pure."""

from __future__ import annotations

from typing import List, Mapping

from agent.domain.incident import Change, Kind, Severity

NEVER_HELD_BACK = frozenset({Kind.FIRE, Kind.START_FIRE})


def route(change: Change, floors: Mapping[str, Severity]) -> List[str]:
    """Names of the sinks to tell; `floors` is the lowest severity that each sink, by name, wants to hear.

    Fire and incipient fire pass whatever the floor.
    """
    incident = change.incident
    if incident.kind in NEVER_HELD_BACK:
        return list(floors)
    return [sink for sink, floor in floors.items() if incident.severity.rank >= floor.rank]
