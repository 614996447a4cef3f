from __future__ import annotations

import queue
import shutil
from typing import Any

import pytest
from paho.mqtt.publish import multiple

from agent.demo import broker as module
from agent.demo.subscriber import Received, subscribed
from agent.errors import BeffroiError

WAIT_S = 30.0


def exchange(where: module.Broker) -> None:
    """What is published below the root arrives, as JSON or as text."""
    with subscribed(where.host, where.port, "a/b") as received:
        messages: Any = [
            {"topic": "a/b/status", "payload": '{"x": 1}', "qos": 1, "retain": True},
            {"topic": "elsewhere", "payload": "no", "qos": 1},
            {"topic": "a/b/availability", "payload": "online", "qos": 1, "retain": True},
        ]
        multiple(messages, where.host, where.port)
        first = take(received)
        assert first == Received("status", {"x": 1})
        second = take(received)
        while second == first:  # what is sent with a quality of service of 1 may come twice
            second = take(received)
        assert second == Received("availability", {"text": "online"})


def take(received: queue.Queue[Received]) -> Received:
    return received.get(timeout=WAIT_S)


def test_mosquitto_is_used_where_it_is_installed() -> None:
    if module._mosquitto() is None:
        pytest.skip("mosquitto is not installed (apt-get install mosquitto)")
    with module.broker() as where:
        assert where.name == "mosquitto"
        exchange(where)


def test_a_broker_that_is_a_package_takes_its_place(monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("amqtt", reason="amqtt is not installed (pip install 'beffroi[demo]')")
    monkeypatch.setattr(module, "_mosquitto", lambda: None)
    with module.broker() as where:
        assert where.name == "the embedded broker (amqtt)"
        exchange(where)


def test_mosquitto_is_found_off_the_path(monkeypatch: pytest.MonkeyPatch) -> None:
    found = shutil.which("mosquitto", path="/usr/sbin:/usr/local/sbin")
    if found is None:
        pytest.skip("mosquitto is not installed in /usr/sbin")
    monkeypatch.setenv("PATH", "/nowhere")
    assert module._mosquitto() == found


def test_a_broker_that_does_not_listen_is_an_error_in_words(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_START_S", 0.1)
    with pytest.raises(BeffroiError, match="did not start listening"):
        module._wait_until_listening(module._free_port())


def test_without_any_broker_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_mosquitto", lambda: None)
    monkeypatch.setattr(module, "find_spec", lambda name: None)
    with pytest.raises(BeffroiError, match="apt install mosquitto"), module.broker():
        pass
