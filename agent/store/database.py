"""The database file: opened by one agent, checked and brought up to date; read and written by its threads."""

from __future__ import annotations

import fcntl
import os
import threading
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Iterator, Optional

import structlog
from sqlalchemy import Connection, Engine, select
from sqlalchemy.dialects.sqlite import insert

from agent.errors import StoreError
from agent.ports import Clock
from agent.store.connection import BUSY_MS, reading_engine, writing_engine
from agent.store.durable import make_folders
from agent.store.errors import database_errors, file_errors
from agent.store.migrate import MIGRATIONS, check_revision, head_revision, migrate
from agent.store.quarantine import is_damaged, move_aside
from agent.store.schema import meta

log = structlog.get_logger(__name__)

_BOOT = "boot"
_CHECKPOINT_MS = 100


class Database:
    """An open database; safe to use from several threads. Every transaction is to be short.

    `damaged` is where the malformed file that was found at the start now lies; None where all was well.
    """

    def __init__(
        self, path: Path, engine: Engine, *, lock: Optional[int] = None, damaged: Optional[Path] = None
    ) -> None:
        self.path = path
        self.damaged = damaged
        self._lock_file = lock
        self._engine = engine
        self._writer = engine.execution_options(begin="BEGIN IMMEDIATE")
        # SQLite's own wait for the lock polls and is unfair; between our threads a lock is neither.
        self._writing = threading.Lock()

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """One consistent view; raises StoreError."""
        with database_errors(self.path), self._engine.begin() as connection:
            yield connection

    @contextmanager
    def write(self) -> Iterator[Connection]:
        """A transaction that is on the disk when the block ends, or not at all; raises StoreError."""
        with self._writing, database_errors(self.path), self._writer.begin() as connection:
            yield connection

    def checkpoint(self) -> bool:
        """Move the write-ahead log into the file and empty it; false where a reader was in the way.

        Raises StoreError.
        """
        with self._writing, database_errors(self.path), closing(self._engine.raw_connection()) as connection:
            cursor = connection.cursor()
            # Who records a fire waits for us: give way to a long reader soon, and try again another night.
            cursor.execute(f"PRAGMA busy_timeout = {_CHECKPOINT_MS}")
            cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)")
            outcome = cursor.fetchone()
            cursor.execute(f"PRAGMA busy_timeout = {BUSY_MS}")
            cursor.close()
        return outcome is not None and outcome[0] == 0

    def compact(self) -> bool:
        """Write the file anew without what was deleted, and empty the write-ahead log; false where a reader
        was in the way of the latter.

        `secure_delete` overwrites deleted rows, but not the copies of them that a balanced tree leaves behind
        in its pages: only this does. Writers wait for it: one or two seconds per 100 MB. Raises StoreError.
        """
        with self._writing, database_errors(self.path), closing(self._engine.raw_connection()) as connection:
            cursor = connection.cursor()
            cursor.execute("VACUUM")
            cursor.close()
        return self.checkpoint()

    def next_boot(self) -> int:
        """Count one more start of the agent; the number grows for ever, through a rebuilt database too."""
        with self.write() as connection:
            return count_up(connection, _BOOT, 1)

    def close(self) -> None:
        """Free everything; may be called twice."""
        self._engine.dispose()
        if self._lock_file is not None:
            os.close(self._lock_file)
            self._lock_file = None


def open_database(path: Path, clock: Clock, migrations: Path = MIGRATIONS) -> Database:
    """Open `path` for the agent, made where it is missing and rebuilt empty where it is malformed.

    Raises StoreError where another agent has it, its schema is newer, or the disk refuses.
    """
    with file_errors(path.parent):
        make_folders(path.parent)
    lock = _lock(path)
    try:
        with database_errors(path):
            damaged = None
            if is_damaged(path):
                damaged = move_aside(path, clock.now())
                log.critical("damaged database moved aside, beginning an empty one", moved_to=str(damaged))
            migrate(path, clock.now(), migrations)
            database = Database(path, writing_engine(path), lock=lock, damaged=damaged)
            if damaged is not None:
                # Consumers tell an old last will by the boot counter; minutes since 1970 outnumber all boots.
                minutes = int(clock.now().timestamp() // 60)
                with database.write() as connection:
                    count_up(connection, _BOOT, minutes)
                    # Nor may a person get the number of another who was in the damaged file.
                    connection.exec_driver_sql("INSERT INTO sqlite_sequence VALUES ('people', ?)", (minutes,))
            return database
    except BaseException:
        os.close(lock)
        raise


def open_for_reading(path: Path) -> Database:
    """Open `path` beside a running agent; writing to it raises StoreError."""
    if not _exists(path):
        raise StoreError(f"{path}: there is no database: start the agent once, or check store.folder")
    return Database(path, _of_this_schema(path))


def open_beside(path: Path, clock: Clock) -> Database:
    """Open `path` for short writes beside a running agent, or before its first start: made where missing.

    Raises StoreError where its schema is not this version's or the disk refuses.
    """
    if not _exists(path):
        open_database(path, clock).close()
        _give_to_the_owner_of_the_folder(path)
    _of_this_schema(path)
    return Database(path, writing_engine(path))


def _of_this_schema(path: Path) -> Engine:
    with database_errors(path):
        engine = reading_engine(path)
        with engine.connect() as connection:
            if check_revision(connection, path) != head_revision():
                raise StoreError(f"{path}: its schema is older: start the agent once to bring it up to date")
    return engine


def _exists(path: Path) -> bool:
    with file_errors(path):
        return path.is_file()


def _give_to_the_owner_of_the_folder(path: Path) -> None:
    """What root made for an agent that runs as another user must be that user's."""
    if os.geteuid() != 0:
        return
    with file_errors(path):
        owner = path.parent.stat()
        for made in path.parent.glob(f"{path.name}*"):
            os.chown(str(made), owner.st_uid, owner.st_gid)


def count_up(connection: Connection, key: str, by: int) -> int:
    """Add to a durable counter, which begins at 0, and return it."""
    adding = insert(meta).values(key=key, value=by)
    added = meta.c.value + adding.excluded.value
    connection.execute(adding.on_conflict_do_update(index_elements=["key"], set_={"value": added}))
    return counter(connection, key)


def counter(connection: Connection, key: str) -> int:
    """A durable counter's value."""
    value = connection.scalar(select(meta.c.value).where(meta.c.key == key))
    return 0 if value is None else int(value)


def _lock(path: Path) -> int:
    """Hold the data folder against a second agent, which would take our leases for those of the dead."""
    lock_path = path.with_name(path.name + ".lock")
    with file_errors(lock_path):
        descriptor = os.open(str(lock_path), os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            os.close(descriptor)
            raise StoreError(
                f"{path}: another Beffroi is using it: stop that one, or give this one its own store.folder"
            ) from error
    return descriptor
