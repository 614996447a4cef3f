"""How many things crossed the lines of the cameras, over restarts. Numbers alone: nobody is in them."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import insert, select
from sqlalchemy.dialects.sqlite import insert as sqlite_insert

from agent.domain.policy.object_counts import Counts
from agent.ports import Clock, LineCounts
from agent.store.database import Database, counter
from agent.store.schema import line_counts, meta, microseconds, time_of

_SINCE = "lines_counted_since"
_PUT = insert(line_counts).prefix_with("OR REPLACE")


class StoredLineCounts:
    """All raise StoreError."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    def since(self) -> datetime:
        """When this database began to count: the first time that anybody asked."""
        began = sqlite_insert(meta).values(key=_SINCE, value=microseconds(self._clock.now()))
        with self._database.write() as connection:
            connection.execute(began.on_conflict_do_nothing())
            return time_of(counter(connection, _SINCE))

    def load(self, camera: str) -> Counts:
        """Those of every line that the camera ever had; none where nothing crossed."""
        column = line_counts.c
        chosen = select(column.line, column.direction, column.label, column["count"])
        counts: Counts = {}
        with self._database.read() as connection:
            for line, way, label, count in connection.execute(chosen.where(column.camera == camera)):
                counts.setdefault(line, {}).setdefault(way, {})[label] = count
        return counts

    def save(self, camera: str, counts: LineCounts) -> None:
        """Keep these in place of the ones before; those of other lines stay."""
        rows = [
            {"camera": camera, "line": line, "direction": way, "label": label, "count": count}
            for line, ways in counts.items()
            for way, labels in ways.items()
            for label, count in labels.items()
        ]
        if rows:
            with self._database.write() as connection:
                connection.execute(_PUT, rows)
