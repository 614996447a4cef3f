"""Bring a database's schema to what this version writes, or refuse one that is newer."""

from __future__ import annotations

import sqlite3
from datetime import datetime
from pathlib import Path
from typing import Optional

import structlog
from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from alembic.util import CommandError
from sqlalchemy import Connection, Engine

from agent.errors import StoreError
from agent.store.connection import writing_engine
from agent.store.durable import sync_file, sync_folder

log = structlog.get_logger(__name__)

MIGRATIONS = Path(__file__).parent / "migrations"


def migrate(path: Path, now: datetime, migrations: Path = MIGRATIONS) -> None:
    """Upgrade in one transaction, after a backup beside the file. Raises StoreError for a newer schema."""
    # A table that is rebuilt is dropped, which would cascade; the check at the end makes up for it.
    engine = writing_engine(path, foreign_keys=False)
    try:
        _migrate(engine, path, now, migrations)
    finally:
        engine.dispose()


def _migrate(engine: Engine, path: Path, now: datetime, migrations: Path) -> None:
    config = _config(migrations)
    with engine.connect() as connection:
        found = check_revision(connection, path, migrations)
    head = ScriptDirectory.from_config(config).get_current_head()
    if found == head:
        return
    if found is not None:
        backup = back_up(path, path.with_name(f"{path.name}.before-{head}-{now:%Y%m%dT%H%M%SZ}"))
        log.info("database backed up before its schema changes", backup=str(backup), found=found, to=head)
    with engine.execution_options(begin="BEGIN IMMEDIATE").begin() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, "head")
        if connection.exec_driver_sql("PRAGMA foreign_key_check").first():
            raise StoreError(f"{path}: the upgrade to schema {head} breaks references: report this")


def check_revision(connection: Connection, path: Path, migrations: Path = MIGRATIONS) -> Optional[str]:
    """The schema's revision, None for an empty database. Raises StoreError where it is not known here."""
    found = MigrationContext.configure(connection).get_current_revision()
    script = ScriptDirectory.from_config(_config(migrations))
    if found is None:
        return None
    try:
        script.get_revision(found)
    except CommandError as error:
        raise StoreError(
            f"{path}: its schema {found} was written by a newer Beffroi (this one knows "
            f"{script.get_current_head()}): install that version again, or choose another store.folder"
        ) from error
    return found


def head_revision() -> Optional[str]:
    """The schema that this version writes."""
    return ScriptDirectory.from_config(_config(MIGRATIONS)).get_current_head()


def back_up(path: Path, to: Path) -> Path:
    """A whole, consistent copy of the database at `path`, on disk when this returns."""
    partial = to.with_name(to.name + ".tmp")
    source, target = sqlite3.connect(str(path)), sqlite3.connect(str(partial))
    try:
        source.backup(target)
    finally:
        target.close()
        source.close()
    sync_file(partial)
    partial.rename(to)
    sync_folder(to.parent)
    return to


def _config(migrations: Path) -> Config:
    config = Config()
    # A percent sign in a path would be read as interpolation.
    config.set_main_option("script_location", str(migrations).replace("%", "%%"))
    return config
