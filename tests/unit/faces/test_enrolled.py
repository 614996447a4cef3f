"""Who is enrolled at the moment."""

from __future__ import annotations

from contextlib import closing
from datetime import timedelta
from typing import FrozenSet, Optional

import pytest

from agent.enrolments import Consent, PeopleError, Person
from agent.faces.enrolled import Roster, StoredPeople
from agent.store.database import open_database
from tests.fakes.changes import AT
from tests.fakes.clock import FakeClock
from tests.fakes.disk import fast_folder
from tests.fakes.enrolled import embeddings_of, enrol, people_store
from tests.fakes.onlookers import gallery_of

CONSENT = Consent("", AT, "signed form 12")
ANN, BEN = (
    Person(1, "Ann", ("staff", "guard"), CONSENT, "shell:root", AT, None, 3),
    Person(2, "Ben", ("guest",), CONSENT, "shell:root", AT, None, 3),
)


@pytest.mark.parametrize(
    ("ids", "roles", "allowed"),
    [
        (frozenset(), frozenset(), None),
        (frozenset({2}), frozenset(), frozenset({2})),
        (frozenset(), frozenset({"guard"}), frozenset({1})),
        (frozenset({2}), frozenset({"guard", "guest"}), frozenset({1, 2})),
        (frozenset(), frozenset({"mayor"}), frozenset()),
    ],
)
def test_a_camera_is_about_those_with_its_ids_or_roles(
    ids: FrozenSet[int], roles: FrozenSet[str], allowed: Optional[FrozenSet[int]]
) -> None:
    assert Roster(1, gallery_of(1, 2), (ANN, BEN)).among(ids, roles) == allowed


def test_the_roster_is_read_again_once_something_changed() -> None:
    clock = FakeClock()
    with fast_folder() as folder, closing(open_database(folder / "beffroi.db", clock)) as database:
        store = people_store(database, clock)
        enrolled = StoredPeople(store, clock)
        nobody = enrolled.roster()
        assert (len(nobody.gallery), list(nobody.people)) == (0, [])
        assert enrolled.roster() is nobody
        ann = enrol(people_store(database, clock), "Ann", 1)
        present = enrolled.roster()
        assert [one.id for one in present.people] == [ann.id]
        assert present.gallery.nearest(embeddings_of(1).mean(0, keepdims=True))[0].person == ann.id
        assert enrolled.roster() is present


def test_whose_time_is_over_is_in_it_no_more_before_anybody_erases_them() -> None:
    clock = FakeClock()
    with fast_folder() as folder, closing(open_database(folder / "beffroi.db", clock)) as database:
        store = people_store(database, clock)
        ends = clock.now() + timedelta(hours=1)
        for name, seed, until in (("Ann", 1, None), ("Ben", 2, ends), ("Eve", 3, ends)):
            enrol(store, name, seed, until)
        enrolled = StoredPeople(store, clock)
        present = enrolled.roster()
        assert len(present.people) == len(present.gallery) == 3
        clock.advance(3599.0)
        assert enrolled.roster() is present
        clock.advance(1.0)
        left = enrolled.roster()
        assert [one.name for one in left.people] == ["Ann"]
        assert len(left.gallery) == 1
        assert enrolled.roster() is left


def test_with_another_key_there_is_no_roster() -> None:
    clock = FakeClock()
    with fast_folder() as folder, closing(open_database(folder / "beffroi.db", clock)) as database:
        enrol(people_store(database, clock), "Ann", 1)
        with pytest.raises(PeopleError):
            StoredPeople(people_store(database, clock, bytes(32)), clock).roster()
