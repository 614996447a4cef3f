"""The bot as a sink puts it together."""

from __future__ import annotations

import threading
from contextlib import closing
from pathlib import Path

from agent.config.settings import Settings
from agent.domain.access import ChatKind, Member, Role
from agent.store.database import open_database
from agent.store.members import Members
from agent.telemetry import Telemetry
from alerts.sinks.registry import Surroundings, channels
from tests.fakes.clock import FakeClock
from tests.fakes.controls import FakeControls
from tests.fakes.telegram.server import TelegramServer
from tests.fakes.waiting import until


def test_a_configured_bot_answers_and_ends_with_its_channel(tmp_path: Path) -> None:
    clock = FakeClock()
    with TelegramServer(clock) as server, closing(open_database(tmp_path / "b.db", clock)) as database:
        anna = server.person("Anna")
        member = Member(anna.id, ChatKind.PRIVATE, "Anna", Role.ADMIN, "en", clock.now(), "shell:root")
        Members(database, clock).admit(member)
        settings = Settings.model_validate(
            {
                "cameras": [{"id": "yard", "url": "usb:0", "location": {"latitude": 1, "longitude": 2}}],
                "telegram": {"token": server.token, "api_url": server.url},
            }
        )
        around = Surroundings(settings, clock, database, FakeControls(clock), Telemetry(clock))
        (channel,) = channels(around)
        assert channel.people
        stop = threading.Event()
        thread = threading.Thread(target=channel.run, args=(stop,))
        thread.start()
        try:
            assert "not set up" in anna.asks("/enrol Zo").text
        finally:
            stop.set()
            thread.join(10.0)
        until(lambda: not any(each.name.startswith("bot") for each in threading.enumerate()), "they end")
