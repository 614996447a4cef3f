"""The tables. Times are integer microseconds of UTC, enumerations their text, flags 0 or 1."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from enum import Enum
from typing import Any, List, Optional

from sqlalchemy import (
    BigInteger,
    Column,
    ColumnElement,
    Float,
    ForeignKeyConstraint,
    FromClause,
    Index,
    Integer,
    MetaData,
    Table,
    Text,
    UniqueConstraint,
    literal_column,
    text,
)
from sqlalchemy.engine import Dialect
from sqlalchemy.types import TypeDecorator

_EPOCH = datetime(1970, 1, 1, tzinfo=timezone.utc)
_MICROSECOND = timedelta(microseconds=1)


class DeliveryState(str, Enum):
    """Where an outbox row stands; only `pending` ones are still to be told."""

    PENDING = "pending"
    DONE = "done"
    PARKED = "parked"
    SHED = "shed"


def microseconds(at: datetime) -> int:
    """How a time (aware) is kept: since 1970, in UTC."""
    return (at - _EPOCH) // _MICROSECOND


def time_of(kept: int) -> datetime:
    """The time that `microseconds` keeps."""
    return _EPOCH + kept * _MICROSECOND


class UtcTime(TypeDecorator[datetime]):
    """An aware datetime, kept exactly and in an order that SQL can compare."""

    impl = BigInteger
    cache_ok = True

    def process_bind_param(self, value: Optional[datetime], dialect: Dialect) -> Optional[int]:
        return None if value is None else microseconds(value)

    def process_result_value(self, value: Optional[Any], dialect: Dialect) -> Optional[datetime]:
        return None if value is None else time_of(value)


metadata = MetaData()

meta = Table(
    "meta",
    metadata,
    Column("key", Text, primary_key=True, nullable=False),
    Column("value", Integer, nullable=False),
)


def _incident_columns() -> List[Column[Any]]:
    return [
        Column("kind", Text, nullable=False),
        Column("state", Text, nullable=False),
        Column("severity", Text, nullable=False),
        Column("first_seen", UtcTime, nullable=False),
        Column("last_seen", UtcTime, nullable=False),
        Column("confidence", Float, nullable=False),
        Column("peak", Float, nullable=False),
        Column("reason", Text),
        Column("actor", Text),
        Column("model", Text),
    ]


def _added_columns() -> List[Column[Any]]:
    """Those that later versions put behind the others."""
    return [
        Column("drill", Integer, nullable=False, server_default=text("0")),
        Column("person", Integer),
        Column("extent", Text),
    ]


incidents = Table(
    "incidents",
    metadata,
    Column("id", Text, primary_key=True, nullable=False),
    Column("camera", Text, nullable=False),
    Column("sequence", Integer, nullable=False),
    *_incident_columns(),
    Column("changed_at", UtcTime, nullable=False),
    *_added_columns(),
    Index("ix_incidents_state", "state", "first_seen"),
    Index("ix_incidents_person", "person", sqlite_where=text("person IS NOT NULL")),
    Index("ix_incidents_last_seen", "last_seen"),
)
"""Every incident as it stands after its last change."""

changes = Table(
    "incident_changes",
    metadata,
    Column("incident_id", Text, primary_key=True, nullable=False),
    Column("sequence", Integer, primary_key=True, nullable=False),
    *_incident_columns(),
    Column("transition", Text, nullable=False),
    Column("at", UtcTime, nullable=False),
    Column("recorded_at", UtcTime, nullable=False),
    Column("capture_to_event_ms", Float),
    Column("annotated", Text),
    Column("clean", Text),
    Column("sha256", Text),
    Column("width", Integer),
    Column("height", Integer),
    *_added_columns(),
    ForeignKeyConstraint(["incident_id"], ["incidents.id"], ondelete="CASCADE"),
    Index("ix_incident_changes_at", "at"),
)
"""Every change as it was told: immutable, but for its pictures, which retention forgets."""


_PENDING = text("state = 'pending'")

outbox = Table(
    "outbox",
    metadata,
    Column("id", Integer, primary_key=True, nullable=False),
    Column("incident_id", Text, nullable=False),
    Column("sequence", Integer, nullable=False),
    Column("sink", Text, nullable=False),
    Column("state", Text, nullable=False),
    # The incident's severity as it stands now: an escalation pulls its waiting rows forward.
    Column("severity_rank", Integer, nullable=False),
    # The lower, the sooner it is shed from a full outbox; NULL is never shed.
    Column("worth", Integer),
    Column("bytes", Integer, nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("lease", Integer, nullable=False),
    Column("leased", Integer, nullable=False),
    # A lease and a back-off hide a row for a window, not until a time: where the clock is set back to
    # before the window, the row is due rather than lost for years.
    Column("hidden_from", UtcTime, nullable=False),
    Column("hidden_until", UtcTime, nullable=False),
    Column("last_error", Text),
    Column("settled_at", UtcTime),
    ForeignKeyConstraint(
        ["incident_id", "sequence"],
        ["incident_changes.incident_id", "incident_changes.sequence"],
        ondelete="CASCADE",
    ),
    UniqueConstraint("incident_id", "sink", "sequence"),
    Index("ix_outbox_change", "incident_id", "sequence"),
    Index("ix_outbox_due", "sink", text("severity_rank DESC"), "id", sqlite_where=_PENDING),
    Index("ix_outbox_size", "bytes", sqlite_where=_PENDING),
    Index("ix_outbox_worth", "worth", "id", sqlite_where=text("state = 'pending' AND worth IS NOT NULL")),
    Index("ix_outbox_parked", "id", sqlite_where=text("state = 'parked'")),
    sqlite_autoincrement=True,
)
"""One row per change and sink; rows stay after delivery, as the record of who was told and when."""


def is_in(state: DeliveryState, table: FromClause = outbox) -> ColumnElement[bool]:
    """Whether an outbox row stands so; spelt out, for SQLite matches no partial index with a parameter."""
    return table.c.state == literal_column(f"'{state.value}'")


digests = Table(
    "digests",
    metadata,
    Column("day", Text, primary_key=True, nullable=False),
    Column("since", UtcTime, nullable=False),
    Column("until", UtcTime, nullable=False),
)

digest_counts = Table(
    "digest_counts",
    metadata,
    Column("day", Text, primary_key=True, nullable=False),
    Column("camera", Text, primary_key=True, nullable=False),
    Column("kind", Text, primary_key=True, nullable=False),
    Column("transition", Text, primary_key=True, nullable=False),
    Column("count", Integer, nullable=False),
    ForeignKeyConstraint(["day"], ["digests.day"], ondelete="CASCADE"),
)

line_counts = Table(
    "line_counts",
    metadata,
    Column("camera", Text, primary_key=True, nullable=False),
    Column("line", Text, primary_key=True, nullable=False),
    Column("direction", Text, primary_key=True, nullable=False),
    Column("label", Text, primary_key=True, nullable=False),
    Column("count", Integer, nullable=False),
)
"""How many things crossed the lines of the cameras so far, also those that are configured no more."""
