"""Tells one chat of what waited for long in one message, which grows while more of it comes."""

from __future__ import annotations

from typing import Sequence

from agent.store.history import PastIncident
from alerts.telegram.page import Page
from alerts.telegram.summary import Summary


async def catch_up(page: Page, late: Sequence[PastIncident]) -> None:
    """Raises DeliveryError and StoreError; then none of it counts as told."""
    voice = page.voice
    now = voice.clock.monotonic()
    last = voice.summaries.get(page.chat)
    if last is not None and last.takes(late, now):
        pasts = last.with_more(late)
        if await page.edit(voice.summary(pasts, page.t), last.message_id):
            await _keep(page, Summary(last.message_id, last.at, pasts), late)
            return
    pasts = list(late)
    sent = await page.send(voice.summary(pasts, page.t), loud=any(map(voice.loud, late)))
    await _keep(page, Summary(sent.message_id, now, pasts), late)


async def _keep(page: Page, summary: Summary, late: Sequence[PastIncident]) -> None:
    page.voice.summaries[page.chat] = summary
    for past in late:
        await page.keep(past)
