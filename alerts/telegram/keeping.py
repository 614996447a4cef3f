"""Keeps a session with Telegram: finds out whether it answers, and polls while it does."""

from __future__ import annotations

import random
from typing import Awaitable, Callable, Optional

import structlog
import telegram
from telegram.error import Conflict, InvalidToken, RetryAfter, TelegramError

from agent.domain.backoff import Backoff, BackoffSettings
from alerts.telegram.handling import Handlers
from alerts.telegram.limiter import Sleep
from alerts.telegram.polling import Polling
from alerts.telegram.secrecy import Veil
from alerts.telegram.session import Session
from alerts.telegram.trouble import retry_after, verdict

log = structlog.get_logger(__name__)

OnStart = Callable[[telegram.Bot], Awaitable[None]]

_AWAY = BackoffSettings(first_s=1.0, cap_s=30.0)
_REFUSED = BackoffSettings(first_s=30.0, cap_s=300.0)
_RIVAL = BackoffSettings(first_s=5.0, cap_s=60.0)
_BREATH_S = 1.0
_RIVAL_ADVICE = (
    "another program asks Telegram for this bot's messages: stop it, or make a bot of its own with "
    "@BotFather; alerts go out all the same"
)


class Keeper:
    """The two endless coroutines of a session; each line is logged once per change of state."""

    def __init__(self, session: Session, veil: Veil, sleep: Sleep, rng: random.Random) -> None:
        self._session = session
        self._veil = veil
        self._sleep = sleep
        self._rng = rng
        self._told: Optional[str] = None
        self._greeted = False

    async def keep(self, on_start: Optional[OnStart]) -> None:
        """See whether Telegram answers: at the start, and whenever there is doubt."""
        away, refused = Backoff(_AWAY, self._rng), Backoff(_REFUSED, self._rng)
        while True:
            self._session.doubt.clear()
            try:
                await self._session.hello()
            except InvalidToken as error:
                self._lost("Telegram refuses the token", error)
                await self._sleep(refused.next_s())
            except RetryAfter as error:
                await self._sleep(retry_after(error))
            except TelegramError as error:
                self._lost("Telegram unreachable", error)
                await self._sleep(away.next_s())
            else:
                away.reset()
                refused.reset()
                self._tell("Telegram connected")
                self._session.up.set()
                await self._greet(on_start)
                await self._sleep(_BREATH_S)
                await self._session.doubt.wait()

    async def poll(self, polling: Polling, handlers: Handlers, wait_s: int, timeout_s: float) -> None:
        """Ask for updates while Telegram answers."""
        away, rival = Backoff(_AWAY, self._rng), Backoff(_RIVAL, self._rng)
        while True:
            await self._session.up.wait()
            try:
                made_sense = await polling.once(handlers, wait_s, timeout_s)
            except Conflict as error:
                if not rival.failures:
                    log.error(_RIVAL_ADVICE, reason=self._veil.strike(str(error)))
                await self._sleep(rival.next_s())
            except RetryAfter as error:
                await self._sleep(retry_after(error))
            except TelegramError:
                self._session.doubt.set()
                await self._sleep(away.next_s())
            else:
                rival.reset()
                if made_sense:
                    away.reset()
                else:
                    await self._sleep(away.next_s())

    async def _greet(self, on_start: Optional[OnStart]) -> None:
        if self._greeted or on_start is None:
            return
        try:
            await on_start(self._session.bot)
        except TelegramError as error:
            log.warning("the bot is not introduced yet", error=self._veil.strike(str(error)))
        else:
            self._greeted = True

    def _lost(self, event: str, error: TelegramError) -> None:
        self._session.up.clear()
        self._tell(event, str(verdict(error, self._veil.strike)))

    def _tell(self, event: str, reason: Optional[str] = None) -> None:
        if event == self._told:
            return
        self._told = event
        if reason is None:
            log.info(event)
        else:
            log.warning(event, reason=reason)
