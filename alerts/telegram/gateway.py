"""The one connection to Telegram: a loop in a thread that polls, sends, and comes back by itself."""

from __future__ import annotations

import asyncio
import concurrent.futures
import random
import threading
from contextlib import suppress
from typing import Any, Callable, Coroutine, Optional, TypeVar

import telegram
from telegram.error import TelegramError

from agent.config.telegram_settings import TelegramSettings
from agent.errors import TransientDeliveryError
from agent.ports import Clock
from agent.telemetry import Telemetry
from alerts.telegram.handling import Handlers, OnUpdate
from alerts.telegram.keeping import Keeper, OnStart
from alerts.telegram.limiter import PATIENCE_S, Limiter, Sleep, manner
from alerts.telegram.limits import Limits
from alerts.telegram.polling import Polling
from alerts.telegram.secrecy import veil_of
from alerts.telegram.session import Session
from alerts.telegram.tasks import end_all
from alerts.telegram.trouble import verdict

T = TypeVar("T")

_GLANCE_S = 0.1
_GOODBYE_S = 2.0
_NOT_RUNNING = "there is no connection to Telegram"


async def _ignore(bot: telegram.Bot, update: telegram.Update) -> None:
    """What becomes of updates while nobody listens."""


class Gateway:
    """Thread-safe. `run` is the thread's work; `call` sends from any other thread; `listen` comes before."""

    def __init__(
        self,
        settings: TelegramSettings,
        clock: Clock,
        telemetry: Telemetry,
        *,
        rng: Optional[random.Random] = None,
        sleep: Sleep = asyncio.sleep,
    ) -> None:
        self._settings = settings
        self._rng = rng or random.Random()
        self._sleep = sleep
        self._clock = clock
        self._telemetry = telemetry
        self._limits = Limits()
        self.veil = veil_of(settings)
        """Strikes the token out of any text."""
        self._on_start: Optional[OnStart] = None
        self._on_update: OnUpdate = _ignore
        self._door = threading.Lock()
        self._session: Optional[Session] = None

    def listen(self, on_start: OnStart, on_update: OnUpdate) -> None:
        """`on_start` is awaited once connected, `on_update` for each update; both on the gateway's loop."""
        self._on_start, self._on_update = on_start, on_update

    def ready(self) -> bool:
        """True while Telegram answers and takes the token."""
        session = self._session
        return session is not None and session.up.is_set()

    def run(self, stop: threading.Event) -> None:
        """Connect, poll and send, for ever, until `stop` is set."""
        self.veil.draw()
        asyncio.run(self._serve(stop))

    def call(
        self,
        make: Callable[[telegram.Bot], Coroutine[Any, Any, T]],
        timeout_s: float,
        urgent: bool = False,
        patience_s: float = PATIENCE_S,
    ) -> T:
        """Await what `make` makes of the bot on the gateway's loop, `timeout_s` seconds at most.

        `patience_s` is how long each request may wait for its turn within Telegram's limits; urgent ones go
        first. Raises TransientDeliveryError, PermanentDeliveryError, ChatGoneError or ChatMovedError.
        """
        future = self.start(make, urgent, patience_s)
        try:
            return future.result(timeout_s)
        except concurrent.futures.TimeoutError:
            future.cancel()
            raise TransientDeliveryError(f"Telegram took longer than {timeout_s:g} s") from None
        except concurrent.futures.CancelledError:
            raise TransientDeliveryError(_NOT_RUNNING) from None
        except TelegramError as error:
            raise verdict(error, self.veil.strike) from None

    def doubt(self) -> None:
        """Something failed on the way: see whether Telegram still answers. To be called on the loop."""
        session = self._session
        if session is not None:
            session.doubt.set()

    def start(
        self,
        make: Callable[[telegram.Bot], Coroutine[Any, Any, T]],
        urgent: bool = False,
        patience_s: float = PATIENCE_S,
    ) -> concurrent.futures.Future[T]:
        """As `call`, without waiting; raises TransientDeliveryError where there is no connection."""
        with self._door:
            session = self._session
            if session is None:
                raise TransientDeliveryError(_NOT_RUNNING)
            return asyncio.run_coroutine_threadsafe(
                self._work(session, make, urgent, patience_s), session.loop
            )

    async def _work(
        self,
        session: Session,
        make: Callable[[telegram.Bot], Coroutine[Any, Any, T]],
        urgent: bool,
        patience_s: float,
    ) -> T:
        with session.busy(), manner(urgent=urgent, patience_s=patience_s):
            try:
                return await make(session.bot)
            except TelegramError:
                session.doubt.set()
                raise

    async def _serve(self, stop: threading.Event) -> None:
        limiter = Limiter(self._limits, self._clock, self._telemetry, self._sleep)
        session = Session(self._settings, limiter)
        handlers = Handlers(session.bot, self._on_update, self.veil)
        polling = Polling(session.bot, session.polling, session.address, self.veil)
        keeper = Keeper(session, self.veil, self._sleep, self._rng)
        settings = self._settings
        work = [
            session.loop.create_task(keeper.keep(self._on_start)),
            session.loop.create_task(keeper.poll(polling, handlers, settings.poll_s, settings.timeout_s)),
        ]
        self._session = session
        try:
            while not stop.is_set() and not any(task.done() for task in work):
                await asyncio.sleep(_GLANCE_S)
        finally:
            with self._door:
                self._session = None
            await end_all(work)
            await asyncio.gather(handlers.end(_GOODBYE_S), session.idle(_GOODBYE_S))
            if session.up.is_set():
                with suppress(TelegramError):
                    await polling.confirm()
            await session.close()
        for task in work:
            if not task.cancelled():
                task.result()
