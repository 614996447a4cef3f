"""The audit: which chat and user ordered what, and what came of it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import List, Optional

from sqlalchemy import Connection, delete, func, insert, select

from agent.ports import Clock
from agent.store.database import Database
from agent.store.people_schema import audit
from agent.store.texts import one_line

MOST_ENTRIES = 100_000

_LONGEST_ACTION = 64
_LONGEST_TEXT = 200


@dataclass(frozen=True)
class AuditEntry:
    """One order, at an aware UTC time; `chat` and `user` are None for one that was given on the shell."""

    at: datetime
    chat: Optional[int]
    user: Optional[int]
    action: str
    subject: str
    outcome: str


class Audit:
    """Append only, but for what is too old or too much. All raise StoreError."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    def note(
        self, chat: Optional[int], user: Optional[int], action: str, subject: str = "", outcome: str = "done"
    ) -> None:
        """Keep that an order was given. No secret may be in a text: no code, no token. Long texts are cut."""
        with self._database.write() as connection:
            self.add(connection, chat, user, action, subject, outcome)

    def add(
        self,
        connection: Connection,
        chat: Optional[int],
        user: Optional[int],
        action: str,
        subject: str = "",
        outcome: str = "done",
    ) -> None:
        """The same, within the transaction that carries the order out."""
        row = {
            "at": self._clock.now(),
            "chat": chat,
            "user": user,
            "action": one_line(action, _LONGEST_ACTION),
            "subject": one_line(subject, _LONGEST_TEXT),
            "outcome": one_line(outcome, _LONGEST_TEXT),
        }
        too_many = select(func.max(audit.c.id) - MOST_ENTRIES).scalar_subquery()
        connection.execute(insert(audit), row)
        connection.execute(delete(audit).where(audit.c.id <= too_many))

    def add_by(self, connection: Connection, by: str, action: str, subject: str) -> None:
        """The same for an actor (`telegram:1234`, `shell:root`), of whom the subject tells where the columns
        cannot."""
        channel, _, number = by.partition(":")
        if channel == "telegram" and number.isdecimal():
            self.add(connection, None, int(number), action, subject)
        else:
            self.add(connection, None, None, action, f"{subject}, by {by}")

    def latest(self, limit: int, chat: Optional[int] = None) -> List[AuditEntry]:
        """The newest entries, of one chat or of all, the newest first."""
        query = select(audit).order_by(audit.c.id.desc()).limit(limit)
        if chat is not None:
            query = query.where(audit.c.chat == chat)
        with self._database.read() as connection:
            return [
                AuditEntry(row.at, row.chat, row.user, row.action, row.subject, row.outcome)
                for row in connection.execute(query)
            ]

    def prune(self, before: datetime) -> int:
        """Forget what is older; how many entries it was."""
        with self._database.write() as connection:
            return connection.execute(delete(audit).where(audit.c.at < before)).rowcount
