"""The fake Bot API server as a test holds it."""

from __future__ import annotations

import contextlib
from datetime import datetime
from typing import Any, Callable, Dict, Iterator, List, Optional, Protocol, TypeVar, Union

from tests.fakes.telegram import asking, editing, menus, sending  # noqa: F401  (registers the methods)
from tests.fakes.telegram.errors import ApiError
from tests.fakes.telegram.faults import Fault, Methods, Refused, Script
from tests.fakes.telegram.groups import Group
from tests.fakes.telegram.http import Http
from tests.fakes.telegram.limits import Limits, busiest, messages_at
from tests.fakes.telegram.menus import scope_key
from tests.fakes.telegram.network import Network
from tests.fakes.telegram.people import Person
from tests.fakes.telegram.records import Call, User
from tests.fakes.telegram.talk import Talk
from tests.fakes.telegram.transcript import transcript, view
from tests.fakes.telegram.world import World

TOKEN = "7000000001:AAFakeTokenOfTheFakeTelegramServer00"

_WAIT_S = 5.0
_FIRST_PERSON = 5_500_000_000  # more than 32 bits, as real ones may be
_RECENT = 20

Where = Union[int, Talk]
_T = TypeVar("_T")


class Clock(Protocol):
    """The part of agent.ports.Clock that is used here."""

    def now(self) -> datetime: ...

    def monotonic(self) -> float: ...


class TelegramServer:
    """A context manager: listening when entered. `clock` dates messages and calls, the real one by default.

    Long polls end by real time, whatever the clock.
    """

    def __init__(self, clock: Optional[Clock] = None, *, token: str = TOKEN) -> None:
        self.world = World(clock.now, clock.monotonic) if clock else World()
        self.token = token
        self._network = Network(lambda: Http(self.world, token))
        self.world.on_update = self._network.wake

    def __enter__(self) -> TelegramServer:
        self._network.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._network.stop()

    @property
    def url(self) -> str:
        """The server's own address; as an HTTP proxy it answers for every host."""
        return f"http://127.0.0.1:{self._network.port}"

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

    def person(
        self,
        name: str,
        *,
        language: Optional[str] = "en",
        username: Optional[str] = None,
        started: bool = True,
    ) -> Person:
        """Somebody with a private chat; before it is `started` (by writing) the bot may not write there."""
        with self.world.changed:
            first, _, last = name.partition(" ")
            number = _FIRST_PERSON + next(self.world.ids)
            user = User(number, first, last_name=last or None, username=username, language_code=language)
            return Person(self.world, user, started=started)

    def group(self, name: str, *members: Person, kind: str = "group") -> Group:
        """A chat of several that the bot is in. `kind`: group, supergroup or channel."""
        with self.world.changed:
            return Group.create(self.world, name, [member.user for member in members], kind)

    def push(self, update: Dict[str, Any]) -> int:
        """Queue any update, however odd; its update_id."""
        with self.world.changed:
            return self.world.queue(update)

    # What the bot did

    def calls(self, method: Methods = None, chat: Optional[Where] = None) -> List[Call]:
        """The requests so far, in order. `method`: a name, or several."""
        names = [method] if isinstance(method, str) else method
        with self.world.changed:
            return [
                call
                for call in self.world.calls
                if (names is None or call.method in names) and _id(chat) in (None, call.chat)
            ]

    def forget_calls(self) -> None:
        """Begin the log of calls anew."""
        with self.world.changed:
            self.world.calls.clear()

    def rate(self, window_s: float, chat: Optional[Where] = None, *, accepted: bool = False) -> int:
        """The most messages asked for (or `accepted`) in any `window_s`, in `chat` or in all."""
        calls = [call for call in self.calls(chat=chat) if call.ok or not accepted]
        return busiest(messages_at(calls), window_s)

    def wait_for(self, enough: Callable[[], _T], timeout_s: float = _WAIT_S) -> _T:
        """What `enough` returns once that is true; asked again after everything that happens."""
        with self.world.changed:
            got = self.world.changed.wait_for(enough, timeout_s)
        recent = [(call.method, call.chat, call.status, call.error) for call in self.calls()[-_RECENT:]]
        assert got, f"not so in {timeout_s} s; the last calls: {recent}"
        return got

    def wait_calls(
        self,
        count: int = 1,
        method: Methods = None,
        chat: Optional[Where] = None,
        timeout_s: float = _WAIT_S,
    ) -> List[Call]:
        """The calls, once `count` of them are done."""

        def done() -> List[Call]:
            calls = [call for call in self.calls(method, chat) if call.done]
            return calls if len(calls) >= count else []

        return self.wait_for(done, timeout_s)

    def wait_taken(self, timeout_s: float = _WAIT_S) -> None:
        """Until the bot has confirmed every update (which it may not have handled yet)."""
        self.wait_for(lambda: not self.world.updates, timeout_s)

    def menu(self, language: str = "", **scope: Any) -> Dict[str, str]:
        """Descriptions by command, as set for a scope: menu("fr", type="chat", chat_id=marie.id)."""
        with self.world.changed:
            commands = self.world.commands.get((scope_key(scope or {"type": "default"}), language), [])
            return {command["command"]: command["description"] for command in commands}

    def transcript(self, chat: Where) -> str:
        """All that a person in `chat` saw, in the order it happened."""
        with self.world.changed:
            return transcript(self.world.chats[_id(chat) or 0])

    def view(self, chat: Where) -> str:
        """What the chat looks like now."""
        with self.world.changed:
            return view(self.world.chats[_id(chat) or 0])

    # What goes wrong

    def fails(
        self,
        fault: Union[Fault, ApiError],
        method: Methods = None,
        chat: Optional[Where] = None,
        *,
        times: Optional[int] = 1,
    ) -> Script:
        """Let the next `times` matching calls meet `fault`; None is until the script is lifted.

        Of several scripts that match, the oldest strikes.
        """
        wrapped = Refused(fault) if isinstance(fault, ApiError) else fault
        script = Script(wrapped, method, _id(chat), times)
        with self.world.changed:
            self._network.http.scripts.append(script)
        return script

    def enforce_limits(self) -> None:
        """From now on answer 429 to what exceeds Telegram's limits (see limits.py)."""
        self._network.http.limits = Limits()

    def goes_down(self) -> None:
        """Refuse connections and cut those that are open."""
        self._network.down()

    def comes_back(self) -> None:
        """Listen again on the same port."""
        self._network.up()

    @contextlib.contextmanager
    def down(self) -> Iterator[None]:
        """Down within the block."""
        self.goes_down()
        try:
            yield
        finally:
            self.comes_back()


def _id(chat: Optional[Where]) -> Optional[int]:
    return chat.id if isinstance(chat, Talk) else chat
