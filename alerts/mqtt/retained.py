"""The last word on each retained topic: kept, said again on every connect, never queued twice."""

from __future__ import annotations

import threading
from typing import Dict, Optional, Set

import structlog
from typing_extensions import Protocol

from agent.errors import DeliveryError, PermanentDeliveryError
from alerts.mqtt.message import Confirmation, Message, Then

log = structlog.get_logger(__name__)


class Line(Protocol):
    """What of a connection is used here."""

    def publish(self, message: Message, then: Optional[Then] = None) -> Confirmation: ...


class Retained:
    """Thread-safe. At most one publication per topic is in flight; a newer word waits for it, alone.

    Nothing is published while the lock is held: paho takes locks of its own around callbacks.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._last: Dict[str, Message] = {}
        self._flying: Set[str] = set()
        self._connection: Optional[Line] = None

    def say(self, message: Message) -> None:
        """From now on this is the word on its topic."""
        with self._lock:
            self._last[message.topic] = message
        self._push(message.topic)

    def connected(self, connection: Line) -> None:
        """Say everything again on a new connection, in the order in which the topics first came up."""
        with self._lock:
            self._connection = connection
            self._flying.clear()
            topics = list(self._last)
        for topic in topics:
            self._push(topic)

    def disconnected(self) -> None:
        """There is nobody to tell until the next connect."""
        with self._lock:
            self._connection = None

    def _push(self, topic: str) -> None:
        with self._lock:
            connection = self._connection
            if connection is None or topic in self._flying:
                return
            self._flying.add(topic)
            message = self._last[topic]
        connection.publish(message, lambda error: self._landed(connection, message, error))

    def _landed(self, connection: Line, message: Message, error: Optional[DeliveryError]) -> None:
        with self._lock:
            if connection is not self._connection:
                return
            self._flying.discard(message.topic)
            newer = error is None and self._last[message.topic] is not message
        if isinstance(error, PermanentDeliveryError):
            log.warning("status not published", error=str(error))
        if newer:
            self._push(message.topic)
