"""Whether a camera is armed: people are told of the lesser kinds only while it is."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, time, timedelta, timezone
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


def next_start(week: Week, local: datetime) -> Optional[datetime]:
    """When the next of the hours begin after `local`, on the same clock; None where there are none."""
    days = [local.date() + timedelta(days=number) for number in range(8)]
    starts = [
        datetime.combine(day, hours.start, local.tzinfo)
        for hours in week
        for day in days
        if day.weekday() in hours.days
    ]
    return min((start for start in starts if start > local), default=None)


@dataclass(frozen=True)
class Guard:
    """Armed unless a person or the schedule says otherwise; what a person said last outranks the schedule.

    `disarmed_until` ends a disarming; None where it lasts until someone arms. `armed_until` is set where a
    person armed outside the hours of the week: until they begin. Times are aware UTC.
    """

    disarmed: bool = False
    disarmed_until: Optional[datetime] = None
    week: Optional[Week] = None
    armed_until: Optional[datetime] = None

    def armed(self, at: datetime, local: datetime) -> bool:
        """Whether armed at `at` (aware UTC), which is `local` on the clock of the place."""
        if self.disarmed and (self.disarmed_until is None or at < self.disarmed_until):
            return False
        if self.armed_until is not None and at < self.armed_until:
            return True
        return self.week is None or any(hours.holds(local) for hours in self.week)

    def arm(self, local: datetime) -> Guard:
        """A person arms it at `local`, aware, on the clock of the place; a week without hours is given up."""
        if self.week is None or any(hours.holds(local) for hours in self.week):
            return Guard(week=self.week)
        # A naive time is the machine's own: summer time that begins meanwhile is accounted for.
        start = next_start(self.week, local.replace(tzinfo=None))
        if start is None:
            return Guard()
        return Guard(week=self.week, armed_until=start.astimezone(timezone.utc))

    def disarm(self, until: Optional[datetime]) -> Guard:
        """A person disarms it, until then or until someone arms."""
        return Guard(True, until, self.week)
