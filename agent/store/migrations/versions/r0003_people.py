"""Members, invitations, strangers, the audit, alert messages, silences, guards and dialogues."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    _people()
    _audit()
    _orders()
    _conversations()


def _id(name: str) -> sa.Column[Any]:
    return sa.Column(name, sa.Integer, primary_key=True, autoincrement=False, nullable=False)


def _people() -> None:
    op.create_table(
        "members",
        _id("chat"),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("title", sa.Text, nullable=False),
        sa.Column("role", sa.Text, nullable=False),
        sa.Column("language", sa.Text, nullable=False),
        sa.Column("joined_at", sa.BigInteger, nullable=False),
        sa.Column("invited_by", sa.Text, nullable=False),
        sa.Column("alerts", sa.Integer, nullable=False),
        sa.Column("unreachable", sa.Text),
    )
    op.create_table(
        "user_names",
        _id("user"),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("seen_at", sa.BigInteger, nullable=False),
    )
    op.create_index("ix_user_names_seen_at", "user_names", ["seen_at"])
    op.create_table(
        "invitations",
        sa.Column("id", sa.Integer, primary_key=True, nullable=False),
        sa.Column("salt", sa.Text, nullable=False),
        sa.Column("digest", sa.Text, nullable=False),
        sa.Column("role", sa.Text, nullable=False),
        sa.Column("issued_by", sa.Text, nullable=False),
        sa.Column("issued_at", sa.BigInteger, nullable=False),
        sa.Column("expires_at", sa.BigInteger, nullable=False),
        sqlite_autoincrement=True,
    )
    op.create_table("strangers", _id("chat"), sa.Column("met_at", sa.BigInteger, nullable=False))
    op.create_index("ix_strangers_met_at", "strangers", ["met_at"])
    op.create_table(
        "pairing_attempts",
        sa.Column("id", sa.Integer, primary_key=True, nullable=False),
        sa.Column("chat", sa.Integer, nullable=False),
        sa.Column("at", sa.BigInteger, nullable=False),
    )


def _audit() -> None:
    op.create_table(
        "audit",
        sa.Column("id", sa.Integer, primary_key=True, nullable=False),
        sa.Column("at", sa.BigInteger, nullable=False),
        sa.Column("chat", sa.Integer),
        sa.Column("user", sa.Integer),
        sa.Column("action", sa.Text, nullable=False),
        sa.Column("subject", sa.Text, nullable=False),
        sa.Column("outcome", sa.Text, nullable=False),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_audit_chat", "audit", ["chat", "id"])
    op.create_index("ix_audit_at", "audit", ["at"])


def _orders() -> None:
    op.create_table(
        "silences",
        sa.Column("camera", sa.Text, primary_key=True, nullable=False),
        sa.Column("kind", sa.Text, primary_key=True, nullable=False),
        sa.Column("since", sa.BigInteger, nullable=False),
        sa.Column("until", sa.BigInteger, nullable=False),
        sa.Column("asked_by", sa.Text, nullable=False),
    )
    op.create_table(
        "guards",
        sa.Column("camera", sa.Text, primary_key=True, nullable=False),
        sa.Column("disarmed", sa.Integer, nullable=False),
        sa.Column("disarmed_until", sa.BigInteger),
        sa.Column("armed_until", sa.BigInteger),
        sa.Column("week", sa.Text),
        sa.Column("changed_at", sa.BigInteger, nullable=False),
    )


def _conversations() -> None:
    op.create_table(
        "alert_messages",
        sa.Column("incident_id", sa.Text, primary_key=True, nullable=False),
        sa.Column("chat", sa.Integer, primary_key=True, nullable=False),
        sa.Column("message_id", sa.Integer, nullable=False),
        sa.Column("sequence", sa.Integer, nullable=False),
        sa.Column("picture", sa.Integer, nullable=False),
        sa.ForeignKeyConstraint(["incident_id"], ["incidents.id"], ondelete="CASCADE"),
    )
    op.create_index("ix_alert_messages_chat", "alert_messages", ["chat"])
    op.create_table(
        "dialogues",
        sa.Column("chat", sa.Integer, primary_key=True, nullable=False),
        sa.Column("user", sa.Integer, primary_key=True, nullable=False),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("state", sa.Text, nullable=False),
        sa.Column("expires_at", sa.BigInteger, nullable=False),
    )
    op.create_index("ix_dialogues_expires_at", "dialogues", ["expires_at"])
    op.create_table(
        "bot",
        _id("id"),
        sa.Column("username", sa.Text, nullable=False),
    )
