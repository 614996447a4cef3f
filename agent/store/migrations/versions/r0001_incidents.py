"""Incidents, their changes, the outbox and the daily digest."""

from __future__ import annotations

from typing import Any, List

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "meta",
        sa.Column("key", sa.Text, primary_key=True, nullable=False),
        sa.Column("value", sa.Integer, nullable=False),
    )
    _incidents()
    _outbox()
    _digests()


def _incidents() -> None:
    op.create_table(
        "incidents",
        sa.Column("id", sa.Text, primary_key=True, nullable=False),
        sa.Column("camera", sa.Text, nullable=False),
        sa.Column("sequence", sa.Integer, nullable=False),
        *_incident_columns(),
        sa.Column("changed_at", sa.BigInteger, nullable=False),
    )
    op.create_index("ix_incidents_state", "incidents", ["state", "first_seen"])
    op.create_index("ix_incidents_last_seen", "incidents", ["last_seen"])
    op.create_table(
        "incident_changes",
        sa.Column("incident_id", sa.Text, primary_key=True, nullable=False),
        sa.Column("sequence", sa.Integer, primary_key=True, nullable=False),
        *_incident_columns(),
        sa.Column("transition", sa.Text, nullable=False),
        sa.Column("at", sa.BigInteger, nullable=False),
        sa.Column("recorded_at", sa.BigInteger, nullable=False),
        sa.Column("capture_to_event_ms", sa.Float),
        sa.Column("annotated", sa.Text),
        sa.Column("clean", sa.Text),
        sa.Column("sha256", sa.Text),
        sa.Column("width", sa.Integer),
        sa.Column("height", sa.Integer),
        sa.ForeignKeyConstraint(["incident_id"], ["incidents.id"], ondelete="CASCADE"),
    )
    op.create_index("ix_incident_changes_at", "incident_changes", ["at"])


def _incident_columns() -> List[sa.Column[Any]]:
    return [
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("state", sa.Text, nullable=False),
        sa.Column("severity", sa.Text, nullable=False),
        sa.Column("first_seen", sa.BigInteger, nullable=False),
        sa.Column("last_seen", sa.BigInteger, nullable=False),
        sa.Column("confidence", sa.Float, nullable=False),
        sa.Column("peak", sa.Float, nullable=False),
        sa.Column("reason", sa.Text),
        sa.Column("actor", sa.Text),
        sa.Column("model", sa.Text),
    ]


def _outbox() -> None:
    pending = sa.text("state = 'pending'")
    op.create_table(
        "outbox",
        sa.Column("id", sa.Integer, primary_key=True, nullable=False),
        sa.Column("incident_id", sa.Text, nullable=False),
        sa.Column("sequence", sa.Integer, nullable=False),
        sa.Column("sink", sa.Text, nullable=False),
        sa.Column("state", sa.Text, nullable=False),
        sa.Column("severity_rank", sa.Integer, nullable=False),
        sa.Column("worth", sa.Integer),
        sa.Column("bytes", sa.Integer, nullable=False),
        sa.Column("attempts", sa.Integer, nullable=False),
        sa.Column("lease", sa.Integer, nullable=False),
        sa.Column("leased", sa.Integer, nullable=False),
        sa.Column("hidden_from", sa.BigInteger, nullable=False),
        sa.Column("hidden_until", sa.BigInteger, nullable=False),
        sa.Column("last_error", sa.Text),
        sa.Column("settled_at", sa.BigInteger),
        sa.ForeignKeyConstraint(
            ["incident_id", "sequence"],
            ["incident_changes.incident_id", "incident_changes.sequence"],
            ondelete="CASCADE",
        ),
        sa.UniqueConstraint("incident_id", "sink", "sequence"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_outbox_change", "outbox", ["incident_id", "sequence"])
    op.create_index(
        "ix_outbox_due", "outbox", ["sink", sa.text("severity_rank DESC"), "id"], sqlite_where=pending
    )
    op.create_index("ix_outbox_size", "outbox", ["bytes"], sqlite_where=pending)
    op.create_index(
        "ix_outbox_worth",
        "outbox",
        ["worth", "id"],
        sqlite_where=sa.text("state = 'pending' AND worth IS NOT NULL"),
    )
    op.create_index("ix_outbox_parked", "outbox", ["id"], sqlite_where=sa.text("state = 'parked'"))


def _digests() -> None:
    op.create_table(
        "digests",
        sa.Column("day", sa.Text, primary_key=True, nullable=False),
        sa.Column("since", sa.BigInteger, nullable=False),
        sa.Column("until", sa.BigInteger, nullable=False),
    )
    op.create_table(
        "digest_counts",
        sa.Column("day", sa.Text, primary_key=True, nullable=False),
        sa.Column("camera", sa.Text, primary_key=True, nullable=False),
        sa.Column("kind", sa.Text, primary_key=True, nullable=False),
        sa.Column("transition", sa.Text, primary_key=True, nullable=False),
        sa.Column("count", sa.Integer, nullable=False),
        sa.ForeignKeyConstraint(["day"], ["digests.day"], ondelete="CASCADE"),
    )
