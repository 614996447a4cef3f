"""Invitations: whoever sends the one-time code to the bot in time is let in with its role."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from hmac import compare_digest
from typing import List, Optional

from sqlalchemy import delete, insert, select

from agent.domain.access import Role
from agent.ports import Clock
from agent.store.database import Database
from agent.store.pairing_code import digest, draw, read, written
from agent.store.people_schema import invitations, pairing_attempts, strangers
from agent.store.texts import one_line

MOST_OPEN = 20
"""The oldest make way: each open one costs some hundredths of a second when a code is tried."""

_LONGEST_BY = 64


@dataclass(frozen=True)
class Invitation:
    """What a redeemed code gives, and who issued it (`telegram:<user id>` or `shell:<login>`)."""

    role: Role
    by: str


@dataclass(frozen=True)
class OpenInvitation:
    """One that can still be redeemed; its code is not known any more. Times are aware UTC."""

    role: Role
    by: str
    issued_at: datetime
    expires_at: datetime


class Invitations:
    """Holds between processes: a code is redeemed once, whoever tries. All raise StoreError."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    def issue(self, role: Role, by: str, lasts_s: float) -> str:
        """A new code such as `K7QF-2M9X`, good for so many seconds; only its hash is kept.

        Whoever used up the tries of the last hour does not keep the invited person waiting: they begin anew.
        """
        now = self._clock.now()
        code, salt = draw(), secrets.token_bytes(16)
        row = {
            "salt": salt.hex(),
            "digest": digest(code, salt),
            "role": role.value,
            "issued_by": one_line(by, _LONGEST_BY),
            "issued_at": now,
            "expires_at": now + timedelta(seconds=lasts_s),
        }
        newest = select(invitations.c.id).order_by(invitations.c.id.desc()).limit(MOST_OPEN)
        with self._database.write() as connection:
            connection.execute(delete(invitations).where(invitations.c.expires_at <= now))
            connection.execute(insert(invitations), row)
            connection.execute(delete(invitations).where(invitations.c.id.not_in(newest)))
            connection.execute(delete(pairing_attempts))
        return written(code)

    def redeem(self, code: str, chat: int) -> Optional[Invitation]:
        """What the code is good for, once; None where it is wrong, used or too old.

        Case, spaces and dashes do not matter. `chat` is a stranger no longer.
        """
        typed = read(code)
        if typed is None:
            return None
        now = self._clock.now()
        with self._database.read() as connection:
            still_open = connection.execute(select(invitations).where(invitations.c.expires_at > now)).all()
        # Hashing takes its time: nobody may wait for the database meanwhile.
        for row in still_open:
            if compare_digest(row.digest, digest(typed, bytes.fromhex(row.salt))):
                break
        else:
            return None
        with self._database.write() as connection:
            # Who deletes the row has it.
            won = connection.execute(delete(invitations).where(invitations.c.id == row.id)).rowcount == 1
            if won:
                connection.execute(delete(strangers).where(strangers.c.chat == chat))
        return Invitation(Role(row.role), row.issued_by) if won else None

    def open(self) -> List[OpenInvitation]:
        """Those that can still be redeemed, the next to run out first."""
        query = (
            select(invitations)
            .where(invitations.c.expires_at > self._clock.now())
            .order_by(invitations.c.expires_at, invitations.c.id)
        )
        with self._database.read() as connection:
            return [
                OpenInvitation(Role(row.role), row.issued_by, row.issued_at, row.expires_at)
                for row in connection.execute(query)
            ]

    def withdraw_all(self) -> int:
        """No code that was issued is good any more; how many were still open."""
        now = self._clock.now()
        with self._database.write() as connection:
            connection.execute(delete(invitations).where(invitations.c.expires_at <= now))
            return connection.execute(delete(invitations)).rowcount
