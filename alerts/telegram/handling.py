"""Runs the handler for each update: side by side, each person's messages in order, never too many at once."""

from __future__ import annotations

import asyncio
from typing import Awaitable, Callable, Dict, Optional, Set, Tuple

import structlog
import telegram

from alerts.telegram.secrecy import Veil

log = structlog.get_logger(__name__)

MOST = 64
"""Updates being handled together; more wait at Telegram."""

OnUpdate = Callable[[telegram.Bot, telegram.Update], Awaitable[None]]
_Who = Tuple[Optional[int], Optional[int]]


class Handlers:
    """Belongs to one loop. A handler that raises is logged and ends nothing but itself."""

    def __init__(self, bot: telegram.Bot, on_update: OnUpdate, veil: Veil) -> None:
        self._bot = bot
        self._on_update = on_update
        self._veil = veil
        self._room = asyncio.Semaphore(MOST)
        self._tasks: Set[asyncio.Task[None]] = set()
        self._last: Dict[_Who, asyncio.Task[None]] = {}

    async def begin(self, update: telegram.Update) -> None:
        """Start handling it; waits while too many are being handled."""
        await self._room.acquire()
        who = _who(update)
        # A button must not wait for a long conversation: only messages keep their order.
        before = self._last.get(who) if update.callback_query is None else None
        task = asyncio.get_running_loop().create_task(self._handle(update, before))
        self._tasks.add(task)
        if update.callback_query is None:
            self._last[who] = task
        task.add_done_callback(lambda done: self._ended(done, who))

    async def end(self, patience_s: float) -> None:
        """Let those that run end, then cancel what still does."""
        if self._tasks:
            _, late = await asyncio.wait(set(self._tasks), timeout=patience_s)
            for task in late:
                task.cancel()
            if late:
                await asyncio.wait(late)

    async def _handle(self, update: telegram.Update, before: Optional[asyncio.Task[None]]) -> None:
        if before is not None:
            await asyncio.wait({before})
        try:
            await self._on_update(self._bot, update)
        except Exception as error:  # noqa: BLE001 - what a handler did not foresee must not end the polling
            log.error("a message could not be answered", traceback=self._veil.story(error))

    def _ended(self, task: asyncio.Task[None], who: _Who) -> None:
        self._tasks.discard(task)
        self._room.release()
        if self._last.get(who) is task:
            del self._last[who]


def _who(update: telegram.Update) -> _Who:
    chat, user = update.effective_chat, update.effective_user
    return (chat.id if chat else None, user.id if user else None)
