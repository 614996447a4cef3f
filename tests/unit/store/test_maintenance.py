from __future__ import annotations

import time
from datetime import date, timedelta
from typing import Iterator

import pytest

from agent.domain.incident import Incident, Kind, Transition
from agent.store.database import Database
from agent.store.digest import Digests
from agent.store.incidents import SqliteJournal
from agent.store.maintenance import Maintenance
from tests.fakes.clock import FakeClock

DAY = 86400.0


@pytest.fixture
def brussels(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    # Spelt as a rule, so that no time zone files are needed.
    monkeypatch.setenv("TZ", "CET-1CEST,M3.5.0,M10.5.0/3")
    time.tzset()
    yield
    monkeypatch.undo()
    time.tzset()


def test_a_sound_database_is_folded_and_counted(database: Database, clock: FakeClock) -> None:
    SqliteJournal(database, clock).record(Incident.open("a", "yard", Kind.FIRE, clock.now(), 0.9), None, [])
    log = database.path.with_name("beffroi.db-wal")
    assert log.stat().st_size > 0
    clock.advance(DAY)
    assert Maintenance(database, clock).nightly() == []
    assert log.stat().st_size == 0
    (digest,) = Digests(database, clock).latest(10)
    assert digest.counts == {("yard", Kind.FIRE, Transition.OPENED): 1}


def test_a_reader_in_the_way_is_told(database: Database, clock: FakeClock) -> None:
    journal = SqliteJournal(database, clock)
    with database.read() as connection:
        connection.exec_driver_sql("SELECT count(*) FROM incidents").one()
        journal.record(Incident.open("a", "yard", Kind.FIRE, clock.now(), 0.9), None, [])
        assert not database.checkpoint()
    assert database.checkpoint()


def test_a_day_is_a_local_day(database: Database, clock: FakeClock, brussels: None) -> None:
    digest = Digests(database, clock).record(date(2026, 3, 29))
    assert digest.until - digest.since == timedelta(hours=23)
    assert digest.since.utctimetuple()[:5] == (2026, 3, 28, 23, 0)


def test_recording_a_day_again_replaces_it(database: Database, clock: FakeClock) -> None:
    journal, digests = SqliteJournal(database, clock), Digests(database, clock)
    day = clock.now().astimezone().date()
    first = Incident.open("a", "yard", Kind.SMOKE, clock.now(), 0.9)
    journal.record(first, None, [])
    digests.record(day)
    journal.record(Incident.open("b", "yard", Kind.SMOKE, clock.now(), 0.9), None, [])
    again = digests.record(day)
    assert again.counts == {("yard", Kind.SMOKE, Transition.OPENED): 2}
    assert digests.latest(10) == [again]


def test_missed_nights_are_made_up_for(database: Database, clock: FakeClock) -> None:
    digests = Digests(database, clock)
    (first,) = digests.record_until_yesterday()
    clock.advance(3 * DAY)
    days = [digest.day for digest in digests.record_until_yesterday()]
    assert days == [first.day + timedelta(days=number) for number in (1, 2, 3)]
    clock.advance(1000 * DAY)
    assert len(digests.record_until_yesterday()) == 32
    assert digests.latest(1)[0].counts == {}


def test_damage_is_found_while_running(database: Database, clock: FakeClock) -> None:
    journal = SqliteJournal(database, clock)
    for number in range(300):
        journal.record(Incident.open(f"i{number}", "yard", Kind.FIRE, clock.now(), 0.9), None, ["mqtt"])
    assert database.checkpoint()
    database.close()
    size = database.path.stat().st_size
    with database.path.open("r+b") as file:
        file.seek(size // 4)
        file.write(b"\xa5" * (size // 2))
    assert Maintenance(database, clock).nightly()
