"""Telegram's limits, counted and enforced."""

from __future__ import annotations

from typing import Any, Dict, Iterator, List

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.fakes.clock import FakeClock
from tests.fakes.telegram import TelegramServer, busiest
from tests.fakes.telegram.fixture import telegram_server
from tests.unit.fakes_telegram.client import picture, raw


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
def server(clock: FakeClock) -> Iterator[TelegramServer]:
    with telegram_server(clock) as server:
        server.enforce_limits()
        yield server


def _send(server: TelegramServer, chat: int) -> Any:
    """True, or the seconds to wait."""
    answer: Dict[str, Any] = raw(server, "sendMessage", chat_id=chat, text="x")
    assert answer["ok"] or answer["description"].startswith("Too Many Requests: retry after ")
    return answer["ok"] or answer["parameters"]["retry_after"]


def test_a_chat_takes_one_a_second_after_a_few_at_once(server: TelegramServer, clock: FakeClock) -> None:
    marie = server.person("Marie")
    assert [_send(server, marie.id) for _ in range(4)] == [True, True, True, 1]
    clock.advance(0.5)
    assert _send(server, marie.id) == 1
    clock.advance(0.5)
    assert _send(server, marie.id) is True
    clock.advance(3600)
    assert [_send(server, marie.id) for _ in range(4)] == [True, True, True, 1]
    assert raw(server, "sendChatAction", chat_id=marie.id, action="typing")["ok"]
    assert server.rate(1, marie) == 5
    assert server.rate(1, marie, accepted=True) == 3


def test_a_group_takes_twenty_a_minute(server: TelegramServer, clock: FakeClock) -> None:
    brigade = server.group("Brigade")
    taken: List[Any] = []
    for _ in range(21):
        taken.append(_send(server, brigade.id))
        clock.advance(1)
    assert taken == [True] * 20 + [40]
    clock.advance(39)
    assert _send(server, brigade.id) is True


def test_all_chats_together_take_thirty_a_second(server: TelegramServer, clock: FakeClock) -> None:
    people = [server.person(f"P{number}") for number in range(31)]
    assert [_send(server, person.id) for person in people] == [True] * 30 + [1]
    assert server.rate(1) == 31
    clock.advance(1)
    assert _send(server, people[30].id) is True


def test_an_album_counts_each_picture_and_an_edit_counts_too(
    server: TelegramServer, clock: FakeClock
) -> None:
    marie = server.person("Marie")
    photo = server.world.files.add_photo(picture()).file_id
    album = [{"type": "photo", "media": photo}] * 5
    assert raw(server, "sendMediaGroup", chat_id=marie.id, media=album)["ok"]
    edit: Dict[str, Any] = {"chat_id": marie.id, "message_id": marie.last.id, "caption": "y"}
    assert raw(server, "editMessageCaption", **edit)["parameters"] == {"retry_after": 3}
    clock.advance(3)
    assert raw(server, "editMessageCaption", **edit)["ok"]
    assert server.rate(1, marie, accepted=True) == 5
    assert server.rate(10, marie, accepted=True) == 6


def test_the_busiest_window_is_half_open() -> None:
    assert busiest([], 1) == 0
    assert busiest([3, 0, 1, 2], 1) == 1
    assert busiest([3, 0, 1, 2], 1.5) == 2


@given(st.lists(st.integers(0, 100)), st.integers(1, 50))
def test_the_busiest_window_is_the_busiest(times: List[int], window: int) -> None:
    starts = [sum(start <= at < start + window for at in times) for start in times]
    assert busiest(times, window) == max(starts, default=0)
