"""One chat as it is written to, and what is remembered of that."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Optional

import telegram

from agent.store.alert_messages import AlertMessage
from agent.store.history import PastIncident
from alerts.languages import Texts
from alerts.telegram.plan import IN_SUMMARY
from alerts.telegram.post import Letter, Sent
from alerts.telegram.threads import in_thread
from alerts.telegram.trouble import MessageGoneError
from alerts.telegram.voice import Voice


@dataclass(frozen=True)
class Page:
    """Used on the gateway's loop; its methods raise DeliveryError."""

    voice: Voice
    bot: telegram.Bot
    chat: int
    t: Texts

    def told(self, past: PastIncident) -> Optional[AlertMessage]:
        """What the chat was told of it. Raises StoreError."""
        return self.voice.told.get(past.incident.id, self.chat)

    async def keep(self, past: PastIncident, message_id: int = IN_SUMMARY, picture: bool = False) -> None:
        """The chat knows how the incident stands; the message shows it."""
        incident = past.incident
        message = AlertMessage(incident.id, self.chat, message_id, incident.sequence, picture)
        await in_thread(self.voice.told.put, message)

    async def send(self, letter: Letter, *, loud: bool, reply_to: Optional[int] = None) -> Sent:
        return await self.voice.post.send(self.bot, self.chat, letter, silent=not loud, reply_to=reply_to)

    async def edit(self, letter: Letter, message_id: int, picture: bool = False) -> bool:
        """False where the message is no longer there; `picture` says whether it is a photo."""
        try:
            await self.voice.post.edit(self.bot, self.chat, Sent(message_id, picture), letter)
        except MessageGoneError:
            return False
        return True
