"""On which days and at which hours something holds, on the clock of a place."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, tzinfo
from typing import Optional

from agent.domain.guard import Hours


@dataclass(frozen=True)
class Calendar:
    """`hours` are read off the wall clock of `zone` (None: the machine's own): where the clocks are put
    forward, hours that are skipped are missing, and where they are put back, those that are repeated hold
    twice."""

    hours: Hours
    zone: Optional[tzinfo] = None

    def holds(self, at: datetime) -> bool:
        """Whether `at` (aware) lies in the hours."""
        return self.hours.holds(at.astimezone(self.zone))
