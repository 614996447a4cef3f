"""The nightly round: check the database, fold its log back in, write the digest."""

from __future__ import annotations

from typing import List

import structlog

from agent.ports import Clock
from agent.store.database import Database
from agent.store.digest import Digests
from agent.store.errors import DamagedError

log = structlog.get_logger(__name__)

_MOST_PROBLEMS = 20


class Maintenance:
    """What keeps the database sound and small."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._digests = Digests(database, clock)

    def nightly(self) -> List[str]:
        """Everything; returns what the check found wrong. Raises StoreError."""
        problems = self.check()
        if problems:
            log.critical("database damaged: restart the agent to rebuild it", problems=problems)
            return problems
        for digest in self._digests.record_until_yesterday():
            log.info("digest", day=digest.day.isoformat(), changes=sum(digest.counts.values()))
        self._database.checkpoint()
        return []

    def check(self) -> List[str]:
        """What SQLite finds wrong with the file; empty where it is sound. Raises StoreError."""
        try:
            with self._database.read() as connection:
                found = connection.exec_driver_sql(f"PRAGMA quick_check({_MOST_PROBLEMS})").scalars()
                return [line for line in found if line != "ok"]
        except DamagedError as error:
            return [str(error)]
