"""What people ordered, in a database that grew up, that others write as well, or that nobody made yet."""

from __future__ import annotations

import os
import shutil
import sqlite3
import subprocess
import sys
import threading
from contextlib import closing
from pathlib import Path
from typing import Iterator, List

import pytest

from agent.clock import SystemClock
from agent.domain.access import ChatKind, Member, Role
from agent.domain.incident import Kind
from agent.errors import StoreError
from agent.store.alert_messages import AlertMessage, AlertMessages
from agent.store.audit import Audit
from agent.store.database import Database, open_beside, open_database
from agent.store.history import History
from agent.store.incidents import SqliteJournal
from agent.store.invitations import Invitations
from agent.store.members import Members
from agent.store.migrate import MIGRATIONS
from tests.fakes.changes import AT, opened
from tests.fakes.clock import FakeClock
from tests.fakes.disk import fast_folder

ANNA = Member(7, ChatKind.PRIVATE, "Anna", Role.ADMIN, "en", AT, "shell:root")


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
def path() -> Iterator[Path]:
    with fast_folder() as folder:
        yield folder / "data" / "beffroi.db"


@pytest.fixture
def first(tmp_path: Path) -> Path:
    """The migrations as they were when the first databases were made."""
    copy = tmp_path / "first"
    shutil.copytree(str(MIGRATIONS), str(copy), ignore=shutil.ignore_patterns("r000[2-9]*", "__pycache__"))
    return copy


INCIDENT = """
INSERT INTO incidents (id, camera, sequence, kind, state, severity, first_seen, last_seen, confidence, peak,
                       changed_at)
VALUES ('old', 'yard', 1, 'fire', 'open', 'critical', 1, 2, 0.9, 0.9, 2)
"""


def test_a_first_database_is_brought_up_with_what_is_in_it(path: Path, first: Path, clock: FakeClock) -> None:
    open_database(path, clock, first).close()
    with closing(sqlite3.connect(str(path))) as connection:
        assert connection.execute("SELECT version_num FROM alembic_version").fetchone() == ("0001",)
        connection.execute(INCIDENT)
        connection.commit()
    with pytest.raises(StoreError, match="schema is older: start the agent once"):
        open_beside(path, clock)
    with closing(open_database(path, clock)) as database:
        assert [incident.id for incident in History(database).list()] == ["old"]
        Members(database, clock).admit(ANNA)
        AlertMessages(database).put(AlertMessage("old", 7, 12, 1, True))
    with closing(open_beside(path, clock)) as beside:
        assert Members(beside, clock).all() == [ANNA]
        assert len(AlertMessages(beside).of("old")) == 1


def test_before_the_first_start_the_database_is_made(path: Path, clock: FakeClock) -> None:
    with closing(open_beside(path, clock)) as beside:
        code = Invitations(beside, clock).issue(Role.ADMIN, "shell:root", 60)
        # Made and let go: the agent may start.
        with closing(open_database(path, clock)) as database:
            assert Invitations(database, clock).redeem(code, 7) is not None


def test_a_running_agent_sees_what_is_written_beside_it(path: Path, clock: FakeClock) -> None:
    with closing(open_database(path, clock)) as database:
        SqliteJournal(database, clock).record(opened("a"), None, [])
        with closing(open_beside(path, clock)) as beside:
            Members(beside, clock).admit(ANNA)
        assert Members(database, clock).get(7) == ANNA
        with pytest.raises(StoreError, match="another Beffroi"):
            open_database(path, clock)


def test_a_newer_schema_is_left_alone(path: Path, clock: FakeClock) -> None:
    open_database(path, clock).close()
    with closing(sqlite3.connect(str(path))) as connection:
        connection.execute("UPDATE alembic_version SET version_num = '9999'")
        connection.commit()
    with pytest.raises(StoreError, match="schema 9999 was written by a newer Beffroi"):
        open_beside(path, clock)


@pytest.mark.parametrize("content", [b"", b"no database at all" * 100])
def test_a_file_that_is_no_database_is_left_alone(path: Path, clock: FakeClock, content: bytes) -> None:
    path.parent.mkdir()
    path.write_bytes(content)
    with pytest.raises(StoreError, match="start the agent"):
        open_beside(path, clock)
    assert path.read_bytes() == content


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can make files for another user")
def test_what_root_makes_is_of_the_user_who_owns_the_folder(path: Path, clock: FakeClock) -> None:
    path.parent.mkdir()
    os.chown(str(path.parent), 12345, 12346)
    with closing(open_beside(path, clock)) as beside:
        Members(beside, clock).admit(ANNA)
        made = {file.name: file.stat() for file in path.parent.iterdir()}
    # SQLite itself gives the log to whoever owns the database.
    assert sorted(made) == ["beffroi.db", "beffroi.db-shm", "beffroi.db-wal", "beffroi.db.lock"]
    assert {(found.st_uid, found.st_gid) for found in made.values()} == {(12345, 12346)}


def test_only_root_gives_files_away(path: Path, clock: FakeClock, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    monkeypatch.setattr(os, "chown", None)
    open_beside(path, clock).close()


def test_a_code_is_good_once_between_processes(path: Path) -> None:
    clock = SystemClock()
    with closing(open_database(path, clock)) as database:
        invitations = Invitations(database, clock)
        children = [_redeemer(path, chat) for chat in (1, 2)]
        try:
            assert [_line(child) for child in children] == ["ready", "ready"]
            for _ in range(15):
                code = invitations.issue(Role.VIEWER, "shell:root", 600)
                for child in children:
                    assert child.stdin is not None
                    child.stdin.write(f"{code}\n")
                    child.stdin.flush()
                assert sorted(_line(child) for child in children) == ["lost", "won"]
        finally:
            for child in children:
                child.communicate(timeout=30)


def test_threads_write_people_and_incidents_side_by_side(path: Path, clock: FakeClock) -> None:
    failures: List[BaseException] = []

    def work(database: Database, number: int) -> None:
        try:
            for step in range(20):
                Audit(database, clock).note(number, number, f"order {step}")
                Members(database, clock).remember(number, f"name {step}")
                incident = f"i-{number}-{step}"
                SqliteJournal(database, clock).record(opened(incident, Kind.FIRE), None, ["telegram"])
                AlertMessages(database).put(AlertMessage(incident, number, step, 1, True))
        except StoreError as error:
            failures.append(error)

    with closing(open_database(path, clock)) as database, closing(open_beside(path, clock)) as beside:
        threads = [
            threading.Thread(target=work, args=(one, number))
            for number, one in enumerate((database, beside) * 2)
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(60)
        assert not failures
        assert len(Audit(database, clock).latest(1000)) == 80
        assert len(History(database).list()) == 80


def _redeemer(path: Path, chat: int) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", "tests.integration.redeem_child", str(path), str(chat)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        universal_newlines=True,
    )


def _line(child: subprocess.Popen[str]) -> str:
    assert child.stdout is not None
    return child.stdout.readline().strip()
