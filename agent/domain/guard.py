"""Whether a camera is armed: people are told of the lesser kinds only while it is."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, time
from typing import Optional, Tuple


@dataclass(frozen=True)
class Hours:
    """From `start` to before `end`, local time, on the weekdays given (0 is Monday).

    Where `end` is not after `start` the hours run past midnight into the next day.
    """

    days: Tuple[int, ...]
    start: time
    end: time

    def holds(self, local: datetime) -> bool:
        now, today = local.time(), local.weekday()
        if self.start < self.end:
            return today in self.days and self.start <= now < self.end
        yesterday = (today - 1) % 7
        return (today in self.days and now >= self.start) or (yesterday in self.days and now < self.end)


Week = Tuple[Hours, ...]
"""The hours in which a camera is armed."""


@dataclass(frozen=True)
class Guard:
    """Armed unless a person or the schedule says otherwise; what a person said last outranks the schedule.

    `disarmed_until` ends a disarming; None where it lasts until someone arms. Times are aware UTC.
    """

    disarmed: bool = False
    disarmed_until: Optional[datetime] = None
    week: Optional[Week] = None

    def armed(self, at: datetime, local: datetime) -> bool:
        """Whether armed at `at` (aware UTC), which is `local` on the clock of the place."""
        if self.disarmed and (self.disarmed_until is None or at < self.disarmed_until):
            return False
        return self.week is None or any(hours.holds(local) for hours in self.week)
