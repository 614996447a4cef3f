"""Chats that were not let in: refused once, then not answered; and how often one may try a code."""

from __future__ import annotations

import threading
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, Connection, and_, delete, func, insert, not_, select

from agent.ports import Clock
from agent.store.database import Database, count_up, counter
from agent.store.people_schema import pairing_attempts, strangers

MOST_REFUSALS_PER_HOUR = 20
MOST_KNOWN = 10_000
MOST_TRIES_PER_HOUR = 50
MOST_TRIES_OF_A_CHAT_PER_HOUR = 5

CONTACTS = "stranger_contacts"
"""The durable counter of messages from strangers."""

_HOUR = timedelta(hours=1)
_COUNT_EVERY = timedelta(minutes=1)

_MEET = insert(strangers).prefix_with("OR IGNORE")


class Strangers:
    """Safe from several threads; a flood costs the disk a write a minute. All raise StoreError."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock
        self._lock = threading.Lock()
        self._uncounted = 0
        self._counted_at = clock.now()

    def met(self, chat: int) -> bool:
        """A stranger wrote: whether to answer with a refusal.

        True for each chat once, also across restarts, and for so many chats an hour as are worth an answer;
        the others are not answered now, and are new when they come again later.
        """
        now = self._clock.now()
        with self._lock:
            self._uncounted += 1
            with self._database.read() as connection:
                answer = _unknown(connection, chat) and _refusals(connection, now) < MOST_REFUSALS_PER_HOUR
            if answer:
                with self._database.write() as connection:
                    answer = connection.execute(_MEET, {"chat": chat, "met_at": now}).rowcount == 1
                    _forget_the_first_met(connection)
                    self._count(connection, now)
            elif abs(now - self._counted_at) >= _COUNT_EVERY:
                with self._database.write() as connection:
                    self._count(connection, now)
        return answer

    def count(self) -> int:
        """Messages from strangers since the database began."""
        with self._lock, self._database.read() as connection:
            return counter(connection, CONTACTS) + self._uncounted

    def may_try(self, chat: int) -> bool:
        """Whether the chat may try a pairing code now; a try is counted where it may.

        Only a private chat may, for a code that is typed in a group is everyone's.
        """
        if chat <= 0:
            return False
        now = self._clock.now()
        lately = _lately(pairing_attempts.c.at, now)
        tries = select(func.count()).select_from(pairing_attempts)
        with self._database.write() as connection:
            connection.execute(delete(pairing_attempts).where(not_(lately)))
            of_all = connection.scalars(tries).one()
            of_chat = connection.scalars(tries.where(pairing_attempts.c.chat == chat)).one()
            if of_all >= MOST_TRIES_PER_HOUR or of_chat >= MOST_TRIES_OF_A_CHAT_PER_HOUR:
                return False
            connection.execute(insert(pairing_attempts).values(chat=chat, at=now))
        return True

    def _count(self, connection: Connection, now: datetime) -> None:
        count_up(connection, CONTACTS, self._uncounted)
        self._uncounted = 0
        self._counted_at = now


def _unknown(connection: Connection, chat: int) -> bool:
    return connection.scalar(select(strangers.c.chat).where(strangers.c.chat == chat)) is None


def _refusals(connection: Connection, now: datetime) -> int:
    return connection.scalars(
        select(func.count()).select_from(strangers).where(_lately(strangers.c.met_at, now))
    ).one()


def _lately(at: ColumnElement[datetime], now: datetime) -> ColumnElement[bool]:
    # What is dated ahead of a clock that was set back counts no more, or it would for years.
    return and_(at > now - _HOUR, at <= now)


def _forget_the_first_met(connection: Connection) -> None:
    excess = connection.scalars(select(func.count()).select_from(strangers)).one() - MOST_KNOWN
    if excess > 0:
        first = select(strangers.c.chat).order_by(strangers.c.met_at, strangers.c.chat).limit(excess)
        connection.execute(delete(strangers).where(strangers.c.chat.in_(first)))
