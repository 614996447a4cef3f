"""The whole agent with a real model, real films, SQLite and, where it is told, a real broker."""

from __future__ import annotations

import socket
import threading
from pathlib import Path
from typing import Any, Dict, List
from urllib.request import urlopen

import cv2
import pytest

from agent.clock import SystemClock
from agent.config.settings import Settings
from agent.errors import BeffroiError, BundleError, ConfigError, StoreError
from agent.service import Agent
from tests.e2e.whole import (
    PATIENCE_S,
    ROOT,
    Document,
    alive,
    assert_none_left,
    document,
    past,
    transitions,
)
from tests.fakes.broker import Broker
from tests.fakes.city import check, schema_of
from tests.fakes.detector import GREEN, GREY, RED
from tests.fakes.films import write_scenes
from tests.fakes.listener import Heard, Listener
from tests.fakes.waiting import until


def told(broker: Broker, config: Document) -> Document:
    """The configuration with a broker in it."""
    return {**config, "mqtt": {"host": broker.host, "port": broker.port, "keepalive_s": 5}}


def wait_incident(listener: Listener, kind: str, transition: str) -> Dict[str, Any]:
    return listener.wait_topic(f"{ROOT}/incident/{kind}/{transition}", timeout_s=PATIENCE_S).json


def test_a_fire_is_told_from_smoke_to_the_end(tmp_path: Path, bundle: Path, broker: Broker) -> None:
    film = write_scenes(tmp_path / "film.mp4", [(GREEN, 1.5), (GREY, 2), (RED, 2), (GREEN, 2.5)])
    data = tmp_path / "data"
    with Listener(broker.port) as listener:
        with alive(told(broker, document(data, bundle, yard=film))):
            wait_incident(listener, "fire", "resolved")
        events = listener.events()
    for event in events:
        check("incident-event", event)
    assert [event["type"].rpartition(".")[2] for event in events] == ["opened", "escalated", "resolved"]
    assert [event["data"]["kind"] for event in events] == ["start-fire", "fire", "fire"]
    assert len({event["subject"] for event in events}) == 1
    assert [int(event["sequence"]) for event in events] == [1, 2, 3]
    assert events[0]["data"]["model"]["bundle"] == "colours"
    (stored,) = past(data)
    assert transitions(stored) == ["start-fire opened", "fire escalated", "fire resolved"]
    for change, event in zip(stored.changes, events):
        assert change.snapshot is not None
        assert event["data"]["snapshot"]["sha256"] == change.snapshot.sha256
        for name in (change.snapshot.annotated, change.snapshot.clean):
            assert cv2.imread(str(data / name)) is not None
        assert [(one.sink, one.state.value) for one in change.told] == [("mqtt", "done")]


def test_whoever_comes_later_reads_the_state_from_retained_topics(
    tmp_path: Path, bundle: Path, calm: Path, broker: Broker
) -> None:
    config = told(broker, document(tmp_path / "data", bundle, yard=calm, gate=calm))
    config["cameras"][1]["enabled"] = False
    config["jobs"] = {"heartbeat_s": 0.3}
    with alive(config), Listener(broker.port) as early:
        early.wait_topic(f"{ROOT}/health", timeout_s=PATIENCE_S)
        early.wait_topic(f"{ROOT}/status")
        early.wait_for(lambda heard: states(heard).get("yard") == "online", PATIENCE_S)
        with Listener(broker.port) as listener:
            status = listener.wait_topic(f"{ROOT}/status")
            for message in listener.wait_for(lambda heard: states(heard).get("gate") == "disabled"):
                if message.topic.endswith("/availability"):
                    assert message.payload == b"online"
                else:
                    check(schema_of(message.topic), message.json)
        assert status.retain
        assert status.json["cameras"] == ["yard", "gate"]
        assert status.json["models"][0]["bundle"] == "colours"
    with Listener(broker.port) as listener:
        assert listener.wait_topic(f"{ROOT}/availability").payload == b"offline"


def states(heard: List[Heard]) -> Dict[str, str]:
    """What each camera's status said last."""
    parts = [(message.topic.split("/"), message) for message in heard]
    return {part[5]: message.json["state"] for part, message in parts if part[4] == "camera"}


def test_a_camera_that_gives_nothing_is_an_incident_until_it_gives(
    tmp_path: Path, bundle: Path, calm: Path, broker: Broker
) -> None:
    data = tmp_path / "data"
    blind = {"blind_after_s": 0.3, "incident_after_s": 0.3, "recover_after_s": 0.2}
    gone = told(broker, document(data, bundle, yard=tmp_path / "missing.mp4"))
    gone["cameras"][0]["blind"] = blind
    back = told(broker, document(data, bundle, yard=calm))
    with Listener(broker.port) as listener:
        with alive(gone):
            opened = wait_incident(listener, "camera", "opened")
            listener.wait_for(lambda heard: states(heard) == {"yard": "offline"}, PATIENCE_S)
        with alive(back):
            resolved = wait_incident(listener, "camera", "resolved")
    assert opened["data"]["reason"] == "no such file"
    assert resolved["subject"] == opened["subject"]
    assert int(resolved["sequence"]) == int(opened["sequence"]) + 1


def test_an_incident_goes_on_after_a_restart(
    tmp_path: Path, bundle: Path, smoking: Path, burning: Path, broker: Broker
) -> None:
    data = tmp_path / "data"
    with Listener(broker.port) as listener:
        with alive(told(broker, document(data, bundle, yard=smoking))):
            opened = wait_incident(listener, "start-fire", "opened")
        with alive(told(broker, document(data, bundle, yard=burning))):
            escalated = wait_incident(listener, "fire", "escalated")
    assert escalated["subject"] == opened["subject"]
    assert (int(opened["sequence"]), int(escalated["sequence"])) == (1, 2)
    assert len(past(data)) == 1


def test_an_incident_of_a_camera_that_is_no_longer_configured_is_over(
    tmp_path: Path, bundle: Path, burning: Path, calm: Path
) -> None:
    data = tmp_path / "data"
    with alive(document(data, bundle, yard=burning)):
        until(lambda: bool(past(data)), "an incident", PATIENCE_S)
    with alive(document(data, bundle, gate=calm)):
        assert transitions(past(data)[0]) == ["fire opened", "fire resolved"]


def test_without_its_broker_it_watches_and_tells_later(
    tmp_path: Path, bundle: Path, burning: Path, calm: Path
) -> None:
    data = tmp_path / "data"
    broker = Broker(tmp_path / "mosquitto")
    with alive(told(broker, document(data, bundle, yard=burning, lost=tmp_path / "missing.mp4"))):
        until(lambda: bool(past(data)), "an incident", PATIENCE_S)
    assert [one.state.value for one in past(data)[0].changes[0].told] == ["pending"]
    broker.start()
    try:
        with Listener(broker.port) as listener, alive(told(broker, document(data, bundle, yard=calm))):
            event = wait_incident(listener, "fire", "opened")
    finally:
        broker.stop()
    assert event["subject"] == past(data)[0].incident.id


def test_metrics_are_served_where_they_are_asked_for(tmp_path: Path, bundle: Path, calm: Path) -> None:
    config = document(tmp_path, bundle, yard=calm)
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    config["metrics"] = {"port": port}

    def page() -> str:
        with urlopen(f"http://127.0.0.1:{port}/metrics", timeout=PATIENCE_S) as answer:
            return str(answer.read().decode())

    with alive(config) as agent:
        until(lambda: 'beffroi_looks_total{camera="yard"}' in page(), "looks are counted", PATIENCE_S)
        assert agent.trouble(PATIENCE_S) is None
        assert agent.summary() == "1 of 1 cameras online, 1 looked at"


def refused(config: Document) -> BeffroiError:
    """Why the agent does not start; it must leave nothing running."""
    before = set(threading.enumerate())
    agent = Agent(Settings.model_validate(config), SystemClock())
    with pytest.raises(BeffroiError) as refusal:
        agent.start()
    assert_none_left(before)
    return refusal.value


def test_a_missing_bundle_is_said_before_anything_runs(tmp_path: Path, calm: Path) -> None:
    error = refused(document(tmp_path / "data", tmp_path / "no-bundle", yard=calm))
    assert isinstance(error, BundleError)
    assert not (tmp_path / "data").exists()


def test_two_agents_do_not_share_a_data_folder(tmp_path: Path, bundle: Path, calm: Path) -> None:
    config = document(tmp_path, bundle, yard=calm)
    with alive(config):
        assert isinstance(refused(config), StoreError)
    with alive(config):
        pass


def test_a_metrics_port_that_is_taken_is_said_and_all_is_stopped_again(
    tmp_path: Path, bundle: Path, calm: Path
) -> None:
    config = document(tmp_path, bundle, yard=calm)
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        config["metrics"] = {"port": taken.getsockname()[1]}
        error = refused(config)
    assert isinstance(error, ConfigError)
    assert f"metrics.port {config['metrics']['port']}" in str(error)


def test_a_damaged_database_is_moved_aside_and_watching_goes_on(
    tmp_path: Path, bundle: Path, burning: Path
) -> None:
    (tmp_path / "beffroi.db").write_bytes(b"SQLite format 3\0" + b"damaged" * 2000)
    with alive(document(tmp_path, bundle, yard=burning)):
        until(lambda: bool(past(tmp_path)), "an incident in the new database", PATIENCE_S)
    (aside,) = tmp_path.glob("beffroi.db.damaged-*")
    assert aside.read_bytes().endswith(b"damaged")


def test_an_agent_that_was_not_started_says_so() -> None:
    agent = Agent(Settings.model_validate({"cameras": ["scene:"]}), SystemClock())
    assert not agent.ready
    assert agent.trouble(1.0) == "not started"
    assert agent.summary() == "starting"
    assert agent.stop() == []
