"""Asks Telegram for what people wrote and pressed; nothing is confirmed before its handling has begun."""

from __future__ import annotations

import json
from typing import Any, Dict, List, Optional, Tuple
from urllib.parse import urlencode

import structlog
import telegram
from telegram.request import BaseRequest

from alerts.telegram.handling import Handlers
from alerts.telegram.secrecy import Veil

log = structlog.get_logger(__name__)

ASKED_FOR = ["message", "callback_query", "my_chat_member"]
_GOODBYE_S = 2.0


class Polling:
    """`address` is the bot's URL, secret; raises telegram.error.TelegramError as requests do."""

    def __init__(self, bot: telegram.Bot, request: BaseRequest, address: str, veil: Veil) -> None:
        self._bot = bot
        self._request = request
        self._address = address
        self._veil = veil
        self._offset = 0

    async def once(self, handlers: Handlers, wait_s: int, timeout_s: float) -> bool:
        """Wait up to `wait_s` for news and begin to handle it; false where it made no sense."""
        news = await self._ask({"timeout": wait_s}, wait_s + timeout_s)
        before = self._offset
        for item in news:
            number, update = self._read(item)
            if number is None or number < self._offset:
                continue
            if update is not None:
                await handlers.begin(update)
            self._offset = number + 1
        return not news or self._offset > before

    async def confirm(self) -> None:
        """Say goodbye: without it, the next start would be given once more what was handled by now."""
        if self._offset:
            await self._ask({"timeout": 0, "limit": 1}, _GOODBYE_S)

    async def _ask(self, values: Dict[str, int], read_s: float) -> List[Any]:
        # Not Bot.get_updates: one update that it cannot read would hide the whole batch, for ever.
        query = {**values, "offset": self._offset, "allowed_updates": json.dumps(ASKED_FOR)}
        answer = await self._request.post(
            f"{self._address}/getUpdates?{urlencode(query)}", read_timeout=read_s
        )
        return answer if isinstance(answer, list) else []

    def _read(self, item: Any) -> Tuple[Optional[int], Optional[telegram.Update]]:
        number = item.get("update_id") if isinstance(item, dict) else None
        if not isinstance(number, int):
            return None, None
        try:
            return number, telegram.Update.de_json(item, self._bot)
        except Exception as error:  # noqa: BLE001 - anybody can write to the bot, and the parser trusts it
            log.warning(
                "an update cannot be read and is left out", reason=self._veil.strike(repr(error))[:200]
            )
            return number, None
