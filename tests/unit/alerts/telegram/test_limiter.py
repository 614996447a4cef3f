from __future__ import annotations

import asyncio
from typing import Any, Callable, Coroutine, Dict, List

import pytest
from telegram.error import RetryAfter

from agent.errors import TransientDeliveryError
from agent.telemetry import Telemetry
from alerts.telegram.limiter import Limiter, manner
from alerts.telegram.limits import Limits
from tests.fakes.clock import FakeClock


class Desk:
    """A limiter on a fake clock, and when each request went out."""

    def __init__(self) -> None:
        self.clock = FakeClock()
        self.limits = Limits()
        self.sent: List[Any] = []
        self.limiter = Limiter(self.limits, self.clock, Telemetry(self.clock), self._sleep)

    async def _sleep(self, seconds: float) -> None:
        due = self.clock.monotonic() + seconds
        await asyncio.sleep(0)
        self.clock.advance(max(0.0, due - self.clock.monotonic()))

    async def ask(self, what: Any, endpoint: str = "sendMessage", **data: Any) -> Any:
        async def callback() -> bool:
            self.sent.append((what, self.clock.monotonic()))
            return True

        return await self.limiter.process_request(callback, (), {}, endpoint, data, None)

    async def failing(self, errors: List[Exception], **data: Any) -> Any:
        async def callback() -> bool:
            self.sent.append(self.clock.monotonic())
            if errors:
                raise errors.pop(0)
            return True

        return await self.limiter.process_request(callback, (), {}, "sendMessage", data, None)


def run(work: Callable[[Desk], Coroutine[Any, Any, None]]) -> Desk:
    async def main() -> Desk:
        desk = Desk()
        await work(desk)
        return desk

    return asyncio.run(main())


def test_a_chat_hears_one_a_second() -> None:
    async def work(desk: Desk) -> None:
        for number in range(3):
            await desk.ask(number, chat_id=1)

    assert run(work).sent == [(0, 0.0), (1, 1.0), (2, 2.0)]


@pytest.mark.parametrize(
    "endpoint", ["answerCallbackQuery", "getMe", "setMyCommands", "getFile", "sendChatAction"]
)
def test_what_is_no_message_does_not_count(endpoint: str) -> None:
    async def work(desk: Desk) -> None:
        for number in range(3):
            await desk.ask(number, endpoint, chat_id=1)

    assert run(work).sent == [(0, 0.0), (1, 0.0), (2, 0.0)]


def test_an_edit_counts_and_an_album_counts_for_each_picture() -> None:
    async def work(desk: Desk) -> None:
        await desk.ask("edit", "editMessageCaption", chat_id=1)
        await desk.ask("album", "sendMediaGroup", chat_id=1, media=[1, 2, 3])
        await desk.ask("next", chat_id=1)

    assert run(work).sent == [("edit", 0.0), ("album", 1.0), ("next", 4.0)]


def test_what_is_urgent_goes_first() -> None:
    async def work(desk: Desk) -> None:
        async def lesser(number: int) -> None:
            with manner(urgent=False, patience_s=60.0):
                await desk.ask(number, chat_id=1)

        async def fire() -> None:
            with manner(urgent=True, patience_s=60.0):
                await desk.ask("fire", chat_id=1)

        await asyncio.gather(*(lesser(number) for number in range(3)), fire())

    assert [what for what, _ in run(work).sent] == [0, "fire", 1, 2]


def test_impatience_is_told_how_long_it_would_take() -> None:
    async def work(desk: Desk) -> None:
        await desk.ask("first", chat_id=1)
        with manner(urgent=False, patience_s=0.5), pytest.raises(TransientDeliveryError) as raised:
            await desk.ask("second", chat_id=1)
        assert "limits" in str(raised.value)
        assert raised.value.retry_after_s == 1.0
        await desk.ask("third", chat_id=1)

    assert [what for what, _ in run(work).sent] == ["first", "third"]


def test_nothing_follows_into_a_chat_before_the_answer() -> None:
    async def work(desk: Desk) -> None:
        answer = asyncio.Event()

        async def slow() -> bool:
            await answer.wait()
            return True

        data: Dict[str, Any] = {"chat_id": 1}
        first = asyncio.ensure_future(desk.limiter.process_request(slow, (), {}, "sendPhoto", data, None))
        await asyncio.sleep(0)
        second = asyncio.ensure_future(desk.ask("second", chat_id=1))
        await asyncio.sleep(0)
        await desk.ask("elsewhere", chat_id=2)
        desk.clock.advance(5.0)
        answer.set()
        await asyncio.gather(first, second)

    assert run(work).sent == [("elsewhere", 0.0), ("second", 6.0)]


def test_who_is_cancelled_while_waiting_leaves_the_queue() -> None:
    async def work(desk: Desk) -> None:
        await desk.ask("first", chat_id=1)
        waiting = asyncio.ensure_future(desk.ask("never", chat_id=1))
        await asyncio.sleep(0)
        waiting.cancel()
        await asyncio.gather(waiting, return_exceptions=True)
        await desk.ask("second", chat_id=1)

    assert [what for what, _ in run(work).sent] == ["first", "second"]


def test_a_short_pause_is_kept_and_the_request_repeated() -> None:
    async def work(desk: Desk) -> None:
        await desk.failing([RetryAfter(5), RetryAfter(2)], chat_id=1)

    assert run(work).sent == [0.0, 5.0, 7.0]


def test_a_long_pause_is_the_callers_to_wait_for() -> None:
    async def work(desk: Desk) -> None:
        with manner(urgent=True, patience_s=10.0), pytest.raises(RetryAfter):
            await desk.failing([RetryAfter(60)], chat_id=1)
        with manner(urgent=True, patience_s=10.0), pytest.raises(TransientDeliveryError) as raised:
            await desk.ask("held", chat_id=1)
        assert raised.value.retry_after_s == 60.0
        await desk.ask("elsewhere", chat_id=2)

    assert run(work).sent == [0.0, ("elsewhere", 0.0)]


def test_three_refusals_are_enough() -> None:
    async def work(desk: Desk) -> None:
        with pytest.raises(RetryAfter):
            await desk.failing([RetryAfter(1)] * 3, chat_id=1)

    assert len(run(work).sent) == 3


def test_a_pause_asked_for_outside_a_chat_holds_all() -> None:
    async def work(desk: Desk) -> None:
        with manner(urgent=False, patience_s=1.0), pytest.raises(RetryAfter):
            await desk.failing([RetryAfter(9)])
        await desk.ask("chat", chat_id=1)

    assert run(work).sent == [0.0, ("chat", 9.0)]


def test_chats_that_were_quiet_are_forgotten() -> None:
    limits = Limits()
    for chat in range(1000):
        limits.take(chat, 0.0).answered = 0.0
    limits.take(-1, 5.0)
    limits.take(5000, 5.0)
    assert limits.wait_s(-1, 5.0) == float("inf")
    assert limits.wait_s(3, 5.0) == 0.0
