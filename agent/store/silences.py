"""The silences that people asked for."""

from __future__ import annotations

from datetime import datetime
from typing import List

from sqlalchemy import delete, insert, select

from agent.domain.incident import Kind
from agent.domain.silence import Silence
from agent.ports import Clock
from agent.store.database import Database
from agent.store.people_schema import silences

_ADD = insert(silences).prefix_with("OR REPLACE")


class Silences:
    """All raise StoreError."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    def add(self, silence: Silence) -> None:
        """Keep it, in place of the one for the same camera and kind; those that ended are forgotten."""
        row = {
            "camera": silence.camera,
            "kind": silence.kind.value,
            "since": silence.since,
            "until": silence.until,
            "asked_by": silence.by,
        }
        with self._database.write() as connection:
            connection.execute(delete(silences).where(silences.c.until <= self._clock.now()))
            connection.execute(_ADD, row)

    def active(self, at: datetime) -> List[Silence]:
        """Those in force at `at` (aware), the next to end first."""
        query = (
            select(silences)
            .where(silences.c.since <= at, silences.c.until > at)
            .order_by(silences.c.until, silences.c.camera, silences.c.kind)
        )
        with self._database.read() as connection:
            return [
                Silence(row.camera, Kind(row.kind), row.since, row.until, row.asked_by)
                for row in connection.execute(query)
            ]

    def lift(self, camera: str, kind: Kind) -> bool:
        """End a silence early; false where none was in force."""
        now = self._clock.now()
        this = (silences.c.camera == camera, silences.c.kind == kind.value)
        with self._database.write() as connection:
            lifted = connection.execute(delete(silences).where(*this, silences.c.until > now)).rowcount
        return lifted == 1
