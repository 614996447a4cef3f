"""Erase a person out of the database, its files and its copies; what a crash cuts off is finished later.

    asked (committed) -> rows gone (committed, counted) -> pictures, links -> copies -> file and log -> done

Each step can be taken again, so that the next start, or the next round of retention, goes on where it ended.
"""

from __future__ import annotations

import json
import threading
from pathlib import Path
from typing import Any, Callable, List, Optional, Sequence, Tuple

import structlog
from sqlalchemy import Connection, Row, delete, func, insert, select, update

from agent.enrolments import PeopleError, Receipt
from agent.errors import StoreError
from agent.ports import Clock
from agent.store.audit import Audit
from agent.store.database import Database, count_up
from agent.store.face_copies import INSTALLED_BACKUPS, copies_of, erase_from, holding
from agent.store.face_links import cut_stray_links, incidents_of, pictures_of
from agent.store.faces import VERSION, PeopleStore, no_such_person, same_name
from agent.store.faces_schema import embeddings, enrolments, erasures, people
from agent.store.people_schema import dialogues

log = structlog.get_logger(__name__)

EXPIRY = "device:expiry"
"""Who asks for the erasure of somebody whose time is over."""

_TRIES, _PAUSE_S = 30, 0.2
_ENROLLING = "enrol"  # what the bot calls its conversations about an enrolment (alerts/bot/enrolling.py)


class Erasure:
    """Works within a running agent and beside it; safe to use from several threads.

    `backups` are folders with copies of the database elsewhere than beside it.
    """

    def __init__(
        self, database: Database, clock: Clock, backups: Sequence[Path] = (INSTALLED_BACKUPS,)
    ) -> None:
        self._database = database
        self._clock = clock
        self._backups = backups
        self._audit = Audit(database, clock)

    def forget(self, person: int, by: str, store: Optional[PeopleStore] = None) -> Receipt:
        """Erase a person, and the enrolments under way under the same name.

        Works without the key, too (no `store`, or one with another key): then every enrolment under way ends,
        for nobody can say whose it is. Raises PeopleError (NO_SUCH_PERSON), and StoreError before anything is
        promised; where something fails later, the receipt has no `done_at` and is gone on with.
        """
        asked = self._ask(person, by, lambda connection: _drop_enrolments(connection, person, store))
        return self._go_on([asked])[0]

    def expire(self) -> List[Receipt]:
        """Erase everybody whose time is over; an enrolment under way of the same name stays."""
        query = select(people.c.id).where(people.c.expires_at <= self._clock.now()).order_by(people.c.id)
        with self._database.read() as connection:
            expired = list(connection.scalars(query))
        return self._go_on([self._ask(person, EXPIRY) for person in expired])

    def finish_erasures(self) -> List[Receipt]:
        """Go on with those that are not done, and see to what named people since; call at start, and often.

        Raises StoreError where the database cannot be used; a file that cannot be erased leaves its erasure
        undone.
        """
        query = select(erasures.c.id).where(erasures.c.done_at.is_(None)).order_by(erasures.c.id)
        with self._database.read() as connection:
            undone = list(connection.scalars(query))
        cut_stray_links(self._database)
        return self._go_on(undone)

    def receipts(self) -> List[Receipt]:
        """Every erasure there was, the latest first."""
        with self._database.read() as connection:
            return [
                _receipt(row) for row in connection.execute(select(erasures).order_by(erasures.c.id.desc()))
            ]

    def _ask(self, person: int, by: str, drop: Callable[[Connection], int] = lambda _: 0) -> int:
        """The number of the erasure, which will be carried out from now on."""
        with self._database.write() as connection:
            enrolled_at = connection.scalar(select(people.c.enrolled_at).where(people.c.id == person))
            if enrolled_at is None:
                raise no_such_person(person)
            row = {
                "person": person,
                "enrolled_at": enrolled_at,
                "asked_at": self._clock.now(),
                "faces": 0,
                "enrolments": drop(connection),
                "links": 0,
                "snapshots": 0,
                "backups": 0,
            }
            key = connection.execute(insert(erasures), row).inserted_primary_key
            assert key is not None
            self._audit.add_by(connection, by, "people.forget", f"person {person}")
            return int(key[0])

    def _go_on(self, asked: List[int]) -> List[Receipt]:
        """Carry them out together, for the last step writes the whole file anew."""
        if not asked:
            return []
        rows = self._rows(asked)
        try:
            for row in rows:
                self._erase_rows(row)
            cut_stray_links(self._database)
            for copy in copies_of(self._database.path, self._backups):
                for row in rows:
                    erase_from(copy, row.person, row.enrolled_at)
            done = self._database.compact() or self._log_emptied()
        except StoreError as error:
            log.error("an erasure is not finished, and will be tried again", error=str(error))
            done = False
        if done:
            these = (erasures.c.id.in_(asked), erasures.c.done_at.is_(None))
            with self._database.write() as connection:
                connection.execute(update(erasures).where(*these).values(done_at=self._clock.now()))
            log.info("erased", people=[row.person for row in rows])
        return [_receipt(row) for row in self._rows(asked)]

    def _log_emptied(self) -> bool:
        """Whoever writes beside us may be folding in the log that we made: give them time."""
        never = threading.Event()
        for _ in range(_TRIES):
            self._clock.wait(never, _PAUSE_S)
            if self._database.checkpoint():
                return True
        return False

    def _erase_rows(self, erasure: Row[Any]) -> None:
        """Embeddings, name and consent go; what there is of the person is counted, once."""
        person = erasure.person
        with self._database.read() as connection:
            if connection.scalar(select(people.c.id).where(people.c.id == person)) is None:
                return
            faces = connection.scalar(select(func.count()).where(embeddings.c.person == person))
            linked = incidents_of(connection, person)
        counts = {
            "faces": faces,
            "links": len(linked),
            "snapshots": len(pictures_of(self._database.path.parent, set(linked))),
            "backups": holding(copies_of(self._database.path, self._backups), person, erasure.enrolled_at),
        }
        with self._database.write() as connection:
            if connection.execute(delete(people).where(people.c.id == person)).rowcount == 1:
                count_up(connection, VERSION, 1)
                connection.execute(update(erasures).where(erasures.c.id == erasure.id).values(counts))

    def _rows(self, asked: List[int]) -> Sequence[Row[Any]]:
        query = select(erasures).where(erasures.c.id.in_(asked)).order_by(erasures.c.id)
        with self._database.read() as connection:
            return connection.execute(query).all()


def _drop_enrolments(connection: Connection, person: int, store: Optional[PeopleStore]) -> int:
    """End those under the person's name, here and in the bot's conversations; returns how many."""
    name, ids = _namesakes(connection, person, store)
    for row in connection.execute(select(dialogues).where(dialogues.c.kind == _ENROLLING)).all():
        if name is None or same_name(json.loads(row.state).get("name", ""), name):
            this = (dialogues.c.chat == row.chat, dialogues.c.user == row.user)
            connection.execute(delete(dialogues).where(*this))
    return connection.execute(delete(enrolments).where(enrolments.c.id.in_(ids))).rowcount


def _namesakes(
    connection: Connection, person: int, store: Optional[PeopleStore]
) -> Tuple[Optional[str], List[str]]:
    """The person's name and the enrolments under way under it; no name, and all, where it cannot be read."""
    if store is not None:
        try:
            name = store.name_of(connection, person)
            return name, store.enrolments_of(connection, name)
        except PeopleError as error:
            log.warning("a name cannot be read: all enrolments under way end", person=person, code=error.code)
    return None, list(connection.scalars(select(enrolments.c.id)))


def _receipt(row: Row[Any]) -> Receipt:
    return Receipt(
        person=row.person,
        asked_at=row.asked_at,
        done_at=row.done_at,
        faces=row.faces,
        pictures=0,
        enrolments=row.enrolments,
        links=row.links,
        snapshots=row.snapshots,
        backups=row.backups,
    )
