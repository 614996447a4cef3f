from __future__ import annotations

from dataclasses import replace

import pytest

from agent.domain.incident import Incident, Kind
from agent.errors import StoreError
from agent.store.alert_messages import AlertMessage, AlertMessages
from agent.store.bot_name import BotName
from agent.store.database import Database
from agent.store.incidents import SqliteJournal
from agent.store.retention import Retention
from agent.store.retention_plan import Disk
from tests.fakes.clock import FakeClock

PHOTO = AlertMessage("fire-1", 7, 12, 1, picture=True)


@pytest.fixture
def messages(database: Database, clock: FakeClock) -> AlertMessages:
    journal = SqliteJournal(database, clock)
    change = Incident.open("fire-1", "yard", Kind.FIRE, clock.now(), 0.9)
    journal.record(change, None, [])
    journal.record(change.incident.resolve(clock.now(), 0.1), None, [])
    return AlertMessages(database)


def test_each_chat_has_its_message(messages: AlertMessages) -> None:
    other = replace(PHOTO, chat=-40, message_id=2**52, picture=False)
    messages.put(PHOTO)
    messages.put(other)
    assert messages.get("fire-1", 7) == PHOTO
    assert messages.of("fire-1") == [other, PHOTO]
    assert (messages.get("fire-1", 8), messages.get("fire-2", 7), messages.of("fire-2")) == (None, None, [])


def test_news_replaces(messages: AlertMessages) -> None:
    messages.put(PHOTO)
    later = replace(PHOTO, message_id=13, sequence=4, picture=False)
    messages.put(later)
    assert messages.of("fire-1") == [later]


def test_it_goes_with_the_incident(messages: AlertMessages, database: Database, clock: FakeClock) -> None:
    messages.put(PHOTO)
    clock.advance(2 * 86400)
    Retention(database, clock, 1, 0.9, disk=lambda _: Disk(used=0, free=10**12)).run()
    assert messages.of("fire-1") == []


def test_an_incident_that_is_not_stored_has_no_message(messages: AlertMessages) -> None:
    with pytest.raises(StoreError, match="FOREIGN KEY"):
        messages.put(replace(PHOTO, incident_id="never"))


def test_the_name_of_the_bot_is_kept(database: Database) -> None:
    bot = BotName(database)
    assert bot.get() is None
    for name in ("beffroi_bot", "beffroi_bot", "tower_bot"):
        bot.put(name)
        assert BotName(database).get() == name
