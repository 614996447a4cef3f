"""The server's sockets and its loop in a thread of its own; down and up again on the same port."""

from __future__ import annotations

import asyncio
import threading
from typing import Any, Callable, Coroutine, Optional

from aiohttp import web

from tests.fakes.telegram.http import Http

_WAIT_S = 5.0
_SHUTDOWN_S = 1.0


class Network:
    """Started by `start`. `make` builds the handler, on the loop; `port` is known afterwards."""

    def __init__(self, make: Callable[[], Http]) -> None:
        self.port = 0
        self.http: Http
        self._make = make
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="fake-telegram", daemon=True)
        self._server: web.Server
        self._listening: Optional[asyncio.AbstractServer] = None

    def start(self) -> None:
        self._thread.start()
        self._do(self._begin())

    def stop(self) -> None:
        """Cut everything; for good."""
        self.down()
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(_WAIT_S)
        self._loop.close()

    def wake(self) -> None:
        """An open poll has something to answer; from any thread."""
        if not self._loop.is_closed():
            self._loop.call_soon_threadsafe(self.http.wake)

    def down(self) -> None:
        """Refuse connections and cut those that are open."""
        self._do(self._close())

    def up(self) -> None:
        """Listen again."""
        self._do(self._listen())

    def _do(self, work: Coroutine[Any, Any, None]) -> None:
        asyncio.run_coroutine_threadsafe(work, self._loop).result(_WAIT_S)

    async def _begin(self) -> None:
        self.http = self._make()
        await self._listen()

    async def _listen(self) -> None:
        self._server = web.Server(self.http.handle, handler_cancellation=True, access_log=None)
        self._listening = listening = await self._loop.create_server(self._server, "127.0.0.1", self.port)
        self.port = listening.sockets[0].getsockname()[1]

    async def _close(self) -> None:
        if self._listening is None:
            return
        self._listening.close()
        self._listening = None
        for connection in self._server.connections:
            if connection.transport is not None:
                connection.transport.abort()
        await self._server.shutdown(_SHUTDOWN_S)
