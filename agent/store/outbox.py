"""Implements agent.ports.Outbox: what is still to be told, leased to one dispatcher at a time."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any, List

from sqlalchemy import ColumnElement, Connection, Row, and_, exists, func, or_, select, update

from agent.ports import Clock, Delivery, OutboxDepth
from agent.store.database import Database, counter
from agent.store.rows import change_of, snapshot_of
from agent.store.schema import DeliveryState, changes, incidents, is_in, outbox
from agent.store.shedding import SHED

_LONGEST_ERROR = 500


class SqliteOutbox:
    """A delivery counts for what it leased: once its lease ran out and another holds the row, `retry` and
    `park` of the late one change nothing; `done` always holds, for the sink did confirm."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    def lease(self, sink: str, limit: int, lease_s: float) -> List[Delivery]:
        """See agent.ports.Outbox."""
        now = self._clock.now()
        query = (
            select(changes, incidents.c.camera, outbox.c.id, outbox.c.sink, outbox.c.attempts, outbox.c.lease)
            .select_from(outbox)
            .join(changes, _same_change())
            .join(incidents, incidents.c.id == changes.c.incident_id)
            .where(outbox.c.sink == sink, is_in(DeliveryState.PENDING), _visible(now), ~_behind_another())
            .order_by(outbox.c.severity_rank.desc(), outbox.c.id)
            .limit(limit)
        )
        with self._database.write() as connection:
            rows = connection.execute(query).all()
            if rows:
                connection.execute(
                    update(outbox)
                    .where(outbox.c.id.in_([row.id for row in rows]))
                    .values(
                        lease=outbox.c.lease + 1,
                        leased=1,
                        hidden_from=now,
                        hidden_until=now + timedelta(seconds=lease_s),
                    )
                )
        return [_delivery(row) for row in rows]

    def done(self, delivery: Delivery) -> None:
        """See agent.ports.Outbox."""
        self._set(outbox.c.id == delivery.id, state=DeliveryState.DONE.value, settled_at=self._clock.now())

    def retry(self, delivery: Delivery, after_s: float, error: str) -> None:
        """See agent.ports.Outbox."""
        now = self._clock.now()
        self._set(
            _held(delivery),
            attempts=outbox.c.attempts + 1,
            leased=0,
            hidden_from=now,
            hidden_until=now + timedelta(seconds=after_s),
            last_error=error[:_LONGEST_ERROR],
        )

    def park(self, delivery: Delivery, error: str) -> None:
        """See agent.ports.Outbox."""
        self._set(
            _held(delivery),
            attempts=outbox.c.attempts + 1,
            state=DeliveryState.PARKED.value,
            settled_at=self._clock.now(),
            last_error=error[:_LONGEST_ERROR],
        )

    def release(self) -> None:
        """See agent.ports.Outbox; back-offs go on."""
        now = self._clock.now()
        self._set(
            and_(is_in(DeliveryState.PENDING), outbox.c.leased == 1),
            leased=0,
            hidden_from=now,
            hidden_until=now,
        )

    def depth(self) -> OutboxDepth:
        """See agent.ports.Outbox."""
        with self._database.read() as connection:
            return OutboxDepth(
                pending=_count(connection, DeliveryState.PENDING),
                parked=_count(connection, DeliveryState.PARKED),
                shed=counter(connection, SHED),
            )

    def _set(self, which: ColumnElement[bool], **values: Any) -> None:
        with self._database.write() as connection:
            connection.execute(update(outbox).where(which).values(values))


def _count(connection: Connection, state: DeliveryState) -> int:
    return connection.scalars(select(func.count()).select_from(outbox).where(is_in(state))).one()


def _visible(now: datetime) -> ColumnElement[bool]:
    return or_(outbox.c.hidden_until <= now, outbox.c.hidden_from > now)


def _same_change() -> ColumnElement[bool]:
    return and_(
        changes.c.incident_id == outbox.c.incident_id,
        changes.c.sequence == outbox.c.sequence,
    )


def _behind_another() -> ColumnElement[bool]:
    """Whether an earlier change of the same incident still waits for the same sink."""
    earlier = outbox.alias("earlier")
    return exists().where(
        earlier.c.incident_id == outbox.c.incident_id,
        earlier.c.sink == outbox.c.sink,
        earlier.c.sequence < outbox.c.sequence,
        is_in(DeliveryState.PENDING, earlier),
    )


def _held(delivery: Delivery) -> ColumnElement[bool]:
    return and_(outbox.c.id == delivery.id, is_in(DeliveryState.PENDING), outbox.c.lease == delivery.lease)


def _delivery(row: Row[Any]) -> Delivery:
    return Delivery(
        id=row.id,
        sink=row.sink,
        change=change_of(row),
        snapshot=snapshot_of(row),
        recorded_at=row.recorded_at,
        attempts=row.attempts,
        lease=row.lease + 1,
    )
