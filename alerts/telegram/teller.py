"""Tells chats of incidents, and sees to those that are gone or have moved."""

from __future__ import annotations

from dataclasses import replace
from typing import List, Optional, Sequence

import structlog
import telegram

from agent.domain.access import Member
from agent.errors import DeliveryError
from agent.store.members import Members
from agent.telemetry import Telemetry
from alerts.languages import texts
from alerts.telegram.news import News
from alerts.telegram.page import Page
from alerts.telegram.round import Round
from alerts.telegram.threads import in_thread
from alerts.telegram.trouble import ChatGoneError, ChatMovedError
from alerts.telegram.voice import Voice

log = structlog.get_logger(__name__)


class Teller:
    """Used on the gateway's loop only."""

    def __init__(self, voice: Voice, members: Members, telemetry: Telemetry) -> None:
        self._voice = voice
        self._members = members
        self._telemetry = telemetry

    async def tell(
        self, bot: telegram.Bot, member: Member, news: Sequence[News]
    ) -> List[Optional[DeliveryError]]:
        """How each ended, in order: None where it was told, need not be or never can be.

        Raises StoreError.
        """
        try:
            page = Page(self._voice, bot, member.chat, texts(member.language))
            return await Round(page).tell(news)
        except ChatMovedError as moved:
            log.info("a group became a supergroup", chat=member.chat, new_chat=moved.new_chat)
            await in_thread(self._members.migrate, member.chat, moved.new_chat)
            return await self.tell(bot, replace(member, chat=moved.new_chat), news)
        except ChatGoneError as gone:
            log.warning("a chat cannot be reached and is told no more", chat=member.chat, reason=gone.why)
            self._telemetry.telegram_unreachable.inc()
            await in_thread(self._members.unreachable, member.chat, gone.why)
            return [None] * len(news)
