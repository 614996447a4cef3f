"""Which incidents name a person who is enrolled no more, and how they cease to: pictures, then the links."""

from __future__ import annotations

from pathlib import Path
from typing import List, Set

from sqlalchemy import ColumnElement, Connection, and_, select, update

from agent.store.database import Database
from agent.store.durable import sync_folder
from agent.store.errors import file_errors
from agent.store.faces_schema import people
from agent.store.labelled import labelled_shots
from agent.store.schema import changes, incidents
from agent.store.snapshots import stored_files

_STRAY: ColumnElement[bool] = and_(
    incidents.c.person.is_not(None), incidents.c.person.not_in(select(people.c.id))
)


def incidents_of(connection: Connection, person: int) -> List[str]:
    """The ids of the incidents that name a person."""
    return list(connection.scalars(select(incidents.c.id).where(incidents.c.person == person)))


def pictures_of(folder: Path, incident_ids: Set[str]) -> List[Path]:
    """The pictures of incidents under a data folder: annotated, clean and labelled. Raises StoreError."""
    with file_errors(folder):
        labelled = [
            file for shot in labelled_shots(folder) if shot.incident_id in incident_ids for file in shot.files
        ]
        return [file.path for file in stored_files(folder) if file.incident_id in incident_ids] + labelled


def cut_stray_links(database: Database) -> int:
    """Delete the pictures of incidents that name somebody who is not enrolled (any more), and the links.

    The pictures go first and the links last: what a crash cuts off is found again. Returns how many incidents
    it was. Raises StoreError.
    """
    with database.read() as connection:
        stray = list(connection.scalars(select(incidents.c.id).where(_STRAY)))
    if not stray:
        return 0
    for path in pictures_of(database.path.parent, set(stray)):
        with file_errors(path):
            try:
                path.unlink()
            except FileNotFoundError:
                continue
            sync_folder(path.parent)
    with database.write() as connection:
        for incident_id in stray:
            connection.execute(
                update(changes)
                .where(changes.c.incident_id == incident_id)
                .values(person=None, annotated=None, clean=None, sha256=None, width=None, height=None)
            )
            connection.execute(update(incidents).where(incidents.c.id == incident_id).values(person=None))
    return len(stray)
