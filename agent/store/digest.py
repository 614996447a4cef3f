"""The daily digest: what each camera saw on each local day, kept when the incidents themselves are gone."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Dict, List, Mapping, Tuple

from sqlalchemy import delete, func, insert, select

from agent.domain.incident import Kind, Transition
from agent.ports import Clock
from agent.store.database import Database
from agent.store.history import History
from agent.store.schema import digest_counts, digests

_CATCH_UP_DAYS = 31

Counts = Mapping[Tuple[str, Kind, Transition], int]


@dataclass(frozen=True)
class Digest:
    """One local day, [since, until) in UTC: changes by camera, kind and transition."""

    day: date
    since: datetime
    until: datetime
    counts: Counts


class Digests:
    """Days are those of the machine's time zone."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock
        self._history = History(database)

    def record_until_yesterday(self) -> List[Digest]:
        """Store yesterday's digest and those of the days that were missed since the last; returns them."""
        yesterday = self._clock.now().astimezone().date() - timedelta(days=1)
        with self._database.read() as connection:
            last = connection.scalar(select(func.max(digests.c.day)))
        first = yesterday if last is None else date.fromisoformat(last) + timedelta(days=1)
        first = max(min(first, yesterday), yesterday - timedelta(days=_CATCH_UP_DAYS))
        days = (yesterday - first).days + 1
        return [self.record(first + timedelta(days=number)) for number in range(days)]

    def record(self, day: date) -> Digest:
        """Count one day and store it, in place of what was stored of it before."""
        since, until = _midnight(day), _midnight(day + timedelta(days=1))
        digest = Digest(day, since, until, self._history.counts(since, until))
        rows = [
            {
                "day": day.isoformat(),
                "camera": camera,
                "kind": kind.value,
                "transition": transition.value,
                "count": number,
            }
            for (camera, kind, transition), number in digest.counts.items()
        ]
        with self._database.write() as connection:
            connection.execute(delete(digests).where(digests.c.day == day.isoformat()))
            connection.execute(insert(digests).values(day=day.isoformat(), since=since, until=until))
            if rows:
                connection.execute(insert(digest_counts), rows)
        return digest

    def latest(self, limit: int) -> List[Digest]:
        """Stored digests, the latest day first."""
        query = select(digests).order_by(digests.c.day.desc()).limit(limit)
        counts: Dict[str, Dict[Tuple[str, Kind, Transition], int]] = defaultdict(dict)
        with self._database.read() as connection:
            found = connection.execute(query).all()
            chosen = digest_counts.c.day.in_([row.day for row in found])
            for row in connection.execute(select(digest_counts).where(chosen)):
                counts[row.day][row.camera, Kind(row.kind), Transition(row.transition)] = row[-1]
        return [Digest(date.fromisoformat(row.day), row.since, row.until, counts[row.day]) for row in found]


def _midnight(day: date) -> datetime:
    """When a local day begins; days of 23 and 25 hours included."""
    return datetime.combine(day, time.min).astimezone()
