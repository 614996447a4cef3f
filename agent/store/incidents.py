"""Implements agent.ports.Journal: an incident, its change and its outbox rows commit together."""

from __future__ import annotations

from typing import Callable, List, Optional, Sequence

import structlog
from sqlalchemy import Connection, bindparam, insert, select, update

from agent.domain.incident import Change, Incident, State, Transition
from agent.ports import Clock, SnapshotRef
from agent.store.database import Database
from agent.store.errors import DiskFullError
from agent.store.rows import Values, change_values, incident_of, incident_values, weight
from agent.store.schema import DeliveryState, changes, incidents, is_in, outbox
from agent.store.shedding import OutboxBounds, shed, worth

log = structlog.get_logger(__name__)

# Built once: putting a statement together takes SQLAlchemy longer than SQLite takes to run it.
_SEQUENCE = select(incidents.c.sequence).where(incidents.c.id == bindparam("which"))
_ADD_INCIDENT = insert(incidents)
_CHANGE_INCIDENT = update(incidents).where(incidents.c.id == bindparam("which"))
_ADD_CHANGE = insert(changes).prefix_with("OR IGNORE")
_ADD_ROW = insert(outbox)
_OPEN_STATES = [state.value for state in State if not state.closed]


def _nothing() -> None:
    """The default for what a caller has no use for."""


class SqliteJournal:
    """`notify` is called after a commit that put something in the outbox, from the recording thread.

    `make_room` is called once where a commit finds the disk full, before it is tried again.
    """

    def __init__(
        self,
        database: Database,
        clock: Clock,
        bounds: OutboxBounds = OutboxBounds(),
        notify: Callable[[], None] = _nothing,
        make_room: Callable[[], None] = _nothing,
    ) -> None:
        self._database = database
        self._clock = clock
        self._bounds = bounds
        self._notify = notify
        self._make_room = make_room
        self._shedding = False

    def record(self, change: Change, snapshot: Optional[SnapshotRef], sinks: Sequence[str]) -> None:
        """See agent.ports.Journal."""
        try:
            stored = self._commit(change, snapshot, sinks)
        except DiskFullError as error:
            log.error("no room for a change, deleting old pictures", change=change.event_id, error=str(error))
            self._make_room()
            stored = self._commit(change, snapshot, sinks)
        if stored and sinks:
            self._notify()

    def unresolved(self) -> List[Incident]:
        """See agent.ports.Journal."""
        query = (
            select(incidents)
            .where(incidents.c.state.in_(_OPEN_STATES))
            .order_by(incidents.c.first_seen, incidents.c.id)
        )
        with self._database.read() as connection:
            return [incident_of(row, row.id) for row in connection.execute(query)]

    def _commit(self, change: Change, snapshot: Optional[SnapshotRef], sinks: Sequence[str]) -> bool:
        """False where the change was there already."""
        shed_rows = 0
        with self._database.write() as connection:
            _keep_incident(connection, change)
            stored = _keep_change(connection, change_values(change, snapshot, self._clock.now()))
            if stored and sinks:
                self._enqueue(connection, change, sinks)
                shed_rows = shed(connection, self._bounds, self._clock.now())
        self._tell(shed_rows)
        return stored

    def _enqueue(self, connection: Connection, change: Change, sinks: Sequence[str]) -> None:
        incident = change.incident
        now = self._clock.now()
        row = {
            "incident_id": incident.id,
            "sequence": incident.sequence,
            "state": DeliveryState.PENDING.value,
            "severity_rank": incident.severity.rank,
            "worth": worth(change.transition, incident),
            "bytes": weight(change),
            "attempts": 0,
            "lease": 0,
            "leased": 0,
            "hidden_from": now,
            "hidden_until": now,
        }
        connection.execute(_ADD_ROW, [{**row, "sink": sink} for sink in dict.fromkeys(sinks)])
        if change.transition is Transition.ESCALATED:
            _pull_forward(connection, incident)

    def _tell(self, shed_rows: int) -> None:
        """One line when shedding begins, not one per row."""
        if shed_rows and not self._shedding:
            log.warning("outbox full, giving up the least severe updates", max_rows=self._bounds.max_rows)
        self._shedding = bool(shed_rows)


def _keep_incident(connection: Connection, change: Change) -> None:
    # Not one upsert: SQLAlchemy compiles those anew each time, which costs more than the fsync. Nobody
    # writes in between, for the transaction holds the database from its beginning.
    incident = change.incident
    values = {**incident_values(incident), "changed_at": change.at}
    known = connection.scalar(_SEQUENCE, {"which": incident.id})
    if known is None:
        connection.execute(_ADD_INCIDENT, {"id": incident.id, "camera": incident.camera, **values})
    elif known < incident.sequence:
        connection.execute(_CHANGE_INCIDENT, {"which": incident.id, **values})


def _keep_change(connection: Connection, values: Values) -> bool:
    return connection.execute(_ADD_CHANGE, values).rowcount == 1


def _pull_forward(connection: Connection, incident: Incident) -> None:
    """What waits of an incident is as urgent as the incident is now, and as safe from being shed."""
    waiting = (
        select(outbox.c.id, changes.c.transition)
        .join_from(outbox, changes)
        .where(outbox.c.incident_id == incident.id, is_in(DeliveryState.PENDING))
    )
    rows = [
        {"row": row.id, "new_worth": worth(Transition(row.transition), incident)}
        for row in connection.execute(waiting)
    ]
    if rows:
        connection.execute(
            update(outbox)
            .where(outbox.c.id == bindparam("row"))
            .values(worth=bindparam("new_worth"), severity_rank=incident.severity.rank),
            rows,
        )
