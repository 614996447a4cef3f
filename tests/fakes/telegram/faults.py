"""What can go wrong on the way, on demand.

Each is a `Fault` to hand to `TelegramServer.fails`; the refusals of the API itself are in `errors`.
"""

from __future__ import annotations

import asyncio
import threading
from typing import Any, Awaitable, Callable, List, Optional, Sequence, Tuple, Union

from aiohttp import web

from tests.fakes.telegram.errors import ApiError
from tests.fakes.telegram.records import Call

_BAD_GATEWAY = "<html><head><title>502 Bad Gateway</title></head><body>nginx</body></html>"


class Exchange:
    """One request that waits for its answer. `carry_out` does what it asks and returns the true answer."""

    def __init__(
        self, request: web.BaseRequest, call: Call, carry_out: Callable[[], Awaitable[web.Response]]
    ) -> None:
        self.request = request
        self.call = call
        self.carry_out = carry_out
        self.dropped = False

    def drop(self) -> web.StreamResponse:
        """Cut the connection; the answer returned goes nowhere."""
        self.dropped = True
        if self.request.transport is not None:
            self.request.transport.abort()
        return web.Response()


class Fault:
    """Answers a request in the place of the server."""

    async def answer(self, exchange: Exchange) -> web.StreamResponse:
        raise NotImplementedError


class Refused(Fault):
    """The API says no, without carrying the call out."""

    def __init__(self, error: ApiError) -> None:
        self._error = error

    async def answer(self, exchange: Exchange) -> web.StreamResponse:
        exchange.call.error = self._error.description
        return web.json_response(self._error.body(), status=self._error.code)


class Broken(Fault):
    """The server is ill: `status` 5xx with `body`; an HTML page by default, as a gateway sends."""

    def __init__(self, status: int = 502, body: str = _BAD_GATEWAY, content_type: str = "text/html") -> None:
        self._response = (status, body, content_type)

    async def answer(self, exchange: Exchange) -> web.StreamResponse:
        status, body, content_type = self._response
        return web.Response(status=status, text=body, content_type=content_type)


class Garbled(Fault):
    """Carries the call out and answers 200 with something that is no JSON."""

    async def answer(self, exchange: Exchange) -> web.StreamResponse:
        await exchange.carry_out()
        return web.Response(text='{"ok":true,"result":', content_type="application/json")


class Truncated(Fault):
    """Carries the call out and cuts the connection in the middle of the answer."""

    async def answer(self, exchange: Exchange) -> web.StreamResponse:
        whole = (await exchange.carry_out()).body
        assert isinstance(whole, bytes)
        response = web.StreamResponse(headers={"Content-Type": "application/json"})
        response.content_length = len(whole)
        await response.prepare(exchange.request)
        await response.write(whole[: len(whole) // 2])
        transport = exchange.request.transport
        if transport is not None:
            transport.close()
        return response


class Dropped(Fault):
    """Cuts the connection without an answer; with `after` the call was carried out all the same."""

    def __init__(self, *, after: bool = False) -> None:
        self._after = after

    async def answer(self, exchange: Exchange) -> web.StreamResponse:
        if self._after:
            await exchange.carry_out()
        return exchange.drop()


class Hangs(Fault):
    """No answer until `release`, then the true one."""

    def __init__(self) -> None:
        self._reached = threading.Semaphore(0)
        self._waiting: List[Tuple[asyncio.AbstractEventLoop, asyncio.Event]] = []
        self._released = threading.Event()

    async def answer(self, exchange: Exchange) -> web.StreamResponse:
        if not self._released.is_set():
            event = asyncio.Event()
            self._waiting.append((asyncio.get_running_loop(), event))
            self._reached.release()
            await event.wait()
        return await exchange.carry_out()

    def wait_reached(self, timeout_s: float = 5.0) -> None:
        """Until a call hangs; each return stands for one of them."""
        assert self._reached.acquire(timeout=timeout_s), f"no call came in {timeout_s} s"

    def release(self) -> None:
        """Let all go on, those to come too."""
        self._released.set()
        for loop, event in self._waiting:
            loop.call_soon_threadsafe(event.set)


class Slow(Fault):
    """The true answer, `seconds` of real time late."""

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds

    async def answer(self, exchange: Exchange) -> web.StreamResponse:
        await asyncio.sleep(self._seconds)
        return await exchange.carry_out()


Methods = Union[None, str, Sequence[str]]


class Script:
    """One fault and where it strikes; in a `with` block it is lifted at the end."""

    def __init__(self, fault: Fault, methods: Methods, chat: Optional[int], times: Optional[int]) -> None:
        self.fault = fault
        self.hits = 0
        self._methods = {methods} if isinstance(methods, str) else methods
        self._chat = chat
        self._times = times

    def take(self, call: Call) -> bool:
        """Whether it strikes this call; counts it if so."""
        here = self._methods is None or call.method in self._methods
        there = self._chat is None or call.chat == self._chat
        if not (here and there) or (self._times is not None and self.hits >= self._times):
            return False
        self.hits += 1
        return True

    def lift(self) -> None:
        """No further call is struck."""
        self._times = self.hits

    def __enter__(self) -> Script:
        return self

    def __exit__(self, *_: Any) -> None:
        self.lift()
