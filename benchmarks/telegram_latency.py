"""How soon an incident's picture is on its way to Telegram.

    python -m benchmarks.telegram_latency [INCIDENTS] [CHATS]

Records incidents one after the other, each with a 1280 x 720 picture, and prints how long it took from
before the record (picture and row written and fsynced) until the sendPhoto request had arrived, whole, at a
Bot API server on this machine: of the first of CHATS chats and of the last. Each incident is for chats of
its own, so that Telegram's limit for one chat is never met; that of 30 a second in all holds, and is why
CHATS should be small.
"""

from __future__ import annotations

import sys
import tempfile
import threading
from contextlib import closing
from pathlib import Path
from typing import List

import cv2
import numpy as np

from agent.clock import SystemClock
from agent.config.telegram_settings import TelegramSettings
from agent.domain.access import ChatKind, Member, Role
from agent.domain.incident import Incident, Kind
from agent.store.database import Database, open_database
from agent.store.incidents import SqliteJournal
from agent.store.members import Members
from agent.store.outbox import SqliteOutbox
from agent.store.snapshots import FileSnapshots
from agent.telemetry import Telemetry
from alerts.dispatcher import Dispatcher
from alerts.sinks.telegram import TelegramSink
from alerts.telegram.gateway import Gateway
from alerts.telegram.wording import Place
from tests.fakes.telegram import Person, TelegramServer

_PAUSE_S = 0.2
_PLACES = {"yard": Place("Depot yard", 50.8467, 4.3525)}


def main(incidents: int, chats: int) -> None:
    clock = SystemClock()
    with tempfile.TemporaryDirectory() as made, TelegramServer(clock) as server:
        folder = Path(made)
        with closing(open_database(folder / "beffroi.db", clock)) as database:
            first, last = _measure(incidents, chats, folder, database, server, clock)
    print(f"{incidents} incidents, {chats} chats each")
    for label, took in [("first chat", first), ("last chat", last)]:
        median, high = np.percentile(took, [50, 99])
        print(f"{label}: p50 {median:.0f} ms, p99 {high:.0f} ms, longest {max(took):.0f} ms")


def _measure(
    incidents: int,
    chats: int,
    folder: Path,
    database: Database,
    server: TelegramServer,
    clock: SystemClock,
) -> tuple[List[float], List[float]]:
    settings = TelegramSettings.model_validate({"token": server.token, "api_url": server.url})
    telemetry = Telemetry(clock)
    gateway = Gateway(settings, clock, telemetry)
    sink = TelegramSink(settings, gateway, database, folder, _PLACES, clock, telemetry)
    dispatcher = Dispatcher(sink, SqliteOutbox(database, clock), clock, telemetry)
    journal = SqliteJournal(database, clock, notify=dispatcher.wake)
    snapshots, members = FileSnapshots(folder, clock), Members(database, clock)
    picture = _picture()
    stop, pause = threading.Event(), threading.Event()
    threads = [threading.Thread(target=run, args=(stop,)) for run in (sink.run, dispatcher.run)]
    for thread in threads:
        thread.start()
    first: List[float] = []
    last: List[float] = []
    told: List[Person] = []
    try:
        while not sink.ready():
            pause.wait(0.05)
        for number in range(incidents):
            for person in told:
                members.set_alerts(person.id, False)
            told = [server.person(f"P{number}-{chat}") for chat in range(chats)]
            for person in told:
                now = clock.now()
                members.admit(Member(person.id, ChatKind.PRIVATE, "P", Role.VIEWER, "en", now, "benchmark"))
            pause.wait(_PAUSE_S)
            began = clock.monotonic()
            change = Incident.open(f"i{number}", "yard", Kind.FIRE, clock.now(), 0.9)
            ref = snapshots.save(change.incident.id, 1, annotated=picture, clean=picture)
            journal.record(change, ref, ["telegram"])
            calls = server.wait_calls((number + 1) * chats, "sendPhoto")[number * chats :]
            arrived = sorted(1000 * (call.at - began) for call in calls)
            first.append(arrived[0])
            last.append(arrived[-1])
    finally:
        stop.set()
        dispatcher.wake()
        for thread in threads:
            thread.join()
    return first, last


def _picture() -> bytes:
    pixels = np.random.default_rng(0).integers(0, 255, (720, 1280, 3), dtype=np.uint8)
    return bytes(cv2.imencode(".jpg", cv2.GaussianBlur(pixels, (5, 5), 2))[1])


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 200, int(sys.argv[2]) if len(sys.argv) > 2 else 5)
