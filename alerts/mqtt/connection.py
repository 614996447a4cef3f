"""One connection to a broker, from CONNECT to its loss; a new one is made for every reconnect.

A paho client that outlives its connection keeps what was in flight and sends it again. Here that is the
outbox's business, so client and memory end with the connection.
"""

from __future__ import annotations

import contextlib
import socket
import threading
from typing import Any, Optional

from paho.mqtt.client import Client
from paho.mqtt.enums import MQTTErrorCode
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties
from paho.mqtt.reasoncodes import ReasonCode

from agent.config.settings import MqttSettings
from agent.errors import TransientDeliveryError
from agent.ports import Clock
from alerts.mqtt import trouble
from alerts.mqtt.acknowledgements import Acknowledgements
from alerts.mqtt.client import acknowledge_at_once, build, port
from alerts.mqtt.message import Confirmation, Message, Then

_GOODBYE_S = 1.0
_NO_LIMIT = 65535


class Connection:
    """Thread-safe, but for open() and close(), which belong to the thread that made it.

    `lost` is set when the connection is over, and `why` then says why.
    """

    def __init__(
        self,
        settings: MqttSettings,
        clock: Clock,
        client_id: str,
        will: Optional[Message] = None,
        inflight: int = 10,
    ) -> None:
        self._settings = settings
        self._clock = clock
        self._client_id = client_id
        self._will = will
        self._inflight = inflight
        self._client: Optional[Client] = None
        self._answered = threading.Event()
        self._refusal: Optional[str] = None
        self._acknowledgements = Acknowledgements()
        self.lost = threading.Event()
        self.why = ""
        self.receive_maximum = _NO_LIMIT
        """How many unacknowledged messages the broker allows; known once open."""

    def open(self) -> None:
        """Connect and wait until the broker has let us in. Raises TransientDeliveryError saying why not."""
        settings = self._settings
        try:
            client = self._client = build(settings, self._client_id, self._will, self._inflight)
            client.on_connect = self._on_connect
            client.on_disconnect = self._on_disconnect
            client.on_publish = self._on_publish
            client.connect(settings.host, port(settings), settings.keepalive_s)
        except (OSError, ValueError) as error:
            self._forget()
            raise TransientDeliveryError(trouble.failure(error, settings.host, port(settings))) from error
        client.loop_start()
        if not self._clock.wait(self._answered, settings.confirm_timeout_s):
            self._refusal = (
                f"the broker did not answer within {settings.confirm_timeout_s:g} s; if it speaks only MQTT"
                " 3.1.1, set mqtt.version to '3.1.1'"
            )
            self._answered.set()
        if self._refusal is not None:
            self.close()
            raise TransientDeliveryError(self._refusal)

    def publish(self, message: Message, then: Optional[Then] = None) -> Confirmation:
        """Send it now or fail now; never kept for later. Settled by the broker's acknowledgement (QoS 1) or
        once written (QoS 0).
        """
        confirmation = Confirmation(message.topic, then)
        client = self._client
        if client is None or self.lost.is_set():
            confirmation.settle(TransientDeliveryError("not connected to the broker"))
            return confirmation
        info = client.publish(
            message.topic, message.payload, message.qos, message.retain, self._properties(message)
        )
        if info.rc != MQTTErrorCode.MQTT_ERR_SUCCESS:
            confirmation.settle(TransientDeliveryError(f"not sent: {info.rc.name}"))
        else:
            self._acknowledgements.expect(info.mid, confirmation)
        return confirmation

    def abandon(self) -> None:
        """Cut the connection without a word: the broker will publish the last will."""
        client = self._client
        sock = client.socket() if client is not None else None
        if sock is not None:
            with contextlib.suppress(OSError):
                # Not ssl's own shutdown, which pulls the TLS layer from under the network thread.
                socket.socket.shutdown(sock, socket.SHUT_RDWR)  # type: ignore[arg-type]
        self._end("no answer")

    def close(self) -> None:
        """Say goodbye (no last will), or cut the line where that takes longer than a second."""
        if self._client is None:
            return
        self._client.disconnect()
        if not self._clock.wait(self.lost, _GOODBYE_S):
            self.abandon()
        self._client.loop_stop()
        self._forget()

    def _forget(self) -> None:
        """Break the cycle client -> callback -> self, so that its sockets go now and not at a collection."""
        client, self._client = self._client, None
        if client is not None:
            client.on_connect = client.on_disconnect = client.on_publish = None
        self._end("closed")

    def _properties(self, message: Message) -> Optional[Properties]:
        if self._settings.version != "5":
            return None
        properties = Properties(PacketTypes.PUBLISH)  # type: ignore[no-untyped-call]
        properties.ContentType = message.content_type
        properties.PayloadFormatIndicator = 1
        return properties

    def _on_connect(
        self, _client: Client, _data: Any, _flags: Any, reason: ReasonCode, properties: Optional[Properties]
    ) -> None:
        if reason.is_failure:
            self._refusal = trouble.refusal(reason)
        else:
            self.receive_maximum = getattr(properties, "ReceiveMaximum", _NO_LIMIT)
        self._answered.set()

    def _on_disconnect(
        self, _client: Client, _data: Any, _flags: Any, reason: ReasonCode, _properties: Optional[Properties]
    ) -> None:
        if not self._answered.is_set():
            self._refusal = f"the broker hung up: {reason}"
            self._answered.set()
        self._end(str(reason))

    def _on_publish(
        self, client: Client, _data: Any, mid: int, reason: ReasonCode, _properties: Optional[Properties]
    ) -> None:
        acknowledge_at_once(client.socket())
        self._acknowledgements.arrived(mid, reason)

    def _end(self, why: str) -> None:
        if not self.lost.is_set():
            self.why = why
            self.lost.set()
        self._acknowledgements.end(TransientDeliveryError("the connection to the broker was lost"))
