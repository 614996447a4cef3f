from __future__ import annotations

import pytest

from agent.store import strangers as module
from agent.store.database import Database
from agent.store.strangers import (
    MOST_REFUSALS_PER_HOUR,
    MOST_TRIES_OF_A_CHAT_PER_HOUR,
    MOST_TRIES_PER_HOUR,
    Strangers,
)
from tests.fakes.clock import FakeClock

HOUR = 3600.0


@pytest.fixture
def strangers(database: Database, clock: FakeClock) -> Strangers:
    return Strangers(database, clock)


def test_a_stranger_is_answered_once_also_after_a_restart(
    strangers: Strangers, database: Database, clock: FakeClock
) -> None:
    assert [strangers.met(chat) for chat in (1, 1, -2, 1, -2)] == [True, False, True, False, False]
    clock.advance(100 * HOUR)
    again = Strangers(database, clock)
    assert [again.met(chat) for chat in (1, -2, 3)] == [False, False, True]


def test_many_strangers_at_once_are_not_all_answered(strangers: Strangers, clock: FakeClock) -> None:
    crowd = range(1, MOST_REFUSALS_PER_HOUR + 6)
    assert sum(strangers.met(chat) for chat in crowd) == MOST_REFUSALS_PER_HOUR
    clock.advance(HOUR - 1)
    assert not any(strangers.met(chat) for chat in crowd)
    clock.advance(1)
    assert [chat for chat in crowd if strangers.met(chat)] == list(crowd)[-5:]


def test_a_clock_that_is_set_back_does_not_silence_the_bot_for_years(
    strangers: Strangers, clock: FakeClock
) -> None:
    clock.advance(1000 * HOUR)
    for chat in range(1, MOST_REFUSALS_PER_HOUR + 1):
        assert strangers.met(chat)
    for _ in range(MOST_TRIES_OF_A_CHAT_PER_HOUR):
        assert strangers.may_try(1)
    clock.advance(-900 * HOUR)
    assert strangers.met(1000)
    assert strangers.may_try(1)


def test_only_so_many_are_kept(
    strangers: Strangers, clock: FakeClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "MOST_KNOWN", 2)
    for chat in (1, 2, 3):
        assert strangers.met(chat)
        clock.advance(HOUR)
    assert [strangers.met(chat) for chat in (3, 2, 1)] == [False, False, True]


def test_every_contact_is_counted_whoever_is_answered(
    strangers: Strangers, database: Database, clock: FakeClock
) -> None:
    for _ in range(3):
        strangers.met(1)
    assert strangers.count() == 3
    clock.advance(60)
    strangers.met(1)
    assert Strangers(database, clock).count() == strangers.count() == 4


def test_a_flood_writes_once_a_minute(strangers: Strangers, database: Database, clock: FakeClock) -> None:
    strangers.met(1)
    with database.write() as connection:  # nobody else may write meanwhile
        assert connection.in_transaction()
        for _ in range(50):
            strangers.met(1)
    assert strangers.count() == 51


def test_a_chat_may_try_some_codes_an_hour(strangers: Strangers, clock: FakeClock) -> None:
    tries = [strangers.may_try(7) for _ in range(MOST_TRIES_OF_A_CHAT_PER_HOUR + 2)]
    assert tries == [True] * MOST_TRIES_OF_A_CHAT_PER_HOUR + [False] * 2
    assert strangers.may_try(8)
    clock.advance(HOUR)
    assert strangers.may_try(7)


def test_all_together_may_try_some_more_also_after_a_restart(
    strangers: Strangers, database: Database, clock: FakeClock
) -> None:
    assert all(strangers.may_try(chat) for chat in range(1, MOST_TRIES_PER_HOUR + 1))
    again = Strangers(database, clock)
    assert not again.may_try(1000)
    clock.advance(HOUR)
    assert again.may_try(1000)


def test_groups_may_not_try(strangers: Strangers) -> None:
    assert not strangers.may_try(-40)
    assert not strangers.may_try(0)
