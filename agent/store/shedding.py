"""What a full outbox gives up: mere updates first, the least severe first, fire never."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Optional

from sqlalchemy import Connection, func, or_, select, update

from agent.domain.incident import Incident, Kind, Severity, Transition
from agent.store.database import count_up
from agent.store.schema import DeliveryState, is_in, outbox

SHED = "outbox_shed"
"""The durable counter of rows given up."""

_BATCH = 500
_PENDING = is_in(DeliveryState.PENDING)
_SIZE = select(func.count(), func.coalesce(func.sum(outbox.c.bytes), 0)).where(_PENDING)
_NEVER = (Kind.FIRE, Kind.START_FIRE)


@dataclass(frozen=True)
class OutboxBounds:
    """How much may wait to be told: rows, and bytes of what is to be sent."""

    max_rows: int = 100_000
    max_bytes: int = 256 * 1024 * 1024


def worth(transition: Transition, incident: Incident) -> Optional[int]:
    """The lower, the sooner a change is given up; None: never."""
    if incident.kind in _NEVER:
        return None
    return incident.severity.rank + (0 if transition is Transition.UPDATED else len(Severity))


def shed(connection: Connection, bounds: OutboxBounds, now: datetime) -> int:
    """Give up waiting rows until the outbox is within its bounds or only fire is left; how many it was.

    Rows that a dispatcher holds are left to it.
    """
    rows, size = connection.execute(_SIZE).one()
    excess_rows, excess_bytes = rows - bounds.max_rows, size - bounds.max_bytes
    total = 0
    while excess_rows > 0 or excess_bytes > 0:
        given_up = []
        for row in connection.execute(
            select(outbox.c.id, outbox.c.bytes)
            .where(_PENDING, outbox.c.worth.is_not(None))
            .where(or_(outbox.c.leased == 0, outbox.c.hidden_until <= now, outbox.c.hidden_from > now))
            .order_by(outbox.c.worth, outbox.c.id)
            .limit(_BATCH)
        ):
            if excess_rows <= 0 and excess_bytes <= 0:
                break
            given_up.append(row.id)
            excess_rows -= 1
            excess_bytes -= row.bytes
        if not given_up:
            break
        connection.execute(
            update(outbox)
            .where(outbox.c.id.in_(given_up))
            .values(state=DeliveryState.SHED.value, settled_at=now)
        )
        total += len(given_up)
    if total:
        count_up(connection, SHED, total)
    return total
