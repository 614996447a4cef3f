from __future__ import annotations

import subprocess
import sys

from agent.config.settings import Settings
from agent.domain.incident import Severity
from alerts.sinks.mqtt import MqttSink
from alerts.sinks.registry import channels
from tests.fakes.clock import FakeClock

CAMERA = {"url": "rtsp://cam/1", "location": {"latitude": 1, "longitude": 2}}


def test_a_broker_in_the_configuration_is_a_channel_with_a_board() -> None:
    settings = Settings.model_validate(
        {"cameras": [CAMERA], "mqtt": {"host": "broker", "min_severity": "high"}}
    )
    (channel,) = channels(settings, FakeClock())
    assert isinstance(channel.sink, MqttSink)
    assert channel.board is channel.sink
    assert channel.floor is Severity.HIGH


def test_without_a_broker_there_is_nothing_to_run() -> None:
    assert channels(Settings.model_validate({"cameras": [CAMERA]}), FakeClock()) == []


def test_a_sink_that_is_not_configured_is_not_imported() -> None:
    code = (
        "import sys; from agent.config.settings import Settings; from agent.clock import SystemClock;"
        "from alerts.sinks.registry import channels;"
        "channels(Settings.model_validate({'cameras': [{'url': 'usb:0'}]}), SystemClock());"
        "sys.exit('paho.mqtt.client' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], timeout=60).returncode == 0
