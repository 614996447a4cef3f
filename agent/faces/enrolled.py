"""Who is enrolled at the moment, to search among: read again when the store says that something changed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import FrozenSet, Optional, Sequence

from typing_extensions import Protocol

from agent.enrolments import Person
from agent.faces.gallery import Gallery
from agent.store.faces import PeopleStore


@dataclass(frozen=True, eq=False)
class Roster:
    """The gallery and the people in it, of one `version` of the store."""

    version: int
    gallery: Gallery
    people: Sequence[Person] = ()

    def among(self, ids: FrozenSet[int], roles: FrozenSet[str]) -> Optional[FrozenSet[int]]:
        """Those with one of the ids or roles; None, which stands for everybody, where neither is given."""
        if not ids and not roles:
            return None
        return ids | {person.id for person in self.people if roles.intersection(person.roles)}


class Enrolled(Protocol):
    """Where the roster comes from."""

    def roster(self) -> Roster:
        """The present one; the same object while nothing changed. Raises StoreError, PeopleError."""


class StoredPeople:
    """Implements Enrolled on the store; used by one thread."""

    def __init__(self, store: PeopleStore) -> None:
        self._store = store
        self._roster: Optional[Roster] = None

    def roster(self) -> Roster:
        version = self._store.version()
        if self._roster is None or self._roster.version != version:
            self._roster = Roster(version, Gallery(*self._store.embeddings()), self._store.people())
        return self._roster
