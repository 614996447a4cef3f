"""Passes replies on as they come, the thinking in a thread and the showing on the loop."""

from __future__ import annotations

import asyncio
from typing import Any, Awaitable, Callable, Iterator, Optional

from alerts.bot.call import Reply

InThread = Callable[..., Awaitable[Any]]
"""Runs a function with its arguments in a thread."""


async def relay(
    replies: Iterator[Reply], show: Callable[[Reply], Awaitable[None]], in_thread: InThread
) -> None:
    """Show each reply, but of progress only the latest where showing is slower than thinking.

    Where `show` raises, the thinking ends with its present step, and the error is raised.
    """
    ready: asyncio.Queue[Optional[Reply]] = asyncio.Queue()
    gone = asyncio.Event()
    thinking = asyncio.get_running_loop().create_task(_think(replies, ready, gone, in_thread))
    try:
        reply = await ready.get()
        while reply is not None:
            if ready.empty():
                await show(reply)
                reply = await ready.get()
                continue
            following = ready.get_nowait()
            if following is None or not _supersedes(following, reply):
                await show(reply)
            reply = following
    except asyncio.CancelledError:
        # The agent stops: what a thread is in the middle of is not waited for.
        thinking.cancel()
        raise
    finally:
        gone.set()
        await thinking


async def _think(
    replies: Iterator[Reply],
    ready: asyncio.Queue[Optional[Reply]],
    gone: asyncio.Event,
    in_thread: InThread,
) -> None:
    try:
        while not gone.is_set():
            reply = await in_thread(next, replies, None)
            if reply is None:
                return
            ready.put_nowait(reply)
    finally:
        ready.put_nowait(None)
    # A generator that is left in the middle settles what it owes now, not when it is collected.
    await in_thread(getattr(replies, "close", lambda: None))


def _supersedes(following: Reply, reply: Reply) -> bool:
    """Whether the next reply takes the place of one that nobody has seen yet, and loses nothing by it."""
    progress = reply.edit and not (reply.pictures or reply.toast or reply.menus)
    return progress and following.edit and following.chat == reply.chat
