"""The engine: how every connection to the SQLite file is set up and how its transactions begin."""

from __future__ import annotations

import sqlite3
from pathlib import Path
from typing import Any
from urllib.parse import quote

from sqlalchemy import URL, Connection, Engine, NullPool, create_engine, event
from sqlalchemy.engine.interfaces import DBAPIConnection

from agent.errors import StoreError

BUSY_MS = 5000


def writing_engine(path: Path, *, foreign_keys: bool = True) -> Engine:
    """For the agent: write-ahead log, fsync on every commit, foreign keys; what is deleted is overwritten."""
    engine = create_engine(URL.create("sqlite", database=str(path)), max_overflow=-1)
    _begin_explicitly(engine)

    @event.listens_for(engine, "connect")
    def set_up(connection: DBAPIConnection, _record: Any) -> None:
        connection.isolation_level = None
        _run(connection, f"PRAGMA busy_timeout = {BUSY_MS}")
        mode = _run(connection, "PRAGMA journal_mode = WAL")
        if mode != "wal":
            raise StoreError(f"{path}: SQLite cannot keep a write-ahead log there: use a local disk")
        _run(connection, "PRAGMA synchronous = FULL")
        _run(connection, f"PRAGMA foreign_keys = {int(foreign_keys)}")
        _run(connection, "PRAGMA secure_delete = ON")

    return engine


def reading_engine(path: Path) -> Engine:
    """For commands beside a running agent: can change nothing."""
    address = f"file:{quote(str(path))}?mode=ro"
    engine = create_engine(
        "sqlite://", creator=lambda: sqlite3.connect(address, uri=True), poolclass=NullPool
    )
    _begin_explicitly(engine)

    @event.listens_for(engine, "connect")
    def set_up(connection: DBAPIConnection, _record: Any) -> None:
        connection.isolation_level = None
        _run(connection, f"PRAGMA busy_timeout = {BUSY_MS}")

    return engine


def _begin_explicitly(engine: Engine) -> None:
    # sqlite3 would begin late and commit before DDL; SQLAlchemy's "begin" is where a transaction starts.
    @event.listens_for(engine, "begin")
    def begin(connection: Connection) -> None:
        connection.exec_driver_sql(connection.get_execution_options().get("begin", "BEGIN"))


def _run(connection: DBAPIConnection, statement: str) -> Any:
    cursor = connection.cursor()
    try:
        cursor.execute(statement)
        row = cursor.fetchone()
        return row[0] if row else None
    finally:
        cursor.close()
