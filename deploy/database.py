"""What an installation does with the database: copy it before a change, and put a copy back.

Needs the standard library alone, so that it runs whatever version of ours is there.
"""

from __future__ import annotations

import argparse
import sqlite3
import sys
from contextlib import closing, suppress
from datetime import datetime, timezone
from pathlib import Path
from typing import Collection, List, Optional, Sequence

_KEPT = 3
_BUSY_S = 30.0
_BESIDES = ("", "-wal", "-shm")
"""The files of a database by what their names end with, itself first."""


class DatabaseError(Exception):
    """What could not be done with the database, in a line."""


def revision(database: Path) -> str:
    """The schema of a database; empty where it has none yet."""
    with closing(sqlite3.connect(f"file:{database}?mode=ro", uri=True, timeout=_BUSY_S)) as connection:
        try:
            row = connection.execute("SELECT version_num FROM alembic_version").fetchone()
        except sqlite3.OperationalError:
            return ""
    return str(row[0]) if row else ""


def back_up(database: Path, folder: Path, now: datetime) -> Path:
    """Copy the database, in use or not, into `folder`, and delete all copies but the last three."""
    folder.mkdir(mode=0o700, exist_ok=True)
    target = folder / f"beffroi-{now:%Y%m%dT%H%M%S%fZ}.db"
    partial = target.with_suffix(".tmp")
    source, copy = sqlite3.connect(str(database), timeout=_BUSY_S), sqlite3.connect(str(partial))
    with closing(source), closing(copy):
        source.backup(copy)
    partial.rename(target)
    for old in copies(folder)[_KEPT:]:
        old.unlink()
    return target


def copies(folder: Path) -> List[Path]:
    """The newest first."""
    return sorted(folder.glob("beffroi-*.db"), reverse=True)


def put_back(database: Path, folder: Path, known: Collection[str], now: datetime) -> Optional[Path]:
    """Make the database one of the schemas `known`; the service must not run.

    Does nothing where it is already. Else the newest copy that is takes its place, and the database stays
    beside it under another name, which is returned. Raises DatabaseError where there is no such copy.
    """
    found = _unfit(database, known)
    if found is None:
        return None
    copy = next((one for one in copies(folder) if revision(one) in known), None)
    if copy is None:
        raise DatabaseError(
            f"{database} has the schema {found}, which the older version does not know, and no copy in "
            f"{folder} has one that it knows: stay with the newer version, or move the database away"
        )
    partial = database.with_name(f"{database.name}.returning")
    with closing(sqlite3.connect(str(copy))) as source, closing(sqlite3.connect(str(partial))) as target:
        source.backup(target)
        _keep_numbers(database, target)
    aside = database.with_name(f"{database.name}.set-aside-{now:%Y%m%dT%H%M%SZ}")
    for end in _BESIDES:
        with suppress(FileNotFoundError):
            database.with_name(database.name + end).rename(f"{aside}{end}")
    partial.rename(database)
    return aside


def can_put_back(database: Path, folder: Path, known: Collection[str]) -> bool:
    """Whether `put_back` would not raise."""
    return _unfit(database, known) is None or any(revision(one) in known for one in copies(folder))


def _keep_numbers(database: Path, older: sqlite3.Connection) -> None:
    """No number that the newer database gave is given again: the city knows people by theirs."""
    with closing(sqlite3.connect(str(database), timeout=_BUSY_S)) as newer, older:
        try:
            rows = newer.execute("SELECT name, seq FROM sqlite_sequence").fetchall()
            older.execute("DELETE FROM sqlite_sequence")
            older.executemany("INSERT INTO sqlite_sequence VALUES (?, ?)", rows)
        except sqlite3.OperationalError:
            return  # one of them has no table that numbers


def _unfit(database: Path, known: Collection[str]) -> Optional[str]:
    """The schema of a database that is there, where it is none of those known."""
    found = revision(database) if database.is_file() else ""
    return found if found and found not in known else None


def main(arguments: Optional[Sequence[str]] = None) -> int:
    """The command that deploy/install.sh runs as the service's user; returns its exit code."""
    parser = argparse.ArgumentParser(prog="database.py", description=(__doc__ or "").split("\n")[0])
    parser.add_argument("verb", choices=("back-up", "can-put-back", "put-back"))
    parser.add_argument("database", type=Path)
    parser.add_argument("folder", type=Path, help="of the copies")
    parser.add_argument("known", nargs="*", help="the schemas that the older version knows")
    given = parser.parse_args(arguments)
    now = datetime.now(timezone.utc)
    try:
        if given.verb == "back-up":
            print(back_up(given.database, given.folder, now))
        elif given.verb == "put-back":
            print(put_back(given.database, given.folder, given.known, now) or "")
        else:
            return 0 if can_put_back(given.database, given.folder, given.known) else 1
    except (DatabaseError, sqlite3.Error, OSError) as error:
        print(error, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
