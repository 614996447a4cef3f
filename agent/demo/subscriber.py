"""What a city control system would do: subscribe, and read what comes."""

from __future__ import annotations

import json
import queue
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Dict, Iterator

from paho.mqtt.client import Client, MQTTMessage, MQTTv311
from paho.mqtt.enums import CallbackAPIVersion


@dataclass(frozen=True)
class Received:
    """A message as it came: its topic below the device's root, and its JSON, or the bare text as `text`."""

    topic: str
    body: Dict[str, Any]


@contextmanager
def subscribed(host: str, port: int, root: str) -> Iterator[queue.Queue[Received]]:
    """Everything published below `root`, in order, until the block ends."""
    received: queue.Queue[Received] = queue.Queue()

    def on_connect(client: Client, *_: object) -> None:
        client.subscribe(f"{root}/#", qos=1)

    def on_message(_: Client, __: object, message: MQTTMessage) -> None:
        received.put(Received(message.topic[len(root) + 1 :], _body(message.payload)))

    client = Client(CallbackAPIVersion.VERSION2, client_id="beffroi-demo-city", protocol=MQTTv311)
    client.on_connect = on_connect
    client.on_message = on_message
    client.connect(host, port)
    client.loop_start()
    try:
        yield received
    finally:
        client.disconnect()
        client.loop_stop()


def _body(payload: bytes) -> Dict[str, Any]:
    try:
        body = json.loads(payload)
    except ValueError:
        body = None
    return body if isinstance(body, dict) else {"text": payload.decode("utf-8", "replace")}
