from __future__ import annotations

import sqlite3
import threading
from contextlib import ExitStack, closing
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import List

import pytest

from agent.domain.incident import Change, Kind
from agent.enrolments import PeopleError, Receipt, Refusal
from agent.errors import StoreError
from agent.store import erasure as module
from agent.store.audit import Audit
from agent.store.database import Database, open_database
from agent.store.dialogues import Dialogues
from agent.store.erasure import Erasure
from agent.store.faces import PeopleStore
from agent.store.history import History
from agent.store.incidents import SqliteJournal
from agent.store.migrate import back_up
from agent.store.retention import Retention
from agent.store.retention_plan import Disk
from agent.store.snapshots import FileSnapshots, stored_files
from tests.fakes.changes import opened
from tests.fakes.clock import FakeClock
from tests.fakes.enrolled import begin, embeddings_of, enrol, people_store
from tests.fakes.pictures import jpeg

ANNA, BERT = "Anna Peeters", "Bert Claes"


@pytest.fixture
def store(database: Database, clock: FakeClock) -> PeopleStore:
    return people_store(database, clock)


@pytest.fixture
def erasure(database: Database, clock: FakeClock, tmp_path: Path) -> Erasure:
    return Erasure(database, clock, [tmp_path])


def record(database: Database, clock: FakeClock, id: str, person: int) -> Change:
    """A face incident about the person, with its two pictures, and another change of it."""
    change = opened(id, Kind.FACE)
    change = replace(change, incident=replace(change.incident, person=person))
    snapshots, journal = FileSnapshots(database.path.parent, clock), SqliteJournal(database, clock)
    for step in (change, change.incident.update(clock.now(), 0.9)):
        picture = snapshots.save(id, step.incident.sequence, annotated=jpeg(), clean=jpeg())
        journal.record(step, picture, [])
    return change


def names(store: PeopleStore) -> List[str]:
    return [person.name for person in store.people()]


def test_a_person_is_erased_and_the_others_stay(
    database: Database, store: PeopleStore, erasure: Erasure, clock: FakeClock
) -> None:
    enrol(store, ANNA, 1)
    enrol(store, BERT, 2)
    record(database, clock, "of-anna", 1)
    record(database, clock, "of-bert", 2)
    before = store.version()
    clock.advance(5)
    receipt = erasure.forget(1, "telegram:7", store)
    now = clock.now()
    assert receipt == Receipt(1, now, now, 3, 0, 0, links=1, snapshots=4, backups=0)
    assert erasure.receipts() == [receipt]
    assert store.version() > before
    assert names(store) == [BERT]
    assert (store.embeddings()[1] == embeddings_of(2)).all()
    anna, bert = History(database).get("of-anna"), History(database).get("of-bert")
    assert anna is not None
    assert bert is not None
    assert [(step.change.incident.person, step.snapshot) for step in anna.changes] == [(None, None)] * 2
    assert anna.incident.person is None
    assert bert.incident.person == 2
    assert {file.incident_id for file in stored_files(database.path.parent)} == {"of-bert"}
    (entry,) = Audit(database, clock).latest(1)
    assert (entry.user, entry.action, entry.subject) == (7, "people.forget", "person 1")


def test_the_number_is_never_given_again(store: PeopleStore, erasure: Erasure) -> None:
    enrol(store, ANNA, 1)
    erasure.forget(1, "shell:root", store)
    assert enrol(store, ANNA, 2).id == 2


def test_whoever_is_not_there_cannot_be_erased(store: PeopleStore, erasure: Erasure) -> None:
    enrol(store, ANNA, 1)
    erasure.forget(1, "shell:root", store)
    with pytest.raises(PeopleError) as caught:
        erasure.forget(1, "shell:root", store)
    assert caught.value.code == Refusal.NO_SUCH_PERSON
    assert len(erasure.receipts()) == 1


def test_enrolments_of_the_same_name_end_with_their_conversations(
    database: Database, store: PeopleStore, erasure: Erasure, clock: FakeClock
) -> None:
    again, other = begin(store, "ANNA peeters", 1), begin(store, BERT, 2)
    enrol(store, ANNA, 3)
    dialogues = Dialogues(database, clock)
    dialogues.put(7, 7, "enrol", {"step": "consent", "name": ANNA}, 60)
    dialogues.put(8, 8, "enrol", {"step": "consent", "name": BERT}, 60)
    dialogues.put(9, 9, "enrol", {"step": "name"}, 60)
    dialogues.put(10, 10, "report", {"name": ANNA}, 60)
    assert erasure.forget(1, "shell:root", store).enrolments == 1
    with pytest.raises(PeopleError):
        store.enrolment(again)
    assert store.enrolment(other).faces == 3
    assert [chat for chat in (7, 8, 9, 10) if dialogues.get(chat, chat) is None] == [7]


@pytest.mark.parametrize("key", [None, bytes(32)])
def test_without_the_key_it_is_done_all_the_same(
    database: Database, store: PeopleStore, erasure: Erasure, clock: FakeClock, key: bytes
) -> None:
    enrol(store, ANNA, 1)
    begin(store, BERT, 2)
    Dialogues(database, clock).put(8, 8, "enrol", {"step": "consent", "name": BERT}, 60)
    other = None if key is None else people_store(database, clock, key)
    receipt = erasure.forget(1, "shell:root", other)
    assert (receipt.done_at, receipt.faces, receipt.enrolments) == (clock.now(), 3, 1)
    assert Dialogues(database, clock).get(8, 8) is None
    assert names(store) == []


def test_whose_time_is_over_is_erased_but_not_who_comes_again(
    store: PeopleStore, erasure: Erasure, clock: FakeClock
) -> None:
    for seed, name in enumerate((ANNA, BERT, "Carl")):
        enrol(store, name, seed, None if name == "Carl" else clock.now() + timedelta(minutes=30))
    assert erasure.expire() == []
    clock.advance(1800)
    again = begin(store, ANNA, 3)
    assert [(receipt.person, receipt.faces, receipt.enrolments) for receipt in erasure.expire()] == [
        (1, 3, 0),
        (2, 3, 0),
    ]
    assert store.expired() == []
    assert store.finish(again).id == 4


def test_copies_of_the_database_are_cleaned_or_deleted(
    database: Database, store: PeopleStore, erasure: Erasure, clock: FakeClock, tmp_path: Path
) -> None:
    folder, stem = database.path.parent, database.path.name
    back_up(database.path, folder / f"{stem}.before-0003-20260101T000000Z")
    enrol(store, ANNA, 1)
    enrol(store, BERT, 2)
    record(database, clock, "of-anna", 1)
    begin(store, "Carl", 3)
    copies = [
        folder / f"{stem}.before-0005-20260101T000000Z",
        folder / f"{stem}.set-aside-20260101T000000Z",
        tmp_path / "beffroi-20260101T000000000000Z.db",
    ]
    for copy in copies:
        back_up(database.path, copy)
    damaged = folder / f"{stem}.damaged-20260101T000000.000000Z"
    damaged.write_bytes(b"no database at all" * 100)
    damaged.with_name(f"{damaged.name}-wal").write_bytes(b"its log")
    assert erasure.forget(1, "shell:root", store).backups == 4
    for copy in copies:
        with closing(sqlite3.connect(str(copy))) as connection:
            count = [
                connection.execute(f"SELECT count(*) FROM {table}").fetchone()[0]
                for table in ("people", "embeddings", "enrolments", "enrolment_faces")
            ]
            assert count == [1, 3, 0, 0]
            assert connection.execute("SELECT person FROM incidents").fetchall() == [(None,)]
            assert (
                connection.execute("SELECT person, clean FROM incident_changes").fetchall()
                == [(None, None)] * 2
            )
    assert not list(folder.glob("*damaged*"))
    assert erasure.forget(2, "shell:root", store).backups == 3


def test_a_copy_from_before_anybody_was_enrolled_is_left_as_it_is(
    database: Database, store: PeopleStore, erasure: Erasure
) -> None:
    old = database.path.with_name(f"{database.path.name}.before-0004-20260101T000000Z")
    with closing(sqlite3.connect(str(old))) as connection:
        connection.execute("CREATE TABLE incidents (id)")
    content = old.read_bytes()
    enrol(store, ANNA, 1)
    assert erasure.forget(1, "shell:root", store).backups == 0
    assert old.read_bytes() == content


def test_another_person_of_the_same_number_in_a_copy_stays(
    database: Database, store: PeopleStore, erasure: Erasure, clock: FakeClock
) -> None:
    copy = database.path.with_name(f"{database.path.name}.set-aside-20260101T000000Z")
    with closing(open_database(copy.with_name("older.db"), clock)) as older:
        enrol(people_store(older, clock), BERT, 2)
        back_up(older.path, copy)
    clock.advance(1)
    enrol(store, ANNA, 1)
    assert erasure.forget(1, "shell:root", store).backups == 0
    with closing(sqlite3.connect(str(copy))) as connection:
        assert connection.execute("SELECT count(*) FROM embeddings").fetchone() == (3,)


def test_what_cannot_be_erased_yet_is_gone_on_with(
    database: Database, store: PeopleStore, erasure: Erasure, clock: FakeClock, tmp_path: Path
) -> None:
    enrol(store, ANNA, 1)
    copy = back_up(database.path, tmp_path / "beffroi-1.db")
    with closing(sqlite3.connect(str(copy), isolation_level=None)) as reader:
        assert reader.execute("PRAGMA locking_mode = EXCLUSIVE").fetchone() == ("exclusive",)
        reader.execute("BEGIN IMMEDIATE")
        receipt = erasure.forget(1, "shell:root", store)
    assert receipt.done_at is None
    clock.advance(60)
    (finished,) = erasure.finish_erasures()
    assert (finished.done_at, finished.faces) == (clock.now(), 3)
    assert erasure.finish_erasures() == []
    with closing(sqlite3.connect(str(copy))) as connection:
        assert connection.execute("SELECT * FROM people").fetchall() == []


def test_a_reader_in_the_way_of_the_log_leaves_it_undone(
    database: Database, store: PeopleStore, erasure: Erasure, clock: FakeClock
) -> None:
    enrol(store, ANNA, 1)
    with database.read() as connection:
        connection.exec_driver_sql("SELECT * FROM people").all()
        assert erasure.forget(1, "shell:root", store).done_at is None
    assert [receipt.done_at for receipt in erasure.finish_erasures()] == [clock.now()]


def test_who_folds_the_log_in_meanwhile_is_waited_for(
    database: Database, store: PeopleStore, clock: FakeClock
) -> None:
    class Until(FakeClock):
        def wait(self, event: threading.Event, timeout_s: float) -> bool:
            reading.close()
            return super().wait(event, timeout_s)

    enrol(store, ANNA, 1)
    with ExitStack() as reading:
        connection = reading.enter_context(database.read())
        connection.exec_driver_sql("SELECT * FROM people").all()
        assert Erasure(database, Until()).forget(1, "shell:root", store).done_at is not None


def test_the_counts_of_an_erasure_that_is_gone_on_with_stay(
    database: Database, store: PeopleStore, erasure: Erasure, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails(_: Database) -> int:
        raise StoreError("the disk is away")

    enrol(store, ANNA, 1)
    with monkeypatch.context() as patched:
        patched.setattr(module, "cut_stray_links", fails)
        receipt = erasure.forget(1, "shell:root", store)
    assert (receipt.done_at, receipt.faces) == (None, 3)
    assert [one.faces for one in erasure.finish_erasures()] == [3]


def test_who_is_named_after_the_erasure_is_forgotten_in_the_next_round(
    database: Database, store: PeopleStore, clock: FakeClock
) -> None:
    enrol(store, ANNA, 1)
    Erasure(database, clock).forget(1, "shell:root", store)
    record(database, clock, "late", 1)
    late = database.path.parent / "labelled" / "fire" / "late-1.jpg"
    late.parent.mkdir(parents=True)
    late.write_bytes(jpeg())
    retention = Retention(database, clock, 90, 0.9, disk=lambda _: Disk(used=0, free=10**12))
    retention.run()
    past = History(database).get("late")
    assert past is not None
    assert past.incident.person is None
    assert list(stored_files(database.path.parent)) == []
    assert not late.exists()


def test_retention_erases_whose_time_is_over(
    database: Database, store: PeopleStore, clock: FakeClock
) -> None:
    enrol(store, ANNA, 1, clock.now() + timedelta(days=1))
    retention = Retention(database, clock, 90, 0.9, disk=lambda _: Disk(used=0, free=10**12))
    retention.run()
    assert names(store) == [ANNA]
    clock.advance(86400)
    retention.run()
    assert [receipt.person for receipt in Erasure(database, clock).receipts()] == [1]
    assert Audit(database, clock).latest(1)[0].subject == "person 1, by device:expiry"
