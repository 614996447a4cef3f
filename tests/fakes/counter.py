"""The bot at work: gateway, loop and threads, on a reception with a made-up agent behind it."""

from __future__ import annotations

import random
import threading
from types import TracebackType
from typing import Any, Optional, Type, Union

from agent.domain.access import ChatKind, Member, Role
from agent.telemetry import Telemetry
from alerts.bot.app import Bot
from alerts.telegram.gateway import Gateway
from tests.fakes.lobby import Lobby
from tests.fakes.telegram import Group, Person, TelegramServer
from tests.fakes.tower import Sleeper, telegram_settings
from tests.fakes.waiting import until


class Counter:
    """A context manager; `restart` is what a restart of the agent is to people."""

    def __init__(self, lobby: Lobby, server: TelegramServer, **settings: Any) -> None:
        self.lobby = lobby
        self.sleeper = Sleeper(lobby.clock)
        self._settings = telegram_settings(server, **settings)

    def __enter__(self) -> Counter:
        self.start()
        return self

    def __exit__(
        self,
        kind: Optional[Type[BaseException]],
        error: Optional[BaseException],
        trace: Optional[TracebackType],
    ) -> None:
        self.stop()

    def start(self) -> None:
        clock = self.lobby.clock
        self.lobby.restart()
        self.gateway = Gateway(
            self._settings, clock, Telemetry(clock), rng=random.Random(1), sleep=self.sleeper
        )
        self.bot = Bot(self.lobby.reception, self.gateway.veil)
        self.gateway.listen(self.bot.on_start, self.bot.on_update)
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self.gateway.run, args=(self._stopping,), name="gateway")
        self._thread.start()
        until(self.gateway.ready, "the bot is connected")

    def stop(self) -> None:
        self._stopping.set()
        self.sleeper.release()
        self._thread.join(10.0)
        self.bot.close()
        assert not self._thread.is_alive(), "the gateway does not end"

    def restart(self) -> None:
        self.stop()
        self.start()

    def sweep(self) -> None:
        """What happens by itself every few seconds."""
        self.gateway.call(self.bot.sweep, 10.0)

    def admit(self, chat: Union[Person, Group], role: Role = Role.ADMIN, language: str = "en") -> None:
        """Let a chat in; its menu comes with the next start."""
        kind = ChatKind.PRIVATE if isinstance(chat, Person) else ChatKind.GROUP
        title = chat.user.name if isinstance(chat, Person) else "Brigade"
        now = self.lobby.clock.now()
        self.lobby.services.members.admit(Member(chat.id, kind, title, role, language, now, "shell:root"))
