"""What is published, and the word of the broker that it has it."""

from __future__ import annotations

import json
import threading
from dataclasses import dataclass
from typing import Callable, Mapping, Optional

from agent.errors import DeliveryError, PermanentDeliveryError

CLOUDEVENT = "application/cloudevents+json"
JSON = "application/json"
TEXT = "text/plain"


@dataclass(frozen=True)
class Message:
    """A publication; `content_type` travels with MQTT 5 only."""

    topic: str
    payload: bytes
    content_type: str
    qos: int = 1
    retain: bool = False


def encode(value: Mapping[str, object]) -> bytes:
    """Compact UTF-8 JSON. Raises PermanentDeliveryError for what JSON cannot say (not a number, infinity)."""
    try:
        return json.dumps(value, ensure_ascii=False, allow_nan=False, separators=(",", ":")).encode()
    except ValueError as error:
        raise PermanentDeliveryError(f"cannot be written as JSON: {error}") from error


Then = Callable[[Optional[DeliveryError]], None]
"""Told how a publication ended, in the network's thread or the publisher's: it must not block."""


class Confirmation:
    """Settled once: by the broker's acknowledgement, its refusal, or the loss of the connection."""

    def __init__(self, topic: str, then: Optional[Then] = None) -> None:
        self.topic = topic
        self.settled = threading.Event()
        self.error: Optional[DeliveryError] = None
        self._then = then

    def settle(self, error: Optional[DeliveryError]) -> None:
        """Say how it ended; `then` is called with it, in the caller's thread."""
        self.error = error
        self.settled.set()
        if self._then is not None:
            self._then(error)
