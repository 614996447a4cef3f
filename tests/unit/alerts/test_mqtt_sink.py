from __future__ import annotations

from dataclasses import replace

import pytest

from agent.config.settings import MqttSettings
from agent.errors import PermanentDeliveryError, TransientDeliveryError
from alerts.city.envelope import Origin
from alerts.sinks.mqtt import MqttSink
from tests.fakes.changes import delivery, opened
from tests.fakes.clock import FakeClock


@pytest.fixture
def sink() -> MqttSink:
    return MqttSink(MqttSettings(host="127.0.0.1"), Origin("town", "tower"), {}, FakeClock())


def test_without_a_connection_a_delivery_is_to_be_tried_again(sink: MqttSink) -> None:
    assert not sink.ready()
    with pytest.raises(TransientDeliveryError, match=r"not connected to the broker 127\.0\.0\.1:1883"):
        sink.deliver(delivery(opened()))


def test_a_change_that_json_cannot_say_does_not_block_the_queue(sink: MqttSink) -> None:
    change = replace(opened(), capture_to_event_ms=float("nan"))
    with pytest.raises(PermanentDeliveryError, match="JSON"):
        sink.deliver(delivery(change))
