"""The tables of people and of their orders, beside those of schema.py and by the same conventions."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Column, ForeignKeyConstraint, Index, Integer, Table, Text

from agent.store.schema import UtcTime, metadata


def _id(name: str) -> Column[Any]:
    """A number that Telegram gave: up to 52 bits, negative for a group."""
    return Column(name, Integer, primary_key=True, autoincrement=False, nullable=False)


members = Table(
    "members",
    metadata,
    _id("chat"),
    Column("kind", Text, nullable=False),
    Column("title", Text, nullable=False),
    Column("role", Text, nullable=False),
    Column("language", Text, nullable=False),
    Column("joined_at", UtcTime, nullable=False),
    Column("invited_by", Text, nullable=False),
    Column("alerts", Integer, nullable=False),
    Column("unreachable", Text),
)

user_names = Table(
    "user_names",
    metadata,
    _id("user"),
    Column("name", Text, nullable=False),
    Column("seen_at", UtcTime, nullable=False),
    Index("ix_user_names_seen_at", "seen_at"),
)

invitations = Table(
    "invitations",
    metadata,
    Column("id", Integer, primary_key=True, nullable=False),
    Column("salt", Text, nullable=False),
    Column("digest", Text, nullable=False),
    Column("role", Text, nullable=False),
    Column("issued_by", Text, nullable=False),
    Column("issued_at", UtcTime, nullable=False),
    Column("expires_at", UtcTime, nullable=False),
    sqlite_autoincrement=True,
)
"""Those that are still open, or ran out and were not yet cleared away; a redeemed one is gone."""

strangers = Table(
    "strangers",
    metadata,
    _id("chat"),
    Column("met_at", UtcTime, nullable=False),
    Index("ix_strangers_met_at", "met_at"),
)

pairing_attempts = Table(
    "pairing_attempts",
    metadata,
    Column("id", Integer, primary_key=True, nullable=False),
    Column("chat", Integer, nullable=False),
    Column("at", UtcTime, nullable=False),
)

audit = Table(
    "audit",
    metadata,
    Column("id", Integer, primary_key=True, nullable=False),
    Column("at", UtcTime, nullable=False),
    Column("chat", Integer),
    Column("user", Integer),
    Column("action", Text, nullable=False),
    Column("subject", Text, nullable=False),
    Column("outcome", Text, nullable=False),
    Index("ix_audit_chat", "chat", "id"),
    Index("ix_audit_at", "at"),
    sqlite_autoincrement=True,
)

alert_messages = Table(
    "alert_messages",
    metadata,
    Column("incident_id", Text, primary_key=True, nullable=False),
    Column("chat", Integer, primary_key=True, nullable=False),
    Column("message_id", Integer, nullable=False),
    Column("sequence", Integer, nullable=False),
    Column("picture", Integer, nullable=False),
    ForeignKeyConstraint(["incident_id"], ["incidents.id"], ondelete="CASCADE"),
    Index("ix_alert_messages_chat", "chat"),
)

silences = Table(
    "silences",
    metadata,
    Column("camera", Text, primary_key=True, nullable=False),
    Column("kind", Text, primary_key=True, nullable=False),
    Column("since", UtcTime, nullable=False),
    Column("until", UtcTime, nullable=False),
    Column("asked_by", Text, nullable=False),
)

guards = Table(
    "guards",
    metadata,
    Column("camera", Text, primary_key=True, nullable=False),
    Column("disarmed", Integer, nullable=False),
    Column("disarmed_until", UtcTime),
    Column("armed_until", UtcTime),
    Column("week", Text),
    Column("changed_at", UtcTime, nullable=False),
)

dialogues = Table(
    "dialogues",
    metadata,
    Column("chat", Integer, primary_key=True, nullable=False),
    Column("user", Integer, primary_key=True, nullable=False),
    Column("kind", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("expires_at", UtcTime, nullable=False),
    Index("ix_dialogues_expires_at", "expires_at"),
)

bot = Table(
    "bot",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=False, nullable=False),
    Column("username", Text, nullable=False),
)
"""One row: the bot that the agent was last connected as."""
