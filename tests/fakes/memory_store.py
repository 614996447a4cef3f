"""A journal and an outbox in memory, held by the same contract as the SQLite ones."""

from __future__ import annotations

import threading
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Callable, Dict, List, Optional, Sequence, Tuple

from agent.domain.incident import Change, Incident
from agent.ports import Clock, Delivery, OutboxDepth, SnapshotRef
from agent.store.rows import weight
from agent.store.shedding import OutboxBounds, worth


@dataclass
class Row:
    """What waits, waited, or was given up; `state` is pending, done, parked or shed."""

    id: int
    sink: str
    change: Change
    snapshot: Optional[SnapshotRef]
    recorded_at: datetime
    state: str = "pending"
    attempts: int = 0
    lease: int = 0
    leased: bool = False
    hidden_until: Optional[datetime] = None


class MemoryStore:
    """Implements agent.ports.Journal and agent.ports.Outbox over lists; forgets all with the process."""

    def __init__(
        self,
        clock: Clock,
        bounds: OutboxBounds = OutboxBounds(),
        notify: Callable[[], None] = lambda: None,
    ) -> None:
        self.changes: Dict[str, Change] = {}
        self.incidents: Dict[str, Incident] = {}
        self.rows: List[Row] = []
        self._clock = clock
        self._bounds = bounds
        self._notify = notify
        self._lock = threading.Lock()

    def record(self, change: Change, snapshot: Optional[SnapshotRef], sinks: Sequence[str]) -> None:
        with self._lock:
            if change.event_id in self.changes:
                return
            self.changes[change.event_id] = change
            known = self.incidents.get(change.incident.id)
            if known is None or known.sequence < change.incident.sequence:
                self.incidents[change.incident.id] = change.incident
            for sink in dict.fromkeys(sinks):
                row = Row(len(self.rows) + 1, sink, change, snapshot, self._clock.now())
                self.rows.append(row)
            if sinks:
                self._shed()
        if sinks:
            self._notify()

    def unresolved(self) -> List[Incident]:
        waiting = [incident for incident in self.incidents.values() if not incident.state.closed]
        return sorted(waiting, key=lambda incident: (incident.first_seen, incident.id))

    def lease(self, sink: str, limit: int, lease_s: float) -> List[Delivery]:
        now = self._clock.now()
        with self._lock:
            due = [row for row in self._pending() if row.sink == sink and self._is_next(row, now)]
            due.sort(key=lambda row: (-self.incidents[row.change.incident.id].severity.rank, row.id))
            for row in due[:limit]:
                row.lease += 1
                row.leased = True
                row.hidden_until = now + timedelta(seconds=lease_s)
            return [_delivery(row) for row in due[:limit]]

    def done(self, delivery: Delivery) -> None:
        self.rows[delivery.id - 1].state = "done"

    def retry(self, delivery: Delivery, after_s: float, error: str) -> None:
        row = self._held(delivery)
        if row:
            row.attempts += 1
            row.leased = False
            row.hidden_until = self._clock.now() + timedelta(seconds=after_s)

    def park(self, delivery: Delivery, error: str) -> None:
        row = self._held(delivery)
        if row:
            row.attempts += 1
            row.state = "parked"

    def release(self) -> None:
        for row in self._pending():
            if row.leased:
                row.leased = False
                row.hidden_until = None

    def depth(self) -> OutboxDepth:
        states = [row.state for row in self.rows]
        return OutboxDepth(states.count("pending"), states.count("parked"), states.count("shed"))

    def _pending(self) -> List[Row]:
        return [row for row in self.rows if row.state == "pending"]

    def _held(self, delivery: Delivery) -> Optional[Row]:
        row = self.rows[delivery.id - 1]
        return row if row.state == "pending" and row.lease == delivery.lease else None

    def _is_next(self, row: Row, now: datetime) -> bool:
        if row.hidden_until is not None and row.hidden_until > now:
            return False
        own = row.change.incident
        return not any(
            other.sink == row.sink
            and other.change.incident.id == own.id
            and other.change.incident.sequence < own.sequence
            for other in self._pending()
        )

    def _shed(self) -> None:
        now = self._clock.now()
        while self._over():
            candidates = [
                (value, row.id)
                for row, value in ((row, self._worth(row)) for row in self._pending())
                if value is not None and not (row.leased and row.hidden_until and row.hidden_until > now)
            ]
            if not candidates:
                return
            self.rows[min(candidates)[1] - 1].state = "shed"

    def _over(self) -> bool:
        pending = self._pending()
        size = sum(weight(row.change) for row in pending)
        return len(pending) > self._bounds.max_rows or size > self._bounds.max_bytes

    def _worth(self, row: Row) -> Optional[int]:
        """By the incident as it stands now, once it escalated."""
        return worth(row.change.transition, self.incidents[row.change.incident.id])


def keys(deliveries: Sequence[Delivery]) -> List[Tuple[str, int]]:
    """Incident id and sequence of each."""
    return [(each.change.incident.id, each.change.incident.sequence) for each in deliveries]


def _delivery(row: Row) -> Delivery:
    return Delivery(row.id, row.sink, row.change, row.snapshot, row.recorded_at, row.attempts, row.lease)
