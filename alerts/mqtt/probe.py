"""Tries the broker once, for `beffroi check --connect`."""

from __future__ import annotations

import uuid

from agent.config.settings import MqttSettings
from agent.ports import Clock
from alerts.mqtt.connection import Connection


def probe(settings: MqttSettings, clock: Clock) -> None:
    """Connect and leave again. Raises TransientDeliveryError saying what is wrong and what to check.

    Under a client id of its own, so that it does not throw out an agent that runs.
    """
    connection = Connection(settings, clock, f"beffroi-check-{uuid.uuid4().hex[:8]}")
    connection.open()
    connection.close()
