"""The fake Bot API server: a loop in a thread of its own, and what a test asks of it."""

from __future__ import annotations

import asyncio
import contextlib
import threading
from datetime import datetime
from typing import Any, Callable, Iterator, List, Optional, Protocol

from aiohttp import web

from tests.fakes.telegram import asking, editing, menus, sending  # noqa: F401  (registers the methods)
from tests.fakes.telegram.errors import ApiError
from tests.fakes.telegram.faults import Fault, Methods, Refused, Script
from tests.fakes.telegram.http import Http
from tests.fakes.telegram.limits import Limits, busiest, messages_at
from tests.fakes.telegram.menus import scope_key
from tests.fakes.telegram.people import Group, Person
from tests.fakes.telegram.transcript import transcript, view
from tests.fakes.telegram.world import Call, User, World

TOKEN = "7000000001:AAFakeTokenOfTheFakeTelegramServer00"
_WAIT_S = 5.0
_SHUTDOWN_S = 1.0


class Clock(Protocol):
    """The part of agent.ports.Clock that is used here."""

    def now(self) -> datetime: ...

    def monotonic(self) -> float: ...


class TelegramServer:
    """A context manager: listening when entered. `clock` dates messages and calls; the real one by default."""

    def __init__(self, clock: Optional[Clock] = None, *, token: str = TOKEN) -> None:
        self.world = World(clock.now, clock.monotonic) if clock else World()
        self.token = token
        self.port = 0
        self._scripts: List[Script] = []
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="fake-telegram", daemon=True)
        self._http: Http
        self._server: web.Server
        self._socket: Optional[asyncio.AbstractServer] = None

    def __enter__(self) -> TelegramServer:
        self._thread.start()
        self._do(self._start())
        return self

    def __exit__(self, *_: object) -> None:
        self._do(self._close())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(_WAIT_S)
        self._loop.close()

    @property
    def url(self) -> str:
        """The server's own address."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def base_url(self) -> str:
        """What python-telegram-bot calls base_url."""
        return f"{self.url}/bot"

    @property
    def base_file_url(self) -> str:
        """What python-telegram-bot calls base_file_url."""
        return f"{self.url}/file/bot"

    @property
    def violations(self) -> List[str]:
        """Calls that no correct client makes; a test holds that it is empty."""
        return self.world.violations

    # People and chats

    def person(self, name: str, *, language: Optional[str] = "en", username: Optional[str] = None) -> Person:
        """Somebody with a private chat with the bot."""
        with self.world.changed:
            id = 1000 + next(self.world.ids)
            first, _, last = name.partition(" ")
            user = User(id, first, last_name=last or None, username=username, language_code=language)
            return Person(self.world, user)

    def group(self, name: str, *members: Person, kind: str = "group") -> Group:
        """A chat of several that the bot is in. `kind`: group, supergroup or channel."""
        with self.world.changed:
            return Group.create(self.world, name, members, kind)

    def push(self, update: Any) -> int:
        """Queue any update, however odd; its update_id."""
        with self.world.changed:
            return self.world.push(update)

    # What the bot did

    def calls(self, method: Methods = None, chat: Optional[int] = None) -> List[Call]:
        """The requests so far, in order. `method`: a name, or several."""
        names = [method] if isinstance(method, str) else method
        with self.world.changed:
            return [
                call
                for call in self.world.calls
                if (names is None or call.method in names) and chat in (None, call.chat)
            ]

    def rate(self, window_s: float, chat: Optional[int] = None, *, accepted: bool = False) -> int:
        """The most messages asked for (or `accepted`) in any `window_s`, in `chat` or in all."""
        calls = [call for call in self.calls(chat=chat) if not accepted or call.status == 200]
        return busiest(messages_at(calls), window_s)

    def wait_for(self, enough: Callable[[], Any], timeout_s: float = _WAIT_S) -> Any:
        """What `enough` returns once that is true; asked again after everything that happens."""
        with self.world.changed:
            got = self.world.changed.wait_for(enough, timeout_s)
        seen = [(call.method, call.chat, call.status, call.error) for call in self.calls()[-20:]]
        assert got, f"not so in {timeout_s} s; the last calls: {seen}"
        return got

    def wait_calls(self, count: int = 1, method: Methods = None, chat: Optional[int] = None) -> List[Call]:
        """The calls, once there are `count` that were answered."""

        def answered() -> List[Call]:
            calls = [call for call in self.calls(method, chat) if call.status is not None]
            return calls if len(calls) >= count else []

        found: List[Call] = self.wait_for(answered)
        return found

    def menu(self, language: str = "", **scope: Any) -> List[str]:
        """The commands that were set for a scope: menu("fr", type="chat", chat_id=1)."""
        with self.world.changed:
            key = (scope_key(scope or {"type": "default"}), language)
            return [command["command"] for command in self.world.commands.get(key, [])]

    def transcript(self, chat: Any) -> str:
        """All that a person in `chat` (id, Person or Group) saw, in the order it happened."""
        with self.world.changed:
            return transcript(self.world, self.world.chats[getattr(chat, "id", chat)])

    def view(self, chat: Any) -> str:
        """What the chat looks like now."""
        with self.world.changed:
            return view(self.world, self.world.chats[getattr(chat, "id", chat)])

    # What goes wrong

    def fails(
        self,
        fault: "Fault | ApiError",
        method: Methods = None,
        chat: Any = None,
        *,
        times: Optional[int] = 1,
    ) -> Script:
        """Let the next `times` matching calls meet `fault`; None is until the script is lifted."""
        wrapped = Refused(fault) if isinstance(fault, ApiError) else fault
        script = Script(wrapped, method, getattr(chat, "id", chat), times)
        self._scripts.append(script)
        return script

    def enforce_limits(self) -> None:
        """From now on answer 429 to what exceeds Telegram's limits (see limits.py)."""
        self._http.limits = Limits()

    def goes_down(self) -> None:
        """Refuse connections and cut those that are open."""
        self._do(self._close())

    def comes_back(self) -> None:
        """Listen again on the same port."""
        self._do(self._listen())

    @contextlib.contextmanager
    def down(self) -> Iterator[None]:
        """Down within the block."""
        self.goes_down()
        try:
            yield
        finally:
            self.comes_back()

    def _do(self, work: Any) -> None:
        asyncio.run_coroutine_threadsafe(work, self._loop).result(_WAIT_S)

    async def _start(self) -> None:
        self._http = Http(self.world, self.token, self._scripts)
        self.world.on_update = lambda: self._loop.call_soon_threadsafe(self._http.polls.wake)
        await self._listen()

    async def _listen(self) -> None:
        self._server = web.Server(self._http.handle, handler_cancellation=True, access_log=None)
        self._socket = await self._loop.create_server(self._server, "127.0.0.1", self.port)
        self.port = self._socket.sockets[0].getsockname()[1]

    async def _close(self) -> None:
        if self._socket is None:
            return
        self._socket.close()
        self._socket = None
        for connection in self._server.connections:
            if connection.transport is not None:
                connection.transport.abort()
        await self._server.shutdown(_SHUTDOWN_S)
