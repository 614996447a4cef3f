"""Replies are shown as they come; none is lost, none is waited for in vain."""

from __future__ import annotations

import asyncio
from typing import Any, Callable, Iterator, List

import pytest

from alerts.bot.call import Reply
from alerts.bot.relay import relay

LIMIT_S = 10.0


def shown(replies: Iterator[Reply], *, slow: bool) -> List[Reply]:
    """What gets shown; where showing is slow, all thinking is done before the first is."""
    seen: List[Reply] = []

    async def run() -> None:
        over = asyncio.Event()

        async def in_thread(work: Callable[..., Any], *arguments: Any) -> Any:
            done = work(*arguments)
            if work is next and done is None:
                over.set()
            return done

        async def show(reply: Reply) -> None:
            seen.append(reply)
            if slow:
                await over.wait()

        await asyncio.wait_for(relay(replies, show, in_thread), LIMIT_S)

    asyncio.run(run())
    return seen


PROGRESS = [Reply("begins"), *(Reply(str(number), edit=True) for number in range(5))]


@pytest.mark.parametrize("slow", [False, True])
@pytest.mark.parametrize("number", range(5))
def test_every_reply_is_shown_and_the_end_is_found(number: int, slow: bool) -> None:
    replies = [Reply(str(each)) for each in range(number)]
    assert shown(iter(replies), slow=slow) == replies


def test_progress_that_nobody_could_see_is_left_out() -> None:
    seen = shown(iter(PROGRESS), slow=True)
    assert [reply.text for reply in seen] == ["begins", "4"]


@pytest.mark.parametrize(
    "kept",
    [Reply("x", edit=True, toast="t"), Reply("x", edit=True, menus=(1,)), Reply("x"), Reply("", (b"p",))],
)
def test_what_would_be_lost_is_not_left_out(kept: Reply) -> None:
    replies = [Reply("first"), kept, Reply("last", edit=True)]
    assert shown(iter(replies), slow=True) == replies


def test_who_cannot_be_shown_anything_ends_the_thinking() -> None:
    settled: List[str] = []

    def replies() -> Iterator[Reply]:
        try:
            for number in range(1000):
                yield Reply(str(number))
        finally:
            settled.append("audited")

    async def run() -> None:
        async def in_thread(work: Callable[..., Any], *arguments: Any) -> Any:
            await asyncio.sleep(0)
            return work(*arguments)

        async def show(reply: Reply) -> None:
            raise ConnectionError("gone")

        await asyncio.wait_for(relay(replies(), show, in_thread), LIMIT_S)

    with pytest.raises(ConnectionError):
        asyncio.run(run())
    assert settled == ["audited"]


def test_an_error_of_the_thinking_comes_out() -> None:
    def replies() -> Iterator[Reply]:
        yield Reply("x")
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        shown(replies(), slow=False)


def test_a_stop_does_not_wait_for_a_thread() -> None:
    async def run() -> None:
        stuck = asyncio.Event()

        async def in_thread(work: Callable[..., Any], *arguments: Any) -> Any:
            stuck.set()
            await asyncio.Event().wait()

        async def show(reply: Reply) -> None:
            raise AssertionError("there is nothing to show")

        task = asyncio.get_running_loop().create_task(relay(iter(PROGRESS), show, in_thread))
        await stuck.wait()
        task.cancel()
        await asyncio.wait({task}, timeout=LIMIT_S)
        assert task.cancelled()

    asyncio.run(run())
