"""The real python-telegram-bot, and plain HTTP where it is too well-behaved."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import Any, Awaitable, Callable, Dict, Optional

import cv2
import httpx
import numpy as np
from telegram import Bot
from telegram.error import RetryAfter
from telegram.request import HTTPXRequest

from tests.fakes.telegram import TelegramServer


def picture(width: int = 640, height: int = 360, ending: str = ".jpg") -> bytes:
    """An encoded grey picture."""
    grey = np.full((height, width, 3), 128, np.uint8)
    encoded, data = cv2.imencode(ending, grey)
    assert encoded
    return bytes(data.tobytes())


def with_bot(server: TelegramServer, work: Callable[[Bot], Awaitable[Any]], **changes: Any) -> Any:
    """What `work` makes of a Bot that talks to `server`. `changes` are arguments of Bot."""

    async def run() -> Any:
        options: Dict[str, Any] = {
            "token": server.token,
            "base_url": server.base_url,
            "base_file_url": server.base_file_url,
            "request": HTTPXRequest(connection_pool_size=4, read_timeout=5),
        }
        bot = Bot(**{**options, **changes})
        async with bot._request[0], bot._request[1]:  # what initialize() does, without its getMe
            return await work(bot)

    return asyncio.run(run())


def seconds(error: RetryAfter) -> float:
    """How long to wait, an int before 22.2 and a timedelta since."""
    wait: Any = error.retry_after
    return wait.total_seconds() if isinstance(wait, timedelta) else float(wait)


def raw(server: TelegramServer, method: str, token: Optional[str] = None, **parameters: Any) -> Any:
    """The JSON answer to a POST with a JSON body."""
    url = f"{server.base_url}{server.token if token is None else token}/{method}"
    with plain() as http:
        return http.post(url, json=parameters).json()


def plain() -> httpx.Client:
    """A client that spends no time on certificates."""
    return httpx.Client(trust_env=False, verify=False)
