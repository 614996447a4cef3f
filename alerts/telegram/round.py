"""One round of news to one chat: fire first, then what was missed in one message, then the rest."""

from __future__ import annotations

from typing import Coroutine, List, Optional, Sequence

import structlog

from agent.errors import DeliveryError, PermanentDeliveryError, TransientDeliveryError
from alerts.telegram.catching_up import catch_up
from alerts.telegram.limiter import manner
from alerts.telegram.news import News
from alerts.telegram.page import Page
from alerts.telegram.plan import Act, act
from alerts.telegram.story import Story
from alerts.telegram.trouble import ChatGoneError, ChatMovedError

log = structlog.get_logger(__name__)

BUDGET_S = 2.0
URGENT_BUDGET_S = 10.0
"""How long a round goes on telling of lesser kinds, and of fire: what is new meanwhile waits for the next."""
PATIENCE_S = 1.5
URGENT_PATIENCE_S = 10.0
"""How long a message waits for its turn within Telegram's limits; else its turn is in another round."""
LONGEST_S = URGENT_BUDGET_S + URGENT_PATIENCE_S
"""Until the last message of a round has gone out, but for the time that Telegram takes to answer."""


class Round:
    """Used once, on the gateway's loop."""

    def __init__(self, page: Page) -> None:
        self._page = page
        self._clock = page.voice.clock
        self._began = self._clock.monotonic()
        self._trouble: Optional[TransientDeliveryError] = None

    async def tell(self, news: Sequence[News]) -> List[Optional[DeliveryError]]:
        """How each ended, in order: None where it was told or need not be.

        Raises ChatGoneError, ChatMovedError and StoreError.
        """
        outcomes: List[Optional[DeliveryError]] = [None] * len(news)
        acts = [act(one.past, one.transition, self._page.told(one.past), one.late) for one in news]
        own = [number for number, what in enumerate(acts) if what not in (Act.NOTHING, Act.SUMMARISE)]
        late = [number for number, what in enumerate(acts) if what is Act.SUMMARISE]
        for number in [number for number in own if news[number].urgent]:
            outcomes[number] = await self._story(news[number], acts[number])
        if late:
            outcome = await self._try(catch_up(self._page, [news[number].past for number in late]), True)
            for number in late:
                outcomes[number] = outcome
        for number in [number for number in own if not news[number].urgent]:
            outcomes[number] = await self._story(news[number], acts[number])
        return outcomes

    async def _story(self, news: News, what: Act) -> Optional[DeliveryError]:
        budget_s = URGENT_BUDGET_S if news.urgent else BUDGET_S
        if self._clock.monotonic() - self._began > budget_s:
            return self._trouble or TransientDeliveryError("others came first", 0.0)
        return await self._try(Story(self._page, news.past).tell(what), news.urgent)

    async def _try(self, work: Coroutine[None, None, None], urgent: bool) -> Optional[DeliveryError]:
        if self._trouble is not None:
            # What holds for one message holds for the next: not one time-out for each.
            work.close()
            return self._trouble
        try:
            with manner(urgent=urgent, patience_s=URGENT_PATIENCE_S if urgent else PATIENCE_S):
                await work
        except (ChatGoneError, ChatMovedError):
            raise
        except TransientDeliveryError as error:
            self._trouble = error
            return error
        except PermanentDeliveryError as error:
            log.error("a chat was not told", chat=self._page.chat, error=str(error))
            return error
        return None
