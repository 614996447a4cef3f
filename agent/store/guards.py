"""Which cameras people armed and disarmed, and by which weekly hours."""

from __future__ import annotations

import json
from datetime import time
from typing import Any, Dict, Optional

from sqlalchemy import Row, insert, select

from agent.domain.guard import Guard, Hours, Week
from agent.ports import Clock
from agent.store.database import Database
from agent.store.people_schema import guards

_PUT = insert(guards).prefix_with("OR REPLACE")


class Guards:
    """All raise StoreError."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    def get(self, camera: str) -> Guard:
        """The camera's guard; an armed one where nobody ever said anything."""
        with self._database.read() as connection:
            row = connection.execute(select(guards).where(guards.c.camera == camera)).one_or_none()
        return Guard() if row is None else _guard(row)

    def all(self) -> Dict[str, Guard]:
        """By camera, those of which somebody said something."""
        with self._database.read() as connection:
            return {
                row.camera: _guard(row)
                for row in connection.execute(select(guards).order_by(guards.c.camera))
            }

    def put(self, camera: str, guard: Guard) -> None:
        """Keep it in place of the one before."""
        row = {
            "camera": camera,
            "disarmed": int(guard.disarmed),
            "disarmed_until": guard.disarmed_until,
            "armed_until": guard.armed_until,
            "week": _week_text(guard.week),
            "changed_at": self._clock.now(),
        }
        with self._database.write() as connection:
            connection.execute(_PUT, row)


def _guard(row: Row[Any]) -> Guard:
    return Guard(bool(row.disarmed), row.disarmed_until, _week(row.week), row.armed_until)


def _week_text(week: Optional[Week]) -> Optional[str]:
    if week is None:
        return None
    return json.dumps(
        [
            {"days": list(hours.days), "start": hours.start.isoformat(), "end": hours.end.isoformat()}
            for hours in week
        ]
    )


def _week(text: Optional[str]) -> Optional[Week]:
    if text is None:
        return None
    return tuple(
        Hours(tuple(hours["days"]), time.fromisoformat(hours["start"]), time.fromisoformat(hours["end"]))
        for hours in json.loads(text)
    )
