"""What goes wrong on disk, told so that a person can act on it."""

from __future__ import annotations

import errno
import sqlite3
from contextlib import contextmanager
from pathlib import Path
from typing import Iterator

from sqlalchemy import exc

from agent.errors import StoreError

_FULL = (errno.ENOSPC, errno.EDQUOT)


class DiskFullError(StoreError):
    """There is no room left; deleting old pictures makes some."""


class DamagedError(StoreError):
    """The database file is malformed; the next start moves it aside and begins a new one."""


@contextmanager
def database_errors(path: Path) -> Iterator[None]:
    """Turn what SQLite and SQLAlchemy raise about the file at `path` into a StoreError."""
    try:
        yield
    except exc.DBAPIError as error:
        raise _told(path, error.orig or error) from error
    except sqlite3.Error as error:
        raise _told(path, error) from error


@contextmanager
def file_errors(path: Path) -> Iterator[None]:
    """Turn the OSError of working on the file or folder `path` into a StoreError."""
    try:
        yield
    except OSError as error:
        if error.errno in _FULL:
            raise DiskFullError(
                f"{path}: no space left on the disk: free some, or lower store.disk_share or store.keep_days"
            ) from error
        raise StoreError(
            f"{path}: {error.strerror or error}: check that the disk is healthy and that the agent's user "
            "may write there"
        ) from error


def is_damage(error: BaseException) -> bool:
    """Whether SQLite says that the file itself is malformed or no database at all."""
    # sqlite3 keeps its subclasses for everything else (locked, full, read-only, I/O, constraint).
    return type(error) is sqlite3.DatabaseError


def _told(path: Path, error: BaseException) -> StoreError:
    text = str(error)
    if is_damage(error):
        return DamagedError(
            f"{path}: {text}: restart the agent: it moves the damaged file aside and begins a new one"
        )
    if "is full" in text:
        return DiskFullError(f"{path}: {text}: free some space on the disk")
    if "locked" in text:
        return StoreError(f"{path}: {text}: another program holds the database; close it")
    if "readonly" in text or "unable to open" in text:
        return StoreError(f"{path}: {text}: check that the agent's user may write to {path.parent}")
    return StoreError(f"{path}: {text}")
