"""Keeps a connection to the broker for ever, with capped and jittered pauses, and says so once per change."""

from __future__ import annotations

import random
import threading
from typing import Optional

import structlog

from agent.config.settings import MqttSettings
from agent.domain.backoff import Backoff, BackoffSettings
from agent.errors import TransientDeliveryError
from agent.ports import Clock
from alerts.mqtt.client import port
from alerts.mqtt.connection import Connection
from alerts.mqtt.message import TEXT, Confirmation, Message
from alerts.mqtt.retained import Retained

log = structlog.get_logger(__name__)

RECONNECT = BackoffSettings(first_s=1.0, cap_s=60.0)
_INFLIGHT = 10  # the lowest receive maximum among the usual brokers' defaults
_STEADY_S = 10.0
_GLANCE_S = 0.2
_GOODBYE_S = 1.0


class Link:
    """One device's line to the broker; thread-safe.

    `availability` is a retained topic that says `online` from the first moment of every connection and
    `offline` when the link is stopped or, by the last will, when it breaks.
    """

    def __init__(
        self,
        settings: MqttSettings,
        client_id: str,
        availability: str,
        clock: Clock,
        rng: Optional[random.Random] = None,
        reconnect: BackoffSettings = RECONNECT,
    ) -> None:
        self._settings = settings
        self._client_id = client_id
        self._clock = clock
        self._backoff = Backoff(reconnect, rng)
        self._offline = Message(availability, b"offline", TEXT, retain=True)
        self._where = f"{settings.host}:{port(settings)}"
        self._told: Optional[str] = None
        self._retained = Retained()
        self._retained.say(Message(availability, b"online", TEXT, retain=True))
        self._connection: Optional[Connection] = None
        self.inflight = _INFLIGHT
        """How many publications may wait for their acknowledgement together."""

    def ready(self) -> bool:
        """True while the broker lets us in."""
        connection = self._connection
        return connection is not None and not connection.lost.is_set()

    def say(self, message: Message) -> None:
        """Keep a retained message as the last word on its topic: told now, and on every connect."""
        self._retained.say(message)

    def publish(self, message: Message) -> Confirmation:
        """Send it now, or fail now where there is no connection."""
        connection = self._connection
        if connection is not None:
            return connection.publish(message)
        confirmation = Confirmation(message.topic)
        confirmation.settle(TransientDeliveryError(f"not connected to the broker {self._where}"))
        return confirmation

    def abandon(self) -> None:
        """Cut a connection that no longer answers; the link makes a new one."""
        connection = self._connection
        if connection is not None:
            connection.abandon()

    def run(self, stop: threading.Event) -> None:
        """Connect, and connect again for ever, until `stop` is set; then say `offline` and leave."""
        while not stop.is_set():
            connection = Connection(
                self._settings, self._clock, self._client_id, self._offline, inflight=self.inflight
            )
            try:
                connection.open()
            except TransientDeliveryError as error:
                self._tell("broker unreachable", str(error))
            else:
                if connection.receive_maximum < self.inflight:
                    # paho cannot lower its own limit on an open connection.
                    self.inflight = connection.receive_maximum
                    connection.close()
                    continue
                self._serve(connection, stop)
            self._clock.wait(stop, self._backoff.next_s())

    def _serve(self, connection: Connection, stop: threading.Event) -> None:
        since = self._clock.monotonic()
        self._tell("broker connected")
        self._connection = connection
        self._retained.connected(connection)
        try:
            while not connection.lost.is_set() and not self._clock.wait(stop, _GLANCE_S):
                pass
        finally:
            self._retained.disconnected()
            self._connection = None
            if connection.lost.is_set():
                self._tell("broker connection lost", connection.why)
            else:
                self._clock.wait(connection.publish(self._offline).settled, _GOODBYE_S)
            connection.close()
        # Two devices with one client id throw each other out in turn: that must not reset the pauses.
        if self._clock.monotonic() - since >= _STEADY_S:
            self._backoff.reset()

    def _tell(self, event: str, reason: Optional[str] = None) -> None:
        """One line per change of state, however often it is tried."""
        state = f"{event}: {reason}"
        if state == self._told:
            return
        self._told = state
        if reason is None:
            log.info(event, broker=self._where)
        else:
            log.warning(event, broker=self._where, reason=reason)
