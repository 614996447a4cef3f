"""Who is enrolled at the moment, to search among: read again when the store says that something changed."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import FrozenSet, Optional, Sequence

from typing_extensions import Protocol

from agent.enrolments import Person
from agent.faces.gallery import Gallery
from agent.ports import Clock
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
    """Implements Enrolled on the store; used by one thread. Whose time is over is in it no more from that
    moment on, whenever they are erased."""

    def __init__(self, store: PeopleStore, clock: Clock) -> None:
        self._store = store
        self._clock = clock
        self._roster: Optional[Roster] = None
        self._until: Optional[datetime] = None

    def roster(self) -> Roster:
        version = self._store.version()
        if self._roster is None or self._roster.version != version or self._somebody_expired():
            people = self._store.people()
            self._roster = Roster(version, Gallery(*self._store.embeddings()), people)
            ends = [person.expires_at for person in people if person.expires_at is not None]
            self._until = min(ends) if ends else None
        return self._roster

    def _somebody_expired(self) -> bool:
        return self._until is not None and self._clock.now() >= self._until
