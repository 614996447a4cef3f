"""The database before and after an upgrade: copies, and the way back."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from datetime import datetime, timedelta, timezone
from pathlib import Path

import pytest

from deploy.database import DatabaseError, back_up, can_put_back, copies, main, put_back, revision

NOW = datetime(2026, 3, 1, 12, 0, tzinfo=timezone.utc)


def make(path: Path, schema: str, word: str) -> Path:
    with closing(sqlite3.connect(str(path))) as database, database:
        database.execute("CREATE TABLE alembic_version (version_num TEXT)")
        database.execute("INSERT INTO alembic_version VALUES (?)", (schema,))
        database.execute("CREATE TABLE words (word TEXT)")
        database.execute("INSERT INTO words VALUES (?)", (word,))
    return path


def word(path: Path) -> str:
    with closing(sqlite3.connect(str(path))) as database:
        return str(database.execute("SELECT word FROM words").fetchone()[0])


def upgrade(path: Path, schema: str) -> None:
    with closing(sqlite3.connect(str(path))) as database, database:
        database.execute("UPDATE alembic_version SET version_num = ?", (schema,))
        database.execute("UPDATE words SET word = 'newer'")


@pytest.fixture
def database(tmp_path: Path) -> Path:
    return make(tmp_path / "beffroi.db", "0003", "older")


def test_the_schema_is_read_and_may_be_none(database: Path, tmp_path: Path) -> None:
    sqlite3.connect(str(tmp_path / "empty.db")).close()
    assert revision(database) == "0003"
    assert revision(tmp_path / "empty.db") == ""


def test_a_copy_holds_what_is_still_in_the_write_ahead_log(database: Path) -> None:
    with closing(sqlite3.connect(str(database))) as writer:
        writer.execute("PRAGMA journal_mode=WAL")
        writer.execute("UPDATE words SET word = 'latest'")
        writer.commit()
        assert word(back_up(database, database.parent / "backups", NOW)) == "latest"


def test_three_copies_are_kept_the_newest(database: Path) -> None:
    folder = database.parent / "backups"
    made = [back_up(database, folder, NOW + timedelta(hours=hour)) for hour in range(5)]
    assert copies(folder) == made[:1:-1]
    assert len(list(folder.iterdir())) == 3
    assert folder.stat().st_mode & 0o777 == 0o700


def test_the_way_back_keeps_what_is_newer(database: Path) -> None:
    folder = database.parent / "backups"
    back_up(database, folder, NOW)
    upgrade(database, "0004")
    back_up(database, folder, NOW + timedelta(hours=1))
    assert can_put_back(database, folder, ["0003"])
    aside = put_back(database, folder, ["0001", "0003"], NOW)
    assert (revision(database), word(database)) == ("0003", "older")
    assert aside is not None
    assert (aside.name, word(aside)) == ("beffroi.db.set-aside-20260301T120000Z", "newer")


def test_a_known_schema_is_left_as_it_is(database: Path) -> None:
    assert put_back(database, database.parent / "backups", ["0003"], NOW) is None
    assert put_back(database.with_name("none.db"), database.parent / "backups", ["0003"], NOW) is None
    assert word(database) == "older"


def test_without_a_copy_that_fits_nothing_is_touched(database: Path) -> None:
    folder = database.parent / "backups"
    assert not can_put_back(database, folder, ["0002"])
    with pytest.raises(DatabaseError, match="stay with the newer version"):
        put_back(database, folder, ["0002"], NOW)
    assert [path.name for path in database.parent.iterdir()] == ["beffroi.db"]


def test_the_command_says_where_things_are(database: Path, capsys: pytest.CaptureFixture[str]) -> None:
    places = [str(database), str(database.parent / "backups")]
    assert main(["back-up", *places]) == 0
    assert Path(capsys.readouterr().out.strip()).is_file()
    assert main(["can-put-back", *places, "0003"]) == 0
    assert main(["can-put-back", *places, "0002"]) == 1
    assert main(["put-back", *places, "0003"]) == 0
    assert capsys.readouterr().out == "\n"
    assert main(["put-back", *places, "0002"]) == 1
    assert "0002" not in capsys.readouterr().out


@pytest.mark.parametrize("numbered", ["both", "newer"])
def test_no_number_is_given_twice_on_the_way_back(database: Path, numbered: str) -> None:
    make = "CREATE TABLE people (id INTEGER PRIMARY KEY AUTOINCREMENT)"
    with closing(sqlite3.connect(str(database))) as connection, connection:
        connection.execute("CREATE TABLE outbox (id INTEGER PRIMARY KEY AUTOINCREMENT)")
        if numbered == "both":
            connection.execute(make)
    back_up(database, database.parent / "backups", NOW)
    upgrade(database, "0004")
    with closing(sqlite3.connect(str(database))) as connection, connection:
        connection.execute(make.replace("TABLE", "TABLE IF NOT EXISTS"))
        connection.execute("INSERT INTO people VALUES (41)")
        connection.execute("DELETE FROM people")
    assert put_back(database, database.parent / "backups", ["0003"], NOW) is not None
    with closing(sqlite3.connect(str(database))) as connection, connection:
        connection.execute(make.replace("TABLE", "TABLE IF NOT EXISTS"))
        connection.execute("INSERT INTO people DEFAULT VALUES")
        assert connection.execute("SELECT id FROM people").fetchall() == [(42,)]
