"""Makes every request of the bot wait its turn within Telegram's limits, fire first."""

from __future__ import annotations

import asyncio
from contextlib import closing, contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from itertools import count
from typing import Any, Awaitable, Callable, Coroutine, Dict, Iterator, List, Optional, Union

from telegram.error import RetryAfter
from telegram.ext import BaseRateLimiter

from agent.errors import TransientDeliveryError
from agent.ports import Clock
from agent.telemetry import Telemetry
from alerts.telegram.limits import NEVER, Going, Limits
from alerts.telegram.trouble import retry_after

Sleep = Callable[[float], Awaitable[None]]
Answer = Union[bool, Dict[str, Any], List[Dict[str, Any]]]

PATIENCE_S = 60.0
_TRIES = 3
_COUNTED = ("send", "edit")
_FREE = frozenset({"sendChatAction"})

_urgent: ContextVar[bool] = ContextVar("urgent", default=False)
_patience_s: ContextVar[float] = ContextVar("patience_s", default=PATIENCE_S)


@contextmanager
def manner(*, urgent: bool, patience_s: float) -> Iterator[None]:
    """Requests made within are urgent or not, and wait for their turn at most so long."""
    was_urgent, was_patience = _urgent.set(urgent), _patience_s.set(patience_s)
    try:
        yield
    finally:
        _urgent.reset(was_urgent)
        _patience_s.reset(was_patience)


@dataclass(eq=False)
class _Ticket:
    chat: int
    weight: int
    urgent: bool
    number: int
    going: Optional[Going] = None


class Limiter(BaseRateLimiter[None]):
    """Raises TransientDeliveryError with the time to wait where that is longer than the caller's patience.

    Belongs to one loop.
    """

    def __init__(
        self, limits: Limits, clock: Clock, telemetry: Telemetry, sleep: Sleep = asyncio.sleep
    ) -> None:
        self._clock = clock
        self._telemetry = telemetry
        self._sleep = sleep
        self._limits = limits
        self._queue: List[_Ticket] = []
        self._numbers = count()
        self._answered = asyncio.Event()

    async def initialize(self) -> None:
        """See BaseRateLimiter."""

    async def shutdown(self) -> None:
        """See BaseRateLimiter."""

    async def process_request(
        self,
        callback: Callable[..., Coroutine[Any, Any, Answer]],
        args: Any,
        kwargs: Dict[str, Any],
        endpoint: str,
        data: Dict[str, Any],
        rate_limit_args: Optional[None],
    ) -> Answer:
        """See BaseRateLimiter."""
        chat, weight = _chat(data), _weight(endpoint, data)
        deadline = self._clock.monotonic() + _patience_s.get()
        for left in reversed(range(_TRIES)):
            try:
                answer = await self._in_turn(callback(*args, **kwargs), chat or 0, weight, deadline)
            except RetryAfter as error:
                self._telemetry.telegram_held_back.inc()
                now = self._clock.monotonic()
                until = now + retry_after(error)
                self._limits.hold(chat, until, now)
                if not left or until > deadline:
                    raise
                await self._sleep(until - now)
            else:
                self._count(endpoint)
                return answer
        raise AssertionError("the last try returns or raises")

    def _count(self, endpoint: str) -> None:
        if endpoint.startswith(_COUNTED) and endpoint not in _FREE:
            way = "edited" if endpoint.startswith("edit") else "sent"
            self._telemetry.telegram_messages.labels(way).inc()

    async def _in_turn(
        self, request: Coroutine[Any, Any, Answer], chat: int, weight: int, deadline: float
    ) -> Answer:
        with closing(request):
            going = await self._turn(chat, weight, deadline) if weight else None
            try:
                return await request
            finally:
                self._end(going)

    def _end(self, going: Optional[Going]) -> None:
        if going is not None:
            going.answered = self._clock.monotonic()
            self._answered.set()

    async def _turn(self, chat: int, weight: int, deadline: float) -> Going:
        ticket = _Ticket(chat, weight, _urgent.get(), next(self._numbers))
        self._queue.append(ticket)
        self._queue.sort(key=lambda one: (not one.urgent, one.number))
        try:
            while True:
                now = self._clock.monotonic()
                self._grant(now)
                if ticket.going is not None:
                    return ticket.going
                await self._pause(self._wait_s(ticket, now), deadline - now)
        except BaseException:
            if ticket in self._queue:
                self._queue.remove(ticket)
            # Somebody else may have let it go meanwhile.
            self._end(ticket.going)
            raise

    async def _pause(self, wait_s: float, at_most_s: float) -> None:
        if wait_s == NEVER:
            await self._next_answer()
        elif wait_s > at_most_s:
            raise TransientDeliveryError("held back to keep within Telegram's limits", wait_s)
        else:
            await self._sleep(wait_s)

    async def _next_answer(self) -> None:
        """Every request ends, if only by its time-out."""
        self._answered.clear()
        await self._answered.wait()

    def _grant(self, now: float) -> None:
        """Let go all that may, the urgent first, then who came first."""
        for ticket in list(self._queue):
            if self._wait_s(ticket, now) <= 0:
                ticket.going = self._limits.take(ticket.chat, now, ticket.weight)
                self._queue.remove(ticket)

    def _wait_s(self, ticket: _Ticket, now: float) -> float:
        return self._limits.wait_s(ticket.chat, now, ticket.urgent, ticket.weight)


def _chat(data: Dict[str, Any]) -> Optional[int]:
    chat = data.get("chat_id")
    return chat if isinstance(chat, int) else None


def _weight(endpoint: str, data: Dict[str, Any]) -> int:
    """How many messages a request counts for: edits are some, an album's pictures are one each."""
    if not endpoint.startswith(_COUNTED) or endpoint in _FREE:
        return 0
    return len(data["media"]) if endpoint == "sendMediaGroup" else 1
