from __future__ import annotations

import subprocess
import sys
import threading
from contextlib import closing
from datetime import datetime, timezone
from pathlib import Path
from typing import Iterator

import pytest

from agent.config.settings import Settings
from agent.domain.incident import Severity
from agent.store.database import Database, open_database
from agent.store.line_counts import StoredLineCounts
from agent.telemetry import Telemetry
from alerts.sinks.mqtt import MqttSink
from alerts.sinks.registry import Surroundings, channels
from alerts.sinks.telegram import TelegramSink
from tests.fakes.clock import FakeClock
from tests.fakes.controls import FakeControls

CAMERA = {"url": "rtsp://cam/1", "location": {"latitude": 1, "longitude": 2}}


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    with closing(open_database(tmp_path / "beffroi.db", FakeClock())) as opened:
        yield opened


def around(database: Database, **sections: object) -> Surroundings:
    clock = FakeClock()
    settings = Settings.model_validate({"cameras": [CAMERA], **sections})
    return Surroundings(settings, clock, database, FakeControls(clock), Telemetry(clock))


def test_a_broker_in_the_configuration_is_a_channel_with_a_board(database: Database) -> None:
    (channel,) = channels(around(database, mqtt={"host": "broker", "min_severity": "high"}))
    assert isinstance(channel.sink, MqttSink)
    assert channel.board is channel.sink
    assert channel.floor is Severity.HIGH


def test_the_city_is_told_since_when_the_device_counts_and_not_since_when_it_runs(database: Database) -> None:
    long_ago = datetime(2020, 1, 1, tzinfo=timezone.utc)
    assert StoredLineCounts(database, FakeClock(long_ago)).since() == long_ago
    (channel,) = channels(around(database, mqtt={"host": "broker"}))
    assert isinstance(channel.sink, MqttSink)
    assert channel.sink._since == long_ago


def test_the_city_is_told_whatever_people_silence(database: Database) -> None:
    (channel,) = channels(around(database, mqtt={"host": "broker"}))
    assert not channel.people


def test_a_bot_in_the_configuration_is_a_channel_that_people_can_silence(database: Database) -> None:
    telegram = {"token": "123456789:" + "x" * 35, "min_severity": "low", "api_url": "http://127.0.0.1:9"}
    (channel,) = channels(around(database, telegram=telegram))
    assert isinstance(channel.sink, TelegramSink)
    assert channel.people
    assert channel.board is None
    assert channel.floor is Severity.LOW
    stop = threading.Event()
    stop.set()
    channel.run(stop)
    assert not channel.sink.ready()


def test_without_a_broker_there_is_nothing_to_run(database: Database) -> None:
    assert channels(around(database)) == []


def test_a_sink_that_is_not_configured_is_not_imported() -> None:
    code = """
import sys, tempfile, pathlib
from agent.clock import SystemClock
from agent.config.settings import Settings
from agent.desk.door import Door
from agent.store.database import open_database
from agent.telemetry import Telemetry
from alerts.sinks.registry import Surroundings, channels
clock = SystemClock()
settings = Settings.model_validate({"cameras": [{"url": "usb:0"}]})
with tempfile.TemporaryDirectory() as folder:
    database = open_database(pathlib.Path(folder) / "beffroi.db", clock)
    channels(Surroundings(settings, clock, database, Door(), Telemetry(clock)))
    database.close()
sys.exit("paho.mqtt.client" in sys.modules or "telegram" in sys.modules)
"""
    assert subprocess.run([sys.executable, "-c", code], timeout=60).returncode == 0
