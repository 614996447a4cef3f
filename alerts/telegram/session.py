"""What one run of the gateway holds open: the bot, its connections, and whether Telegram answers."""

from __future__ import annotations

import asyncio
from contextlib import contextmanager
from typing import Any, Iterator, Optional, Set

from telegram.ext import BaseRateLimiter, ExtBot
from telegram.request import HTTPXRequest

from agent.config.telegram_settings import TelegramSettings

_SENDERS = 32
_POLLERS = 2


class Session:
    """Belongs to the running loop. `up` is set while Telegram answers; `doubt` has that looked into."""

    def __init__(self, settings: TelegramSettings, limiter: Optional[BaseRateLimiter[None]] = None) -> None:
        token = settings.token.get_secret_value()
        base = f"{settings.api_url.rstrip('/')}/bot"
        self.loop = asyncio.get_running_loop()
        self.up = asyncio.Event()
        self.doubt = asyncio.Event()
        # Pools of their own: a poll that hangs must not keep an alert waiting for a connection.
        self._sending = _request(settings, _SENDERS)
        self.polling = _request(settings, _POLLERS)
        self.address = base + token
        """The bot's URL; secret."""
        self.bot: ExtBot[None] = ExtBot(
            token,
            base_url=base,
            base_file_url=f"{settings.api_url.rstrip('/')}/file/bot",
            request=self._sending,
            get_updates_request=self.polling,
            rate_limiter=limiter,
        )
        self._known = False
        self._calls: Set[Optional[asyncio.Task[Any]]] = set()

    async def hello(self) -> None:
        """Ask Telegram who we are; raises TelegramError where it does not say."""
        if self._known:
            await self.bot.get_me()
            return
        await self.bot.initialize()
        # Whoever used the token before may have left one, and with it there is no polling.
        await self.bot.delete_webhook()
        self._known = True

    @contextmanager
    def busy(self) -> Iterator[None]:
        """The running task is a call that the session's end waits for."""
        task = asyncio.current_task()
        self._calls.add(task)
        try:
            yield
        finally:
            self._calls.discard(task)

    async def idle(self, patience_s: float) -> None:
        """Let calls that are under way end, then cancel what still goes on."""
        # One that came in just now becomes a task only here.
        await asyncio.sleep(0)
        calls = {task for task in self._calls if task is not None}
        if calls:
            _, late = await asyncio.wait(calls, timeout=patience_s)
            for task in late:
                task.cancel()

    async def close(self) -> None:
        """Free every connection."""
        await self.bot.shutdown()
        # The bot leaves them open where it was never let in.
        await self._sending.shutdown()
        await self.polling.shutdown()


def _request(settings: TelegramSettings, connections: int) -> HTTPXRequest:
    limit_s = settings.timeout_s
    return HTTPXRequest(
        connection_pool_size=connections,
        connect_timeout=limit_s,
        read_timeout=limit_s,
        write_timeout=limit_s,
        pool_timeout=limit_s,
        media_write_timeout=limit_s,
        proxy=settings.proxy.get_secret_value() if settings.proxy is not None else None,
    )
