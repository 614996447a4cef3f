"""Fetches the photos that people send: 20 MB at most, few at a time."""

from __future__ import annotations

import asyncio
from typing import Optional

import structlog
import telegram
from telegram.error import TelegramError

from agent.errors import DeliveryError
from alerts.bot.incoming import Shown
from alerts.telegram.secrecy import Veil

log = structlog.get_logger(__name__)

MOST_BYTES = 20 * 1024 * 1024
_TOGETHER = 2


class Fetching:
    """Belongs to one loop."""

    def __init__(self, veil: Veil) -> None:
        self._veil = veil
        self._room = asyncio.Semaphore(_TOGETHER)

    async def fetch(self, bot: telegram.Bot, shown: Shown) -> Optional[bytes]:
        """The file; None where it is too large or cannot be had."""
        if shown.size is not None and shown.size > MOST_BYTES:
            return None
        async with self._room:
            try:
                file = await bot.get_file(shown.file)
                if file.file_size is not None and file.file_size > MOST_BYTES:
                    return None
                return bytes(await file.download_as_bytearray())
            except (TelegramError, DeliveryError) as error:
                log.warning("a photo could not be fetched", error=self._veil.strike(str(error)))
                return None
