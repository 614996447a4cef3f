"""What happened: queries for people, over incidents past and present."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Dict, List, Optional, Tuple

from sqlalchemy import Row, exists, func, select

from agent.domain.incident import Change, Incident, Kind, State, Transition
from agent.ports import SnapshotRef
from agent.store.database import Database
from agent.store.rows import change_of, incident_of, snapshot_of
from agent.store.schema import DeliveryState, changes, incidents, outbox


@dataclass(frozen=True)
class Told:
    """How telling one sink of a change stands; `settled_at` is when it was delivered, parked or shed."""

    sink: str
    state: DeliveryState
    attempts: int
    last_error: Optional[str]
    settled_at: Optional[datetime]


@dataclass(frozen=True)
class PastChange:
    """A change as it was recorded; `snapshot` is None once retention deleted the pictures."""

    change: Change
    recorded_at: datetime
    snapshot: Optional[SnapshotRef]
    told: List[Told]


@dataclass(frozen=True)
class PastIncident:
    """An incident as it stands, and how it came to that, first change first."""

    incident: Incident
    changes: List[PastChange]


class History:
    """Reads only; works on a database that another process writes."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def list(
        self,
        *,
        kind: Optional[Kind] = None,
        state: Optional[State] = None,
        camera: Optional[str] = None,
        since: Optional[datetime] = None,
        until: Optional[datetime] = None,
        limit: Optional[int] = None,
    ) -> List[Incident]:
        """Newest first; `since` and `until` (aware) choose those that were seen at any time between them."""
        query = select(incidents).order_by(incidents.c.first_seen.desc(), incidents.c.id.desc()).limit(limit)
        if kind is not None:
            query = query.where(incidents.c.kind == kind.value)
        if state is not None:
            query = query.where(incidents.c.state == state.value)
        if camera is not None:
            query = query.where(incidents.c.camera == camera)
        if since is not None:
            query = query.where(incidents.c.last_seen >= since)
        if until is not None:
            query = query.where(incidents.c.first_seen < until)
        with self._database.read() as connection:
            return [incident_of(row, row.id) for row in connection.execute(query)]

    def get(self, incident_id: str) -> Optional[PastIncident]:
        """One incident with everything that happened to it; None where there is none."""
        found = select(incidents).where(incidents.c.id == incident_id)
        steps = (
            select(changes, incidents.c.camera)
            .join_from(changes, incidents)
            .where(changes.c.incident_id == incident_id)
            .order_by(changes.c.sequence)
        )
        rows = select(outbox).where(outbox.c.incident_id == incident_id).order_by(outbox.c.id)
        with self._database.read() as connection:
            row = connection.execute(found).one_or_none()
            if row is None:
                return None
            told: Dict[int, List[Told]] = defaultdict(list)
            for delivery in connection.execute(rows):
                told[delivery.sequence].append(_told(delivery))
            past = [
                PastChange(change_of(step), step.recorded_at, snapshot_of(step), told[step.sequence])
                for step in connection.execute(steps)
            ]
            return PastIncident(incident_of(row, row.id), past)

    def last_dismissals(self, since: datetime) -> List[Change]:
        """The dismissals since then (aware) that ended an incident and that are still the last that happened
        on their camera, of fire and of blindness apart, oldest first."""
        before = changes.alias("before")
        other = incidents.alias("other")
        over_already = exists().where(
            before.c.incident_id == changes.c.incident_id,
            before.c.sequence == changes.c.sequence - 1,
            before.c.transition == Transition.RESOLVED.value,
        )
        outdated = exists().where(
            other.c.camera == incidents.c.camera,
            other.c.drill == 0,
            (other.c.kind == Kind.CAMERA.value) == (incidents.c.kind == Kind.CAMERA.value),
            other.c.changed_at > changes.c.at,
        )
        query = (
            select(changes, incidents.c.camera)
            .join_from(changes, incidents)
            .where(incidents.c.drill == 0, changes.c.transition == Transition.DISMISSED.value)
            .where(changes.c.at >= since, ~over_already, ~outdated)
            .order_by(changes.c.at)
        )
        with self._database.read() as connection:
            return [change_of(row) for row in connection.execute(query)]

    def counts(self, since: datetime, until: datetime) -> Dict[Tuple[str, Kind, Transition], int]:
        """Changes in [since, until) by camera, the incident's kind at that change, and transition; drills do
        not count."""
        key = (incidents.c.camera, changes.c.kind, changes.c.transition)
        real = changes.c.drill == 0
        query = (
            select(*key, func.count().label("number"))
            .join_from(changes, incidents)
            .where(real, changes.c.at >= since, changes.c.at < until)
            .group_by(*key)
            .order_by(*key)
        )
        with self._database.read() as connection:
            return {
                (row.camera, Kind(row.kind), Transition(row.transition)): row.number
                for row in connection.execute(query)
            }


def _told(row: Row[Any]) -> Told:
    return Told(row.sink, DeliveryState(row.state), row.attempts, row.last_error, row.settled_at)
