"""A silence: people are told nothing of one kind on one camera for a while; never of fire."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import FrozenSet

from agent.domain.incident import Kind

NEVER_SILENT: FrozenSet[Kind] = frozenset({Kind.FIRE, Kind.START_FIRE, Kind.SMOKE})
"""The kinds that no silence, guard or severity floor holds back."""

LONGEST_SILENCE_S = 30 * 86_400.0
"""Who wants less than that for longer changes the configuration."""


@dataclass(frozen=True)
class Silence:
    """In force from `since` until before `until` (aware UTC); `by` is the actor who asked for it."""

    camera: str
    kind: Kind
    since: datetime
    until: datetime
    by: str

    def covers(self, camera: str, kind: Kind, at: datetime) -> bool:
        return (self.camera, self.kind) == (camera, kind) and self.since <= at < self.until
