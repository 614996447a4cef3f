"""What the real python-telegram-bot makes of each fault, and what the fake notes of it."""

from __future__ import annotations

import asyncio
from typing import Any, Type, Union

import pytest
from telegram import Bot, InputMediaPhoto
from telegram.error import (
    BadRequest,
    ChatMigrated,
    Conflict,
    Forbidden,
    InvalidToken,
    NetworkError,
    RetryAfter,
    TelegramError,
    TimedOut,
)

from tests.fakes.telegram import (
    ApiError,
    Broken,
    Dropped,
    Garbled,
    Hangs,
    Slow,
    TelegramServer,
    Truncated,
    bad_request,
    bot_blocked,
    conflict,
    forbidden,
    migrated,
    picture_refused,
    server_error,
    too_large,
    too_many_requests,
    unauthorized,
)
from tests.fakes.telegram.faults import Fault
from tests.fakes.telegram.media import PHOTO_LIMIT
from tests.fakes.telegram.polling import Polls
from tests.unit.fakes_telegram.client import picture, raw, seconds, with_bot


def _named(value: object) -> str:
    return type(value).__name__ if isinstance(value, Fault) else str(value)


@pytest.mark.parametrize(
    ("fault", "error", "status", "carried_out"),
    [
        (too_many_requests(7), RetryAfter, 429, False),
        (server_error(500), NetworkError, 500, False),
        (server_error(502), NetworkError, 502, False),
        (Broken(502), TelegramError, 502, False),  # NetworkError since 22
        (Garbled(), TelegramError, 200, True),
        (Truncated(), NetworkError, 200, True),
        (Dropped(), NetworkError, None, False),
        (Dropped(after=True), NetworkError, None, True),
        (unauthorized(), InvalidToken, 401, False),
        (bot_blocked(), Forbidden, 403, False),
        (forbidden("user is deactivated"), Forbidden, 403, False),
        (conflict(), Conflict, 409, False),
        (bad_request("chat not found"), BadRequest, 400, False),
        (picture_refused(), BadRequest, 400, False),
        (migrated(-100_5), ChatMigrated, 400, False),
        (too_large(), NetworkError, 413, False),
    ],
    ids=_named,
)
def test_each_fault_is_an_error_of_its_class(
    telegram: TelegramServer,
    fault: Union[Fault, ApiError],
    error: Type[TelegramError],
    status: Any,
    carried_out: bool,
) -> None:
    marie = telegram.person("Marie")
    script = telegram.fails(fault, "sendMessage")

    async def work(bot: Bot) -> None:
        with pytest.raises(error) as raised:
            await bot.send_message(marie.id, "Fire")
        if isinstance(raised.value, RetryAfter):
            assert seconds(raised.value) == 7
        if isinstance(raised.value, ChatMigrated):
            assert raised.value.new_chat_id == -100_5
        await bot.send_message(marie.id, "after")

    with_bot(telegram, work)
    first, second = telegram.wait_calls(2, "sendMessage")
    assert (first.status, first.ok, second.ok) == (status, carried_out, True)
    assert [message.text for message in marie.heard] == (["Fire", "after"] if carried_out else ["after"])
    assert script.hits == 1


def test_a_fault_strikes_where_it_should(telegram: TelegramServer) -> None:
    marie, paul = telegram.person("Marie"), telegram.person("Paul")

    async def work(bot: Bot) -> None:
        with telegram.fails(server_error(), ("sendPhoto", "sendMessage"), chat=marie, times=None) as script:
            await bot.send_message(paul.id, "not here")
            await bot.send_chat_action(marie.id, "typing")
            for _ in range(3):
                with pytest.raises(NetworkError):
                    await bot.send_message(marie.id, "here")
        assert script.hits == 3
        await bot.send_message(marie.id, "lifted")

    with_bot(telegram, work)
    assert [message.text for message in (*paul.heard, *marie.heard)] == ["not here", "lifted"]


def test_a_hanging_call_is_carried_out_when_released(telegram: TelegramServer) -> None:
    marie = telegram.person("Marie")
    hang = Hangs()
    telegram.fails(hang, "sendMessage", times=None)

    async def work(bot: Bot) -> None:
        sending = asyncio.ensure_future(bot.send_message(marie.id, "late"))
        await asyncio.get_running_loop().run_in_executor(None, hang.wait_reached)
        assert not marie.heard
        hang.release()
        await sending
        await bot.send_message(marie.id, "later")

    with_bot(telegram, work)
    assert [message.text for message in marie.heard] == ["late", "later"]


def test_a_client_gives_up_on_a_hanging_call(telegram: TelegramServer) -> None:
    marie = telegram.person("Marie")
    telegram.fails(Hangs(), "sendMessage")

    async def work(bot: Bot) -> None:
        with pytest.raises(TimedOut):
            await bot.send_message(marie.id, "lost", read_timeout=0.01)

    with_bot(telegram, work)
    (call,) = telegram.wait_calls(1, "sendMessage")
    assert (call.status, call.ok) == (None, False)


def test_a_slow_answer_is_the_true_one(telegram: TelegramServer) -> None:
    marie = telegram.person("Marie")
    telegram.fails(Slow(0.01), "sendMessage")
    assert with_bot(telegram, lambda bot: bot.send_message(marie.id, "slow")).text == "slow"


def test_a_server_that_is_down_refuses_and_comes_back_on_its_port(telegram: TelegramServer) -> None:
    marie = telegram.person("Marie")
    port = telegram.url

    async def work(bot: Bot) -> None:
        poll = asyncio.ensure_future(bot.get_updates(timeout=60, read_timeout=60))
        await asyncio.get_running_loop().run_in_executor(
            None, telegram.wait_for, lambda: telegram.calls("getUpdates")
        )
        with telegram.down():
            with pytest.raises(NetworkError):
                await poll
            with pytest.raises(NetworkError):
                await bot.send_message(marie.id, "lost")
            telegram.goes_down()  # which it is
        await bot.send_message(marie.id, "back")

    with_bot(telegram, work)
    assert telegram.url == port
    assert [message.text for message in marie.heard] == ["back"]


def test_of_two_pollers_the_first_is_thrown_out(telegram: TelegramServer) -> None:
    async def work(bot: Bot) -> None:
        first = asyncio.ensure_future(bot.get_updates(timeout=60, read_timeout=60))
        await asyncio.get_running_loop().run_in_executor(
            None, telegram.wait_for, lambda: telegram.calls("getUpdates")
        )
        async with Bot(telegram.token, telegram.base_url) as other:
            await other.get_updates()
        with pytest.raises(Conflict, match=r"(?i)make sure that only one bot instance is running"):
            await first

    with_bot(telegram, work)


def test_a_poll_ends_by_itself() -> None:
    assert asyncio.run(Polls().wait(0.001)) is None


def test_another_token_is_refused(telegram: TelegramServer) -> None:
    assert raw(telegram, "getMe", token="7000000001:wrong")["error_code"] == 401
    assert raw(telegram, "getMe", token="nonsense")["error_code"] == 404

    async def work(bot: Bot) -> None:
        with pytest.raises(InvalidToken):
            await bot.get_me()

    with_bot(telegram, work, token="7000000001:wrong")


def test_what_telegram_cannot_show_as_a_photo_is_refused(telegram: TelegramServer) -> None:
    marie = telegram.person("Marie")

    async def work(bot: Bot) -> None:
        for data in (b"no picture", picture()[:300]):
            with pytest.raises(BadRequest, match=r"(?i)IMAGE_PROCESS_FAILED"):
                await bot.send_photo(marie.id, data)
        for size in ((9000, 2000), (500, 20)):
            with pytest.raises(BadRequest, match=r"(?i)PHOTO_INVALID_DIMENSIONS"):
                await bot.send_photo(marie.id, picture(*size))
        with pytest.raises(NetworkError, match=r"(?i)Request Entity Too Large"):
            await bot.send_photo(marie.id, picture() + bytes(PHOTO_LIMIT))
        with pytest.raises(BadRequest, match=r"(?i)wrong file identifier"):
            await bot.send_photo(marie.id, "AgAC-unknown")
        with pytest.raises(BadRequest, match=r"(?i)IMAGE_PROCESS_FAILED"):
            await bot.send_media_group(marie.id, [InputMediaPhoto(picture()), InputMediaPhoto(b"no")])
        with pytest.raises(BadRequest, match=r"(?i)file must be non-empty"):
            await bot.send_document(marie.id, b"")

    with_bot(telegram, work)
    assert marie.heard == []
