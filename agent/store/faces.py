"""Enrolled people and their embeddings, sealed in the database; enrolments under way survive a restart."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, List, Optional, Tuple

import numpy as np
import numpy.typing as npt
from sqlalchemy import Connection, Row, delete, func, insert, select, update

from agent.enrolments import PeopleError, Person, Refusal
from agent.ports import Clock, Embeddings
from agent.store.audit import Audit
from agent.store.database import Database, count_up, counter
from agent.store.faces_records import (
    DIMENSIONS,
    Intent,
    KeptFace,
    embedding_bytes,
    enrolment_place,
    face_place,
    intent_bytes,
    intent_of,
    kept_bytes,
    kept_face,
    person_place,
)
from agent.store.faces_schema import embeddings, enrolment_faces, enrolments, people, vault
from agent.store.vault import Vault

VERSION = "faces_version"
"""The durable counter that grows with every change that a gallery must see."""

_CHECK, _CHECK_PLACE = b"beffroi faces", "vault"


@dataclass(frozen=True)
class Pending:
    """An enrolment under way; it ends by itself at `ends_at`. `faces` pictures were good so far."""

    id: str
    intent: Intent
    faces: int
    ends_at: datetime


class PeopleStore:
    """Every call reads or writes the database, so that what another process changed holds at once.

    Safe to use from several threads. All raise StoreError, and PeopleError with the code WRONG_KEY where the
    key is not the one that everything was sealed with, DAMAGED where a record was changed.
    """

    def __init__(self, database: Database, clock: Clock, vault: Vault) -> None:
        self._database = database
        self._clock = clock
        self._vault = vault
        self._audit = Audit(database, clock)

    # --- people ---

    def people(self) -> List[Person]:
        """Everybody who is enrolled and not expired, by id."""
        with self._database.read() as connection:
            return self._people(connection)

    def person(self, id: int) -> Person:
        """Raises PeopleError (NO_SUCH_PERSON)."""
        found = next((one for one in self.people() if one.id == id), None)
        if found is None:
            raise no_such_person(id)
        return found

    def add(self, intent: Intent, faces: Embeddings) -> Person:
        """A person with embeddings that exist already (N x 128). Raises PeopleError (NAME_TAKEN)."""
        with self._database.write() as connection:
            person = self._add(connection, intent, faces)
        self.note("people.import", person.id, intent.by)
        return person

    def embeddings(self) -> Tuple[npt.NDArray[np.int64], Embeddings]:
        """Whose embeddings there are (N), and the embeddings (N x 128), of people who are not expired."""
        query = (
            select(embeddings.c.person, embeddings.c.sealed)
            .join(people, people.c.id == embeddings.c.person)
            .where(_current(self._clock.now()))
            .order_by(embeddings.c.id)
        )
        with self._database.read() as connection:
            self._check(connection)
            rows = connection.execute(query).all()
        ids = np.array([row.person for row in rows], np.int64)
        opened = b"".join(self._vault.open(row.sealed, face_place(row.person)) for row in rows)
        return ids, np.frombuffer(opened, np.float32).reshape(len(rows), DIMENSIONS)

    def version(self) -> int:
        """Grows with every change of people or embeddings, whichever process made it."""
        with self._database.read() as connection:
            return counter(connection, VERSION)

    def expired(self) -> List[int]:
        """Whose time is over: they are recognised no more, and are to be forgotten."""
        query = select(people.c.id).where(people.c.expires_at <= self._clock.now()).order_by(people.c.id)
        with self._database.read() as connection:
            return [row.id for row in connection.execute(query)]

    def note(self, action: str, person: Optional[int], by: str) -> None:
        """Keep in the audit who did what with whom, without a name."""
        with self._database.write() as connection:
            self._audit.add_by(connection, by, action, "everybody" if person is None else f"person {person}")

    # --- enrolments under way ---

    def begin(self, id: str, intent: Intent, lasts: timedelta) -> Pending:
        """Keep an enrolment under a new id. Raises PeopleError (NAME_TAKEN)."""
        ends_at = self._clock.now() + lasts
        sealed = self._vault.seal(intent_bytes(intent), enrolment_place(id))
        with self._database.write() as connection:
            self._check(connection)
            self._refuse_taken(connection, intent.name)
            connection.execute(delete(enrolments).where(enrolments.c.ends_at <= self._clock.now()))
            connection.execute(insert(enrolments).values(id=id, sealed=sealed, ends_at=ends_at))
        return Pending(id, intent, 0, ends_at)

    def enrolment(self, id: str) -> Pending:
        """How it stands. Raises PeopleError (NO_SUCH_ENROLMENT), also once its time is over."""
        with self._database.read() as connection:
            return self._pending(connection, id)

    def add_face(self, id: str, face: KeptFace) -> Pending:
        """Keep one more face of it. Raises PeopleError (NO_SUCH_ENROLMENT)."""
        sealed = self._vault.seal(kept_bytes(face), enrolment_place(id))
        with self._database.write() as connection:
            self._pending(connection, id)
            connection.execute(insert(enrolment_faces).values(enrolment=id, sealed=sealed))
            return self._pending(connection, id)

    def faces_of(self, id: str) -> List[KeptFace]:
        """The faces that were kept, in their order. Raises PeopleError (NO_SUCH_ENROLMENT)."""
        with self._database.read() as connection:
            self._pending(connection, id)
            return self._faces(connection, id)

    def finish(self, id: str) -> Person:
        """Make it a person. Raises PeopleError (NO_SUCH_ENROLMENT, NAME_TAKEN)."""
        with self._database.write() as connection:
            pending = self._pending(connection, id)
            faces = np.array([face.embedding for face in self._faces(connection, id)], np.float32)
            person = self._add(connection, pending.intent, faces.reshape(-1, DIMENSIONS))
            connection.execute(delete(enrolments).where(enrolments.c.id == id))
        self.note("people.enrol", person.id, pending.intent.by)
        return person

    def cancel(self, id: str) -> None:
        """Nothing of it stays. Raises PeopleError (NO_SUCH_ENROLMENT)."""
        with self._database.write() as connection:
            if connection.execute(delete(enrolments).where(enrolments.c.id == id)).rowcount == 0:
                raise _no_such_enrolment()

    def name_of(self, connection: Connection, id: int) -> str:
        """The name of somebody who is enrolled, expired or not, for whoever erases it. Raises PeopleError."""
        self._check(connection)
        row = connection.execute(select(people).where(people.c.id == id)).one_or_none()
        if row is None:
            raise no_such_person(id)
        return intent_of(self._vault.open(row.sealed, person_place(id))).name

    def enrolments_of(self, connection: Connection, name: str) -> List[str]:
        """The ids of the enrolments under way under a name, for whoever erases it. Raises PeopleError."""
        rows = connection.execute(select(enrolments)).all()
        return [row.id for row in rows if same_name(self._intent(row).name, name)]

    # --- within a transaction ---

    def _people(self, connection: Connection) -> List[Person]:
        self._check(connection)
        counts = dict(
            connection.execute(select(embeddings.c.person, func.count()).group_by(embeddings.c.person))
            .tuples()
            .all()
        )
        rows = connection.execute(select(people).where(_current(self._clock.now())).order_by(people.c.id))
        return [self._person(row, counts.get(row.id, 0)) for row in rows]

    def _person(self, row: Row[Any], faces: int) -> Person:
        intent = intent_of(self._vault.open(row.sealed, person_place(row.id)))
        return Person(
            row.id,
            intent.name,
            intent.roles,
            intent.consent,
            intent.by,
            row.enrolled_at,
            row.expires_at,
            faces,
        )

    def _add(self, connection: Connection, intent: Intent, faces: Embeddings) -> Person:
        self._check(connection)
        self._refuse_taken(connection, intent.name)
        row = {"sealed": b"", "enrolled_at": self._clock.now(), "expires_at": intent.expires_at}
        key = connection.execute(insert(people), row).inserted_primary_key
        assert key is not None
        number = int(key[0])
        sealed = self._vault.seal(intent_bytes(intent), person_place(number))
        connection.execute(update(people).where(people.c.id == number).values(sealed=sealed))
        if len(faces):
            place = face_place(number)
            rows = [
                {"person": number, "sealed": self._vault.seal(embedding_bytes(face), place)} for face in faces
            ]
            connection.execute(insert(embeddings), rows)
        count_up(connection, VERSION, 1)
        stored = connection.execute(select(people).where(people.c.id == number)).one()
        return self._person(stored, len(faces))

    def _pending(self, connection: Connection, id: str) -> Pending:
        self._check(connection)
        row = connection.execute(select(enrolments).where(enrolments.c.id == id)).one_or_none()
        if row is None or row.ends_at <= self._clock.now():
            raise _no_such_enrolment()
        counted = select(func.count()).where(enrolment_faces.c.enrolment == id)
        return Pending(id, self._intent(row), int(connection.scalar(counted) or 0), row.ends_at)

    def _intent(self, row: Row[Any]) -> Intent:
        return intent_of(self._vault.open(row.sealed, enrolment_place(row.id)))

    def _faces(self, connection: Connection, id: str) -> List[KeptFace]:
        query = select(enrolment_faces.c.sealed).where(enrolment_faces.c.enrolment == id)
        rows = connection.execute(query.order_by(enrolment_faces.c.id)).all()
        return [kept_face(self._vault.open(row.sealed, enrolment_place(id))) for row in rows]

    def _refuse_taken(self, connection: Connection, name: str) -> None:
        if any(same_name(person.name, name) for person in self._people(connection)):
            raise PeopleError(
                "somebody is enrolled under that name already: forget them first, or take a fuller name",
                Refusal.NAME_TAKEN.value,
            )

    def _check(self, connection: Connection) -> None:
        """That the key is the one; the first key that is used while nobody is enrolled becomes it."""
        row = connection.execute(select(vault)).one_or_none()
        try:
            if row is not None and self._vault.open(row.sealed, _CHECK_PLACE) == _CHECK:
                return
        except PeopleError as error:
            if self._anything(connection):
                raise PeopleError(
                    "faces.key is not the key that people were enrolled with on this device: give that one",
                    Refusal.WRONG_KEY.value,
                ) from error
        if connection.get_execution_options().get("begin") == "BEGIN IMMEDIATE":
            connection.execute(delete(vault))
            connection.execute(insert(vault).values(id=1, sealed=self._vault.seal(_CHECK, _CHECK_PLACE)))

    def _anything(self, connection: Connection) -> bool:
        tables = (people, enrolments)
        return any(connection.scalar(select(func.count()).select_from(one)) for one in tables)


def no_such_person(who: object) -> PeopleError:
    return PeopleError(
        f"there is nobody {who!r}: `beffroi people list` shows who is enrolled", Refusal.NO_SUCH_PERSON.value
    )


def same_name(one: str, other: str) -> bool:
    """Whether two names are one, whatever their case and spaces."""
    return " ".join(one.split()).casefold() == " ".join(other.split()).casefold()


def _no_such_enrolment() -> PeopleError:
    return PeopleError(
        "there is no such enrolment: it was finished, cancelled, or its time is over",
        Refusal.NO_SUCH_ENROLMENT.value,
    )


def _current(now: datetime) -> Any:
    return people.c.expires_at.is_(None) | (people.c.expires_at > now)
