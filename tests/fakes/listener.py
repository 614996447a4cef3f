"""A control system: subscribes to everything and remembers it in order."""

from __future__ import annotations

import json
import threading
from dataclasses import dataclass
from typing import Any, Callable, Dict, List, Optional

from paho.mqtt.client import Client, MQTTMessage, MQTTv5, MQTTv311
from paho.mqtt.enums import CallbackAPIVersion
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties

_WAIT_S = 20.0


@dataclass(frozen=True)
class Heard:
    """One message; `content_type` with MQTT 5 only."""

    topic: str
    payload: bytes
    qos: int
    retain: bool
    content_type: Optional[str]

    @property
    def json(self) -> Dict[str, Any]:
        value: Dict[str, Any] = json.loads(self.payload)
        return value


class Listener:
    """A context manager: subscribed when entered. `lasting` keeps the session at the broker while away."""

    def __init__(
        self,
        port: int,
        *,
        version: str = "5",
        lasting: bool = False,
        client_id: str = "listener",
        setup: Optional[Callable[[Client], None]] = None,
    ) -> None:
        self.heard: List[Heard] = []
        self._port = port
        self._lasting = lasting
        self._changed = threading.Condition()
        self._subscribed = threading.Event()
        five = version == "5"
        self._client = Client(
            CallbackAPIVersion.VERSION2,
            client_id=client_id,
            protocol=MQTTv5 if five else MQTTv311,
            clean_session=None if five else not lasting,
        )
        self._five = five
        self._client.reconnect_delay_set(1, 1)
        self._client.on_connect = self._on_connect
        self._client.on_subscribe = self._on_subscribe
        self._client.on_message = self._on_message
        if setup is not None:
            setup(self._client)

    def __enter__(self) -> Listener:
        options: Dict[str, Any] = {}
        if self._five:
            properties = Properties(PacketTypes.CONNECT)  # type: ignore[no-untyped-call]
            properties.SessionExpiryInterval = 3600 if self._lasting else 0
            options = {"clean_start": not self._lasting, "properties": properties}
        self._client.connect("127.0.0.1", self._port, 5, **options)
        self._client.loop_start()
        assert self._subscribed.wait(_WAIT_S), "the listener could not subscribe"
        return self

    def __exit__(self, *_: object) -> None:
        self._client.disconnect()
        self._client.loop_stop()

    def wait_for(self, enough: Callable[[List[Heard]], bool], timeout_s: float = _WAIT_S) -> List[Heard]:
        """What was heard, once that is `enough`; fails after `timeout_s`."""
        with self._changed:
            got = self._changed.wait_for(lambda: enough(self.heard), timeout_s)
            assert got, f"not heard in {timeout_s} s; heard: {[(m.topic, m.payload) for m in self.heard]}"
            return list(self.heard)

    def wait_topic(self, topic: str, payload: Optional[bytes] = None, timeout_s: float = _WAIT_S) -> Heard:
        """The last message on `topic` (that says `payload`, where given)."""

        def matching(heard: List[Heard]) -> List[Heard]:
            return [m for m in heard if m.topic == topic and payload in (None, m.payload)]

        return matching(self.wait_for(lambda heard: bool(matching(heard)), timeout_s))[-1]

    def forget(self) -> None:
        with self._changed:
            self.heard.clear()

    def events(self) -> List[Dict[str, Any]]:
        """The CloudEvents heard so far."""
        with self._changed:
            return [message.json for message in self.heard if "/incident/" in message.topic]

    def _on_connect(self, client: Client, *_: Any) -> None:
        client.subscribe("#", qos=1)

    def _on_subscribe(self, *_: Any) -> None:
        self._subscribed.set()

    def _on_message(self, _client: Client, _data: Any, message: MQTTMessage) -> None:
        content_type = getattr(message.properties, "ContentType", None)
        heard = Heard(message.topic, message.payload, message.qos, message.retain, content_type)
        with self._changed:
            self.heard.append(heard)
            self._changed.notify_all()
