"""Tells one chat of one incident: its message is edited, answered or followed as it goes on."""

from __future__ import annotations

from typing import Optional

import structlog

from agent.errors import DeliveryError
from agent.store.alert_messages import AlertMessage
from agent.store.history import PastIncident
from alerts.telegram.page import Page
from alerts.telegram.plan import Act, best_pictures, worse_since

log = structlog.get_logger(__name__)


class Story:
    """Each step that cannot be repeated unseen is remembered at once, so that a retry goes on from there."""

    def __init__(self, page: Page, past: PastIncident) -> None:
        self._page = page
        self._past = past

    async def tell(self, act: Act) -> None:
        """Raises DeliveryError and StoreError."""
        told = self._page.told(self._past)
        if told is None or act is Act.OPEN:
            await self._open(loud=self._page.voice.loud(self._past))
        elif act is Act.WORSE:
            await self._worse(told)
        elif act is Act.SHORT:
            await self._page.send(self._page.voice.over(self._past, self._page.t), loud=False)
            await self._page.keep(self._past)
        elif not await self._edited(told):
            await self._reopen(told)
        elif act is Act.FINISH:
            await self._finish(told)
        else:
            await self._page.keep(self._past, told.message_id, told.picture)

    async def _open(self, *, loud: bool, reply_to: Optional[int] = None) -> None:
        """A message of its own, which shows the incident from now on."""
        sent = await self._page.send(
            self._page.voice.whole(self._past, self._page.t), loud=loud, reply_to=reply_to
        )
        await self._page.keep(self._past, sent.message_id, sent.picture)

    async def _worse(self, told: AlertMessage) -> None:
        """An edit makes no sound: a new message takes over."""
        await self._open(loud=True, reply_to=told.message_id)
        letter = self._page.voice.overtaken(self._past, self._page.t)
        try:
            await self._page.edit(letter, told.message_id, told.picture)
        except DeliveryError as error:
            log.info("a former message stays as it was", chat=self._page.chat, error=str(error))

    async def _edited(self, told: AlertMessage) -> bool:
        letter = self._page.voice.whole(self._past, self._page.t, pictures_after=told.sequence)
        return await self._page.edit(letter, told.message_id, told.picture)

    async def _reopen(self, told: AlertMessage) -> None:
        """Somebody deleted the message: what is over needs no other."""
        if self._past.incident.state.closed:
            await self._page.keep(self._past, told.message_id, told.picture)
        else:
            await self._open(loud=False)

    async def _finish(self, told: AlertMessage) -> None:
        page, letter = self._page, self._page.voice.over(self._past, self._page.t)
        # What was never heard to have become worse is heard now, over as it is.
        await page.send(letter, loud=worse_since(self._past, told.sequence), reply_to=told.message_id)
        await page.keep(self._past, told.message_id, told.picture)
        if page.voice.album:
            pictures = best_pictures(self._past)
            try:
                await page.voice.post.album(page.bot, page.chat, pictures, letter.text, told.message_id)
            except DeliveryError as error:
                log.info("an album was left out", chat=page.chat, error=str(error))
