"""The database file itself: damaged, too new, too old, in use, out of reach, out of room."""

from __future__ import annotations

import shutil
import sqlite3
import subprocess
import threading
from collections import Counter
from concurrent.futures import ThreadPoolExecutor, as_completed
from contextlib import closing
from pathlib import Path
from typing import Dict, Iterator, List, Tuple

import pytest
from sqlalchemy import Connection, create_engine

from agent.domain.incident import Incident, Kind
from agent.errors import StoreError
from agent.ports import Delivery
from agent.store.database import Database, open_database, open_for_reading
from agent.store.history import History
from agent.store.incidents import SqliteJournal
from agent.store.migrate import MIGRATIONS, head_revision
from agent.store.outbox import SqliteOutbox
from agent.store.retention import Retention
from agent.store.schema import metadata
from agent.store.snapshots import FileSnapshots, stored_files
from tests.fakes.changes import opened, story
from tests.fakes.clock import FakeClock
from tests.fakes.disk import fast_folder
from tests.fakes.pictures import noise_jpeg


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
def path() -> Iterator[Path]:
    with fast_folder() as folder:
        yield folder / "data" / "beffroi.db"


def write_some(path: Path, clock: FakeClock, count: int = 1) -> None:
    with closing(open_database(path, clock)) as database:
        journal = SqliteJournal(database, clock)
        for number in range(count):
            journal.record(opened(f"i{number}", Kind.FIRE), None, ["mqtt"])


def made_of(connection: Connection) -> Dict[str, str]:
    """The statement behind every table and index, but for Alembic's own."""
    rows = connection.exec_driver_sql("SELECT name, sql FROM sqlite_master WHERE sql IS NOT NULL")
    return {name: " ".join(sql.split()) for name, sql in rows if name != "alembic_version"}


def test_a_new_database_is_durable_and_has_the_tables_the_code_knows(path: Path, clock: FakeClock) -> None:
    with closing(open_database(path, clock)) as database, database.read() as connection:
        pragmas = [
            connection.exec_driver_sql(f"PRAGMA {name}").scalar()
            for name in ("journal_mode", "synchronous", "foreign_keys")
        ]
        assert pragmas == ["wal", 2, 1]
        migrated = made_of(connection)
    fresh = create_engine("sqlite://")
    with fresh.begin() as connection:
        metadata.create_all(connection)
        assert migrated == made_of(connection)
    fresh.dispose()


def test_boots_are_counted(path: Path, clock: FakeClock) -> None:
    for boot in (1, 2, 3):
        with closing(open_database(path, clock)) as database:
            assert database.next_boot() == boot


def test_a_second_agent_is_refused(path: Path, clock: FakeClock) -> None:
    with closing(open_database(path, clock)), pytest.raises(StoreError, match="another Beffroi is using it"):
        open_database(path, clock)


@pytest.mark.parametrize("where", ["header", "middle", "nonsense"])
def test_a_damaged_database_is_moved_aside_and_rebuilt(path: Path, clock: FakeClock, where: str) -> None:
    write_some(path, clock, 200)
    size = path.stat().st_size
    with path.open("r+b") as file:
        file.seek({"header": 0, "middle": size // 4, "nonsense": 0}[where])
        file.write(b"\xa5" * {"header": 100, "middle": size // 2, "nonsense": size}[where])
    with closing(open_database(path, clock)) as database:
        assert database.damaged is not None
        assert database.damaged.name.startswith("beffroi.db.damaged-20260101T000000")
        assert database.damaged.stat().st_size == size
        assert SqliteJournal(database, clock).unresolved() == []
        assert database.next_boot() > 29_000_000
    with closing(open_database(path, clock)) as database:
        assert database.damaged is None


def test_its_log_goes_with_it_and_only_some_are_kept(path: Path, clock: FakeClock) -> None:
    for number in range(5):
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(b"no database at all" * 100)
        path.with_name("beffroi.db-wal").write_text(f"log {number}")
        open_database(path, clock).close()
        clock.advance(1)
    logs = sorted(path.parent.glob("*.damaged-*-wal"))
    assert [log.read_text() for log in logs] == ["log 2", "log 3", "log 4"]
    assert len(list(path.parent.glob("*.damaged-*Z"))) == 3


def test_a_newer_schema_is_refused_and_left_alone(path: Path, clock: FakeClock) -> None:
    write_some(path, clock)
    with closing(sqlite3.connect(str(path))) as connection:
        connection.execute("UPDATE alembic_version SET version_num = '9999'")
        connection.commit()
    newer = "schema 9999 was written by a newer Beffroi"
    with pytest.raises(StoreError, match=newer):
        open_database(path, clock)
    with pytest.raises(StoreError, match=newer):
        open_for_reading(path)
    assert not list(path.parent.glob("*.damaged-*"))


NEXT = """
import sqlalchemy as sa
from alembic import op

revision = "next"
down_revision = "{head}"


def upgrade():
    with op.batch_alter_table("incidents") as batch:
        batch.add_column(sa.Column("note", sa.Text))
        batch.alter_column("camera", existing_type=sa.Text, nullable=True)
    {more}
"""


@pytest.fixture
def newer(tmp_path: Path) -> Path:
    copy = tmp_path / "100% newer"
    shutil.copytree(str(MIGRATIONS), str(copy))
    (copy / "versions" / "next_note.py").write_text(NEXT.format(head=head_revision(), more=""))
    return copy


def test_an_older_schema_is_backed_up_and_brought_up_to_date(
    path: Path, clock: FakeClock, newer: Path
) -> None:
    write_some(path, clock, 3)
    with closing(open_database(path, clock, newer)) as database, database.read() as connection:
        assert connection.exec_driver_sql("SELECT count(note), count(*) FROM incidents").one() == (0, 3)
        assert connection.exec_driver_sql("SELECT count(*) FROM outbox").scalar() == 3
    (backup,) = path.parent.glob("beffroi.db.before-next-*")
    with closing(sqlite3.connect(str(backup))) as before:
        assert before.execute("SELECT version_num FROM alembic_version").fetchone() == (head_revision(),)
        assert before.execute("SELECT count(*) FROM incidents").fetchone() == (3,)


@pytest.mark.parametrize(
    ("more", "message"),
    [
        ("op.execute('SELECT x FROM nowhere')", "no such table"),
        ("op.execute('DELETE FROM incidents')", "breaks references"),
    ],
)
def test_an_upgrade_that_fails_changes_nothing(
    path: Path, clock: FakeClock, newer: Path, more: str, message: str
) -> None:
    write_some(path, clock, 3)
    (newer / "versions" / "next_note.py").write_text(NEXT.format(head=head_revision(), more=more))
    with pytest.raises(StoreError, match=message):
        open_database(path, clock, newer)
    with closing(open_database(path, clock)) as database:
        assert len(History(database).list()) == 3


def test_commands_read_beside_a_running_agent_and_change_nothing(path: Path, clock: FakeClock) -> None:
    with closing(open_database(path, clock)) as database:
        SqliteJournal(database, clock).record(opened("a"), None, [])
        with closing(open_for_reading(path)) as beside:
            assert [incident.id for incident in History(beside).list()] == ["a"]
            with pytest.raises(StoreError, match="may write"):
                beside.next_boot()


def test_what_cannot_be_read_says_what_to_do(path: Path, tmp_path: Path, clock: FakeClock) -> None:
    with pytest.raises(StoreError, match="start the agent once"):
        open_for_reading(path)
    path.parent.mkdir()
    sqlite3.connect(str(path)).close()
    path.touch()
    with pytest.raises(StoreError, match="its schema is older"):
        open_for_reading(path)
    path.write_bytes(b"no database at all" * 100)
    with pytest.raises(StoreError, match="restart the agent"):
        open_for_reading(path)
    (tmp_path / "file").touch()
    with pytest.raises(StoreError, match="check that the disk is healthy"):
        open_database(tmp_path / "file" / "beffroi.db", clock)
    (tmp_path / "folder.db").mkdir()
    with pytest.raises(StoreError, match="may write"):
        open_database(tmp_path / "folder.db", clock)


def test_a_database_held_by_another_program_says_so(
    path: Path, clock: FakeClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("agent.store.connection.BUSY_MS", 1)
    with closing(open_database(path, clock)) as database, closing(sqlite3.connect(str(path))) as other:
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(StoreError, match="another program holds the database"):
            SqliteJournal(database, clock).record(opened("a"), None, [])
        other.rollback()
        SqliteJournal(database, clock).record(opened("a"), None, [])


def test_many_threads_lose_nothing_and_share_nothing(path: Path, clock: FakeClock) -> None:
    incidents, recorders, dispatchers = 12, 4, 4
    told: List[Delivery] = []
    stop = threading.Event()
    with closing(open_database(path, clock)) as database:
        journal, outbox = SqliteJournal(database, clock), SqliteOutbox(database, clock)
        total = recorders * incidents * 4

        def record(worker: int) -> None:
            for number in range(incidents):
                for change in story(f"w{worker}-{number}", 1):
                    journal.record(change, None, ["mqtt"])

        def dispatch() -> None:
            while len(told) < total and not stop.is_set():
                for delivery in outbox.lease("mqtt", 5, 600):
                    told.append(delivery)
                    outbox.done(delivery)

        with ThreadPoolExecutor(recorders + dispatchers) as pool:
            work = [pool.submit(record, number) for number in range(recorders)]
            work += [pool.submit(dispatch) for _ in range(dispatchers)]
            for each in as_completed(work, timeout=60):
                if each.exception():
                    stop.set()
                each.result()
        assert set(Counter(each.change.event_id for each in told).values()) == {1}
        assert len(told) == total
        assert outbox.depth().pending == 0


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A disk of 20 MiB."""
    mount = tmp_path / "disk"
    mount.mkdir()
    made = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=20m", "tmpfs", str(mount)], capture_output=True, check=False
    )
    if made.returncode:
        pytest.skip("a small disk can be mounted by root only")
    yield mount
    subprocess.run(["umount", "-l", str(mount)], check=True)


def fill(disk: Path) -> None:
    """Leave no byte."""
    with (disk / "filler").open("ab", buffering=0) as file:
        for size in (1 << 20, 1 << 12, 1):
            try:
                while file.write(b"\0" * size):
                    pass
            except OSError:
                continue


def site(database: Database, clock: FakeClock) -> Tuple[SqliteJournal, FileSnapshots]:
    retention = Retention(database, clock, keep_days=90, disk_share=0.99)
    retention.run()
    return (
        SqliteJournal(database, clock, make_room=retention.room_for_change),
        FileSnapshots(database.path.parent, clock, retention.room_for_picture),
    )


def test_a_full_disk_costs_the_oldest_pictures_not_the_new(small_disk: Path, clock: FakeClock) -> None:
    with closing(open_database(small_disk / "beffroi.db", clock)) as database:
        journal, snapshots = site(database, clock)
        for number in range(120):
            clock.advance(60)
            picture = noise_jpeg(number)
            change = Incident.open(f"i{number}", "yard", Kind.FIRE, clock.now(), 0.9)
            ref = snapshots.save(f"i{number}", 1, annotated=picture, clean=picture)
            journal.record(change, ref, [])
            journal.record(change.incident.resolve(clock.now(), 0.1), None, [])
        kept = {file.incident_id for file in stored_files(small_disk)}
        assert "i119" in kept
        assert "i0" not in kept
        assert len(History(database).list()) == 120
        for incident in History(database).list():
            past = History(database).get(incident.id)
            assert past is not None
            assert (past.changes[0].snapshot is not None) == (incident.id in kept)


def test_a_disk_that_others_filled_costs_the_picture_but_never_the_alert(
    small_disk: Path, clock: FakeClock
) -> None:
    with closing(open_database(small_disk / "beffroi.db", clock)) as database:
        journal, snapshots = site(database, clock)
        fill(small_disk)
        picture = noise_jpeg(0)
        with pytest.raises(StoreError, match="no space left on the disk"):
            snapshots.save("a", 1, annotated=picture, clean=picture)
        for number in range(300):
            journal.record(opened(f"i{number}", Kind.FIRE), None, ["mqtt"])
        assert SqliteOutbox(database, clock).depth().pending == 300
