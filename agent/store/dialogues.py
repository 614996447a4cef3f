"""Conversations under way, so that a restart does not end them: whose, about what, how far, until when."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Dict, List, NamedTuple, Optional

from sqlalchemy import ColumnElement, Row, delete, func, insert, literal_column, or_, select

from agent.errors import StoreError
from agent.ports import Clock
from agent.store.database import Database
from agent.store.people_schema import dialogues

MOST_DIALOGUES = 1000
LARGEST_STATE = 16 * 1024
"""Bytes of a state as JSON."""

_ROW: ColumnElement[int] = literal_column("rowid")
_PUT = insert(dialogues).prefix_with("OR REPLACE")


@dataclass(frozen=True)
class Dialogue:
    """What is being talked about (`kind`) and what was said so far (`state`); ends at an aware UTC time."""

    kind: str
    state: Dict[str, Any]
    expires_at: datetime


class Expired(NamedTuple):
    """A dialogue that nobody went on with in time."""

    chat: int
    user: int
    dialogue: Dialogue


class Dialogues:
    """One for each user in each chat. All raise StoreError."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    def get(self, chat: int, user: int) -> Optional[Dialogue]:
        """The dialogue under way; None where there is none or it ran out."""
        query = select(dialogues).where(
            dialogues.c.chat == chat, dialogues.c.user == user, dialogues.c.expires_at > self._clock.now()
        )
        with self._database.read() as connection:
            row = connection.execute(query).one_or_none()
        return None if row is None else _dialogue(row)

    def put(self, chat: int, user: int, kind: str, state: Dict[str, Any], lasts_s: float) -> None:
        """Begin or go on, for so many seconds. `state` is JSON: texts as keys, no pictures.

        Of more than MOST_DIALOGUES the others that would end first are forgotten. Raises StoreError where
        `state` is larger than LARGEST_STATE.
        """
        text = json.dumps(state, separators=(",", ":"))
        if len(text) > LARGEST_STATE:
            raise StoreError(
                f"dialogue {kind}: its state takes {len(text)} bytes, more than {LARGEST_STATE}: cancel it"
            )
        row = {
            "chat": chat,
            "user": user,
            "kind": kind,
            "state": text,
            "expires_at": self._clock.now() + timedelta(seconds=lasts_s),
        }
        with self._database.write() as connection:
            connection.execute(_PUT, row)
            excess = connection.scalars(select(func.count()).select_from(dialogues)).one() - MOST_DIALOGUES
            if excess > 0:
                others = select(_ROW).where(or_(dialogues.c.chat != chat, dialogues.c.user != user))
                first = others.select_from(dialogues).order_by(dialogues.c.expires_at).limit(excess)
                connection.execute(delete(dialogues).where(_ROW.in_(first)))

    def drop(self, chat: int, user: int) -> bool:
        """End it; false where there was none under way or left over."""
        with self._database.write() as connection:
            ended = connection.execute(
                delete(dialogues).where(dialogues.c.chat == chat, dialogues.c.user == user)
            ).rowcount
        return ended == 1

    def take_expired(self) -> List[Expired]:
        """Those that ran out since the last time, the first to run out first; each is given out once."""
        now = self._clock.now()
        query = (
            select(dialogues)
            .where(dialogues.c.expires_at <= now)
            .order_by(dialogues.c.expires_at, dialogues.c.chat, dialogues.c.user)
        )
        with self._database.read() as connection:
            if connection.execute(query.limit(1)).first() is None:
                return []
        with self._database.write() as connection:
            rows = connection.execute(query).all()
            connection.execute(delete(dialogues).where(dialogues.c.expires_at <= now))
        return [Expired(row.chat, row.user, _dialogue(row)) for row in rows]


def _dialogue(row: Row[Any]) -> Dialogue:
    return Dialogue(row.kind, json.loads(row.state), row.expires_at)
