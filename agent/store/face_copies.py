"""The copies of the database that upgrades, ways back and damage leave, and a person's erasure from them."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from datetime import datetime
from pathlib import Path
from typing import Iterator, List, Sequence

from agent.store.connection import BUSY_MS
from agent.store.durable import sync_folder
from agent.store.errors import database_errors, file_errors
from agent.store.quarantine import is_damaged
from agent.store.schema import microseconds

INSTALLED_BACKUPS = Path("/var/lib/beffroi/backups")
"""Where deploy/install.sh keeps the copies that it makes before an upgrade."""

_BESIDE = ("before-*", "damaged-*", "set-aside-*", "returning")
_LOGS = ("-wal", "-shm", "-journal")

_WHO = "SELECT 1 FROM people WHERE id = ? AND enrolled_at = ?"
_ERASE = (
    # Enrolments under way in a copy are long over; the bot's conversations about them hold names.
    "DELETE FROM enrolments",
    "DELETE FROM dialogues WHERE kind = 'enrol'",
    """
    UPDATE incident_changes SET person = NULL, annotated = NULL, clean = NULL, sha256 = NULL
    WHERE person IS NOT NULL AND person NOT IN (SELECT id FROM people)
    """,
    "UPDATE incidents SET person = NULL WHERE person IS NOT NULL AND person NOT IN (SELECT id FROM people)",
)


def copies_of(path: Path, elsewhere: Sequence[Path] = (INSTALLED_BACKUPS,)) -> List[Path]:
    """Every copy of the database at `path`: beside it, in `backups/` there, and in the folders `elsewhere`.

    Raises StoreError.
    """
    with file_errors(path.parent):
        found = [copy for end in _BESIDE for copy in path.parent.glob(f"{path.name}.{end}")]
        for folder in (path.parent / "backups", *elsewhere):
            found += folder.glob(f"{path.stem}-*")
        return sorted(copy for copy in set(found) if copy.is_file() and not copy.name.endswith(_LOGS))


def holding(copies: Sequence[Path], person: int, enrolled_at: datetime) -> int:
    """How many of them hold the person or are damaged and may. Raises
    StoreError."""
    return sum(is_malformed(copy) or _holds(copy, person, enrolled_at) for copy in copies)


def erase_from(copy: Path, person: int, enrolled_at: datetime) -> None:
    """No byte of the person stays in the copy; a malformed one, which cannot be cleaned, is deleted.

    Raises StoreError where it cannot be done, and then has to be tried again.
    """
    if is_malformed(copy):
        _delete(copy)
        return
    with database_errors(copy), closing(_open(copy)) as connection:
        if not _knows_people(connection):
            return
        connection.execute("PRAGMA secure_delete = ON")
        connection.execute("PRAGMA foreign_keys = ON")
        connection.execute("BEGIN IMMEDIATE")
        connection.execute(
            "DELETE FROM people WHERE id = ? AND enrolled_at = ?", (person, microseconds(enrolled_at))
        )
        for statement in _ERASE:
            connection.execute(statement)
        connection.execute("COMMIT")
        # Also where nobody was there any more: a crash may have come between the two.
        connection.execute("VACUUM")
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")


def is_malformed(copy: Path) -> bool:
    """As is_damaged; raises StoreError."""
    with database_errors(copy):
        return is_damaged(copy)


def _holds(copy: Path, person: int, enrolled_at: datetime) -> bool:
    with database_errors(copy), closing(_open(copy)) as connection:
        return _knows_people(connection) and bool(
            connection.execute(_WHO, (person, microseconds(enrolled_at))).fetchone()
        )


def _open(copy: Path) -> sqlite3.Connection:
    return sqlite3.connect(str(copy), timeout=BUSY_MS / 1000, isolation_level=None)


def _knows_people(connection: sqlite3.Connection) -> bool:
    """False for a copy of a time before people were enrolled."""
    return bool(connection.execute("SELECT 1 FROM sqlite_master WHERE name = 'people'").fetchone())


def _delete(copy: Path) -> None:
    with file_errors(copy):
        for part in _parts(copy):
            part.unlink()
        sync_folder(copy.parent)


def _parts(copy: Path) -> Iterator[Path]:
    """The logs first: should we die in between, the copy is found again."""
    for end in (*_LOGS, ""):
        part = copy.with_name(copy.name + end)
        if part.exists():
            yield part
