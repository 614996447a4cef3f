"""What was kept of people and is of no more use."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import and_, delete, select

from agent.ports import Clock
from agent.store.audit import Audit
from agent.store.database import Database
from agent.store.faces_schema import enrolments
from agent.store.people_schema import (
    dialogues,
    invitations,
    members,
    silences,
    strangers,
    user_names,
)

_UNTAKEN = timedelta(days=1)
"""How long the bot has to say that a dialogue timed out."""


def forget_expired(database: Database, clock: Clock, keep_days: float) -> None:
    """Delete what ran out, and the audit, the strangers and the names that are too old. Raises StoreError."""
    now = clock.now()
    cutoff = now - timedelta(days=keep_days)
    in_no_chat = user_names.c.user.not_in(select(members.c.chat))
    with database.write() as connection:
        for table, over in (
            (invitations, invitations.c.expires_at <= now),
            (silences, silences.c.until <= now),
            (enrolments, enrolments.c.ends_at <= now),
            (dialogues, dialogues.c.expires_at <= now - _UNTAKEN),
            (strangers, strangers.c.met_at < cutoff),
            (user_names, and_(user_names.c.seen_at < cutoff, in_no_chat)),
        ):
            connection.execute(delete(table).where(over))
    Audit(database, clock).prune(cutoff)
