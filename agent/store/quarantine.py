"""Tell a malformed database file, and move it aside with its log for whoever wants to look into it."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from datetime import datetime
from pathlib import Path
from urllib.parse import quote

from agent.store.durable import sync_folder
from agent.store.errors import file_errors, is_damage

_KEPT = 3
_LOGS = ("-wal", "-shm")


def is_damaged(path: Path) -> bool:
    """Whether the file at `path` is no sound SQLite database; a missing or empty one is sound.

    Reads the whole file. Raises sqlite3.Error where it cannot be judged (locked, unreadable).
    """
    if not path.is_file():
        return False
    # Read-only, for closing would fold the log into a damaged file, or delete it.
    try:
        with closing(sqlite3.connect(f"file:{quote(str(path))}?mode=ro", uri=True)) as connection:
            found = connection.execute("PRAGMA quick_check(1)").fetchone()
    except sqlite3.DatabaseError as error:
        if is_damage(error):
            return True
        raise
    return bool(found[0] != "ok")


def move_aside(path: Path, now: datetime) -> Path:
    """Rename the database and its log, return the new path; the oldest of several such files are deleted."""
    stem = f"{path.name}.damaged-"
    target = path.with_name(f"{stem}{now:%Y%m%dT%H%M%S.%fZ}")
    with file_errors(path):
        # The file goes last: should we die in between, the next start finds it damaged still.
        for suffix in (*_LOGS, ""):
            part = path.with_name(path.name + suffix)
            if part.exists():
                part.rename(target.with_name(target.name + suffix))
        earlier = sorted(found for found in path.parent.glob(f"{stem}*") if not found.name.endswith(_LOGS))
        for old in earlier[:-_KEPT]:
            for suffix in (*_LOGS, ""):
                part = old.with_name(old.name + suffix)
                if part.exists():
                    part.unlink()
        sync_folder(path.parent)
    return target
