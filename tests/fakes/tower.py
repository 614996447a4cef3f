"""A device's way out to Telegram: store, dispatcher, sink and gateway, on a fake clock."""

from __future__ import annotations

import asyncio
import random
import threading
from datetime import timezone
from pathlib import Path
from types import TracebackType
from typing import Any, List, Mapping, Optional, Tuple, Type, Union

from agent.config.telegram_settings import TelegramSettings
from agent.domain.access import ChatKind, Member, Role
from agent.domain.incident import Change
from agent.ports import SnapshotRef
from agent.store.database import open_database
from agent.store.history import History
from agent.store.incidents import SqliteJournal
from agent.store.members import Members
from agent.store.outbox import SqliteOutbox
from agent.store.snapshots import FileSnapshots
from agent.telemetry import Telemetry
from alerts.dispatcher import Dispatcher
from alerts.sinks.telegram import TelegramSink
from alerts.telegram.gateway import Gateway
from alerts.telegram.wording import Place
from tests.fakes.clock import FakeClock
from tests.fakes.pictures import jpeg
from tests.fakes.telegram import Group, Person, TelegramServer
from tests.fakes.waiting import until

PLACES = {"yard": Place("Depot yard", 50.846700, 4.352500), "hall": Place("Town hall")}


class Sleeper:
    """Sleeps without taking time: passes the clock's, or once held waits until `wake` has passed enough."""

    def __init__(self, clock: FakeClock) -> None:
        self._clock = clock
        self._held = False
        self._waiting: List[Tuple[float, asyncio.AbstractEventLoop, asyncio.Event]] = []

    async def __call__(self, seconds: float) -> None:
        due = self._clock.monotonic() + seconds
        if self._held:
            event = asyncio.Event()
            self._waiting.append((due, asyncio.get_running_loop(), event))
            await event.wait()
        await asyncio.sleep(0)
        self._clock.advance(max(0.0, due - self._clock.monotonic()))

    def hold(self) -> None:
        """From now on time passes by `wake` only."""
        self._held = True

    def release(self) -> None:
        """Wake all, and pass time again."""
        self._held = False
        self._wake(float("inf"))

    def wake(self, seconds: float) -> bool:
        """Pass time, and wake those that have slept long enough; always true."""
        self._clock.advance(seconds)
        self._wake(self._clock.monotonic())
        return True

    def _wake(self, now: float) -> None:
        for sleeping in list(self._waiting):
            due, loop, event = sleeping
            if due <= now:
                self._waiting.remove(sleeping)
                loop.call_soon_threadsafe(event.set)


class Tower:
    """A context manager; `deliver` tells what was recorded, in the caller's thread."""

    def __init__(
        self,
        folder: Path,
        server: TelegramServer,
        clock: FakeClock,
        places: Mapping[str, Place] = PLACES,
        **settings: Any,
    ) -> None:
        self.folder = folder
        self.clock = clock
        self.sleeper = Sleeper(clock)
        self.settings = telegram_settings(server, **settings)
        self.telemetry = Telemetry(clock)
        self.database = open_database(folder / "beffroi.db", clock)
        self.outbox = SqliteOutbox(self.database, clock)
        self.history = History(self.database)
        self.members = Members(self.database, clock)
        self.journal = SqliteJournal(self.database, clock)
        self._snapshots = FileSnapshots(folder, clock)
        self._places = places

    def __enter__(self) -> Tower:
        self.start()
        return self

    def __exit__(
        self,
        kind: Optional[Type[BaseException]],
        error: Optional[BaseException],
        trace: Optional[TracebackType],
    ) -> None:
        self.stop()
        self.database.close()

    def start(self, wait: bool = True) -> None:
        """A new gateway and sink on the database as it is."""
        self.gateway = Gateway(
            self.settings, self.clock, self.telemetry, rng=random.Random(1), sleep=self.sleeper
        )
        self.sink = TelegramSink(
            self.settings,
            self.gateway,
            self.database,
            self.folder,
            self._places,
            self.clock,
            self.telemetry,
            timezone.utc,
        )
        self.outbox.release()
        self._dispatcher = Dispatcher(
            self.sink, self.outbox, self.clock, self.telemetry, rng=random.Random(2)
        )
        self.stopping = threading.Event()
        self._thread = threading.Thread(target=self.sink.run, args=(self.stopping,), name="gateway")
        self._thread.start()
        if wait:
            self.wait_ready()

    def stop(self) -> None:
        self.stopping.set()
        self.sleeper.release()
        self._thread.join(10.0)
        assert not self._thread.is_alive(), "the gateway does not end"

    def restart(self) -> None:
        self.stop()
        self.start()

    def wait_ready(self, ready: bool = True) -> None:
        until(lambda: self.sink.ready() is ready, f"ready is {ready}")

    def admit(self, chat: Union[Person, Group], language: str = "en", role: Role = Role.VIEWER) -> None:
        """Let a chat in."""
        kind = ChatKind.PRIVATE if isinstance(chat, Person) else ChatKind.GROUP
        title = chat.user.name if isinstance(chat, Person) else "Brigade"
        self.members.admit(Member(chat.id, kind, title, role, language, self.clock.now(), "test"))
        if isinstance(chat, Person):
            self.members.remember(chat.id, title)

    def record(self, change: Change, picture: Optional[bytes] = None) -> Change:
        """Store a change, with a picture of its own where it has one (none: b"")."""
        data = jpeg(shade=16 * change.incident.sequence % 256) if picture is None else picture
        snapshot: Optional[SnapshotRef] = None
        if data:
            snapshot = self._snapshots.save(
                change.incident.id, change.incident.sequence, annotated=data, clean=data
            )
        self.journal.record(change, snapshot, ["telegram"])
        return change

    def deliver(self, within_s: float = 300.0) -> None:
        """Tell until nothing waits; time passes by itself where something is to be tried again later."""
        end = self.clock.monotonic() + within_s
        while self.outbox.depth().pending:
            assert self.clock.monotonic() < end, f"something still waits after {within_s} s"
            if not self.once():
                self.clock.advance(0.5)

    def once(self) -> bool:
        """One round of the dispatcher; false where nothing was due."""
        return self._dispatcher._round(self.stopping)


def telegram_settings(server: TelegramServer, **settings: Any) -> TelegramSettings:
    """Those of a bot at this server."""
    return TelegramSettings.model_validate(
        {"token": server.token, "api_url": server.url, "poll_s": 5, "timeout_s": 2.0, **settings}
    )
