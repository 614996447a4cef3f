from __future__ import annotations

from contextlib import closing
from dataclasses import replace
from datetime import timedelta

import numpy as np
import pytest
from sqlalchemy import select, update

from agent.enrolments import PeopleError, Refusal
from agent.store.audit import Audit
from agent.store.database import Database, open_beside
from agent.store.expiry import forget_expired
from agent.store.faces import PeopleStore
from agent.store.faces_records import KeptFace
from agent.store.faces_schema import embeddings, enrolment_faces, enrolments, people
from tests.fakes.clock import FakeClock
from tests.fakes.enrolled import LASTS, begin, embeddings_of, enrol, intent, people_store

ANNA = "Anna Peeters"
WRONG = bytes(32)


@pytest.fixture
def store(database: Database, clock: FakeClock) -> PeopleStore:
    return people_store(database, clock)


def code_of(caught: pytest.ExceptionInfo[PeopleError]) -> str:
    assert ANNA not in str(caught.value)
    return caught.value.code


def test_nobody_is_enrolled_at_first(store: PeopleStore) -> None:
    ids, vectors = store.embeddings()
    assert store.people() == []
    assert (ids.shape, vectors.shape) == ((0,), (0, 128))
    assert [str(one.dtype) for one in (ids, vectors)] == ["int64", "float32"]
    assert store.version() == 0


def test_an_enrolment_becomes_a_person(store: PeopleStore, clock: FakeClock) -> None:
    number = begin(store, ANNA, 1)
    under_way = store.enrolment(number)
    assert (under_way.faces, under_way.ends_at) == (3, clock.now() + LASTS)
    assert under_way.intent == intent(ANNA)
    kept = store.faces_of(number)
    assert np.array_equal(np.array([face.embedding for face in kept]), embeddings_of(1))
    assert [face.digest[-1] for face in kept] == ["0", "1", "2"]
    clock.advance(60)
    person = store.finish(number)
    assert (person.id, person.name, person.roles, person.faces) == (1, ANNA, ("staff",), 3)
    assert (person.enrolled_by, person.enrolled_at) == ("shell:root", clock.now())
    assert person.consent == intent(ANNA).consent
    assert store.people() == [person]
    assert store.person(1) == person
    ids, vectors = store.embeddings()
    assert ids.tolist() == [1, 1, 1]
    assert np.array_equal(vectors, embeddings_of(1))
    with pytest.raises(PeopleError) as caught:
        store.enrolment(number)
    assert code_of(caught) == Refusal.NO_SUCH_ENROLMENT


def test_it_survives_a_restart_and_is_seen_by_other_processes(
    database: Database, store: PeopleStore, clock: FakeClock
) -> None:
    number = begin(store, ANNA, 1)
    before = store.version()
    with closing(open_beside(database.path, clock)) as beside:
        other = people_store(beside, clock)
        assert other.enrolment(number).faces == 3
        other.finish(number)
    assert store.version() > before
    assert [person.name for person in store.people()] == [ANNA]


def test_an_enrolment_ends_by_itself(database: Database, store: PeopleStore, clock: FakeClock) -> None:
    number = begin(store, ANNA, 1)
    clock.advance(LASTS.total_seconds())
    for ask in (store.enrolment, store.faces_of, store.finish):
        with pytest.raises(PeopleError) as caught:
            ask(number)
        assert code_of(caught) == Refusal.NO_SUCH_ENROLMENT
    forget_expired(database, clock, 90)
    with database.read() as connection:
        assert connection.execute(select(enrolments)).all() == []
        assert connection.execute(select(enrolment_faces)).all() == []


def test_what_ended_goes_when_another_begins(
    database: Database, store: PeopleStore, clock: FakeClock
) -> None:
    begin(store, ANNA, 1)
    clock.advance(LASTS.total_seconds())
    begin(store, "Bert", 2)
    with database.read() as connection:
        assert len(connection.execute(select(enrolments)).all()) == 1


def test_a_cancelled_enrolment_leaves_nothing(database: Database, store: PeopleStore) -> None:
    number = begin(store, ANNA, 1)
    store.cancel(number)
    with database.read() as connection:
        assert connection.execute(select(enrolment_faces)).all() == []
    with pytest.raises(PeopleError) as caught:
        store.cancel(number)
    assert code_of(caught) == Refusal.NO_SUCH_ENROLMENT


def test_a_name_is_had_once_whatever_its_case(store: PeopleStore) -> None:
    first = begin(store, ANNA, 1)
    second = begin(store, "anna  PEETERS", 2)
    store.finish(first)
    with pytest.raises(PeopleError) as caught:
        store.finish(second)
    assert code_of(caught) == Refusal.NAME_TAKEN
    with pytest.raises(PeopleError) as caught:
        store.begin("x", intent(f" {ANNA} "), LASTS)
    assert code_of(caught) == Refusal.NAME_TAKEN
    with pytest.raises(PeopleError) as caught:
        store.add(intent(ANNA.upper()), embeddings_of(3))
    assert code_of(caught) == Refusal.NAME_TAKEN
    assert [person.id for person in store.people()] == [1]


def test_embeddings_that_exist_are_taken_in(store: PeopleStore) -> None:
    person = store.add(intent(ANNA), embeddings_of(1, 2))
    nobody = store.add(intent("Bert"), embeddings_of(2, 0))
    assert (person.faces, nobody.faces) == (2, 0)
    assert np.array_equal(store.embeddings()[1], embeddings_of(1, 2))


def test_whose_time_is_over_is_nobody_any_more(store: PeopleStore, clock: FakeClock) -> None:
    enrol(store, ANNA, 1, clock.now() + timedelta(days=1))
    enrol(store, "Bert", 2)
    assert store.expired() == []
    clock.advance(86400)
    assert [person.name for person in store.people()] == ["Bert"]
    assert set(store.embeddings()[0].tolist()) == {2}
    assert store.expired() == [1]
    with pytest.raises(PeopleError) as caught:
        store.person(1)
    assert code_of(caught) == Refusal.NO_SUCH_PERSON


def test_another_key_opens_nothing(database: Database, store: PeopleStore, clock: FakeClock) -> None:
    number = begin(store, ANNA, 1)
    other = people_store(database, clock, WRONG)
    for ask in (other.people, other.embeddings, lambda: other.faces_of(number), lambda: begin(other, "B", 2)):
        with pytest.raises(PeopleError) as caught:
            ask()
        assert code_of(caught) == Refusal.WRONG_KEY


def test_with_nobody_there_a_new_key_begins(database: Database, store: PeopleStore, clock: FakeClock) -> None:
    store.cancel(begin(store, ANNA, 1))
    other = people_store(database, clock, WRONG)
    enrol(other, "Bert", 2)
    with pytest.raises(PeopleError) as caught:
        store.people()
    assert code_of(caught) == Refusal.WRONG_KEY


def test_rows_that_were_swapped_or_changed_are_damaged(database: Database, store: PeopleStore) -> None:
    enrol(store, ANNA, 1)
    enrol(store, "Bert", 2)
    with database.write() as connection:
        of_anna = select(embeddings.c.sealed).where(embeddings.c.person == 1).limit(1).scalar_subquery()
        connection.execute(update(embeddings).where(embeddings.c.person == 2).values(sealed=of_anna))
    with pytest.raises(PeopleError) as caught:
        store.embeddings()
    assert code_of(caught) == Refusal.DAMAGED
    with database.write() as connection:
        connection.execute(update(people).where(people.c.id == 1).values(sealed=b"short"))
    with pytest.raises(PeopleError) as caught:
        store.people()
    assert code_of(caught) == Refusal.DAMAGED


def test_the_audit_says_who_did_what_without_a_name(
    database: Database, store: PeopleStore, clock: FakeClock
) -> None:
    enrol(store, ANNA, 1)
    store.add(replace(intent("Bert"), by="telegram:7"), embeddings_of(2))
    store.note("people.list", None, "telegram:7")
    store.note("people.list", None, "telegram:x")
    entries = Audit(database, clock).latest(10)
    assert [(entry.user, entry.action, entry.subject) for entry in entries] == [
        (None, "people.list", "everybody, by telegram:x"),
        (7, "people.list", "everybody"),
        (7, "people.import", "person 2"),
        (None, "people.enrol", "person 1, by shell:root"),
    ]


def test_faces_are_added_to_what_is_under_way_alone(store: PeopleStore) -> None:
    with pytest.raises(PeopleError) as caught:
        store.add_face("nothing", KeptFace(embeddings_of(1)[0], "0"))
    assert code_of(caught) == Refusal.NO_SUCH_ENROLMENT


def test_the_name_of_somebody_unknown_is_refused(database: Database, store: PeopleStore) -> None:
    with database.read() as connection, pytest.raises(PeopleError) as caught:
        store.name_of(connection, 5)
    assert code_of(caught) == Refusal.NO_SUCH_PERSON
