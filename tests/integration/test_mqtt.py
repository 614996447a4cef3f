"""The MQTT sink against a real broker: what a control system sees."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Iterator

import pytest

from agent.clock import SystemClock
from agent.config.settings import MqttSettings
from agent.domain.camera import CameraState, CameraStatus
from agent.domain.face_event import FaceEventKind
from agent.domain.health import AgentStatus, Health, StageLatency
from agent.domain.incident import Incident, Kind
from agent.domain.object_event import ObjectEventKind
from agent.errors import PermanentDeliveryError, TransientDeliveryError
from alerts.city.envelope import CameraInfo, Origin
from alerts.mqtt.probe import probe
from alerts.sinks.mqtt import MqttSink
from tests.fakes.broker import Broker
from tests.fakes.changes import (
    AT,
    MODEL,
    SNAPSHOT,
    delivery,
    every_transition,
    face_event,
    object_event,
    opened,
)
from tests.fakes.city import check, schema_of
from tests.fakes.listener import Heard, Listener
from tests.fakes.running import running

ROOT = "beffroi/v1/town/tower"
CAMERAS = {"yard": CameraInfo("Back yard", 50.63, 3.06)}

YARD = CameraStatus("yard", CameraState.ONLINE, AT, AT, 14.987, None)
AGENT = AgentStatus("0.1.0", AT, 7, [MODEL], ["yard"])
HEALTH = Health(
    at=AT,
    uptime_s=12.3,
    load_1m=0.4,
    temperatures_c={"cpu": 51.5},
    memory_rss=1,
    memory_available=2,
    disk_free=3,
    disk_total=4,
    outbox_pending=0,
    outbox_parked=0,
    outbox_shed=0,
    stages={"infer": StageLatency(1.0, 2.0, 3)},
)

versions = pytest.mark.parametrize("version", ["5", "3.1.1"])


def sink_for(settings: MqttSettings) -> MqttSink:
    return MqttSink(settings, Origin("town", "tower"), CAMERAS, SystemClock())


@contextmanager
def connected(settings: MqttSettings, listener: Listener) -> Iterator[MqttSink]:
    sink = sink_for(settings)
    with running(sink.run):
        listener.wait_topic(f"{ROOT}/availability", b"online")
        yield sink


@versions
def test_every_change_arrives_as_a_schema_valid_cloudevent(broker: Broker, version: str) -> None:
    changes = [change for kind in Kind for change in every_transition(kind)]
    with Listener(broker.port, version=version) as listener, connected(
        broker.settings(version=version), listener
    ) as sink:
        for change in changes:
            sink.deliver(delivery(change, snapshot=SNAPSHOT))
        heard = listener.wait_for(
            lambda messages: sum("/incident/" in m.topic for m in messages) == len(changes)
        )
    events = [message for message in heard if "/incident/" in message.topic]
    for message, change in zip(events, changes):
        check("incident-event", message.json)
        kind, transition = change.incident.kind, change.transition
        assert message.topic == f"{ROOT}/incident/{kind.value}/{transition.value}"
        assert message.json["id"] == change.event_id
        assert message.json["source"] == "/town/tower/camera/yard"
        assert (message.qos, message.retain) == (1, False)
        assert message.content_type == ("application/cloudevents+json" if version == "5" else None)


def test_a_drill_arrives_apart_from_the_incidents(broker: Broker) -> None:
    drill = Incident.rehearse("d", "yard", AT, 0.97, actor="telegram:1", model=MODEL)
    changes = [drill, drill.incident.resolve(AT + timedelta(seconds=2), 0.0)]
    with Listener(broker.port) as listener, connected(broker.settings(), listener) as sink:
        for change in changes:
            sink.deliver(delivery(change, snapshot=SNAPSHOT))
        heard = listener.wait_for(lambda messages: sum("/event/" in m.topic for m in messages) == 2)
    drills = [message for message in heard if "/event/" in message.topic]
    for message, change in zip(drills, changes):
        check(schema_of(message.topic), message.json)
        assert message.topic == f"{ROOT}/event/selftest"
        assert message.json["id"] == change.event_id
        assert (message.qos, message.retain) == (1, False)
        assert message.content_type == "application/cloudevents+json"
    assert not any("/incident/" in message.topic for message in heard)


def test_what_rules_about_things_say_arrives_once_and_the_counts_of_lines_stay(broker: Broker) -> None:
    events = [object_event(kind) for kind in ObjectEventKind]
    with Listener(broker.port) as listener, connected(broker.settings(), listener) as sink:
        for event in events:
            sink.object(event)
        for cars in (1, 2):
            sink.counts("yard", {"quay": {"in": {"car": cars}, "out": {"person": 4}}})
        heard = listener.wait_for(lambda messages: sum("/event/object-" in m.topic for m in messages) == 7)
        quay = {"in": {"car": 2}, "out": {"person": 4}}
        listener.wait_for(lambda messages: any(counted(m) == {"quay": quay} for m in messages))
        with Listener(broker.port, client_id="late") as late:
            kept = late.wait_topic(f"{ROOT}/camera/yard/counts")
    told = [message for message in heard if "/event/object-" in message.topic]
    for message, event in zip(told, events):
        check(schema_of(message.topic), message.json)
        assert message.topic == f"{ROOT}/event/{event.kind.value}"
        assert (message.qos, message.retain) == (1, False)
        assert message.content_type == "application/cloudevents+json"
    check(schema_of(kept.topic), kept.json)
    assert kept.retain
    assert counted(kept) == {"quay": quay}


def counted(message: Heard) -> object:
    return message.json["lines"] if message.topic.endswith("/counts") else None


def test_who_was_recognised_let_in_or_refused_arrives_once(broker: Broker) -> None:
    events = [face_event(kind) for kind in FaceEventKind]
    with Listener(broker.port) as listener, connected(broker.settings(), listener) as sink:
        for event in events:
            sink.face(event)
        heard = listener.wait_for(lambda messages: sum("/event/" in m.topic for m in messages) == 3)
    told = [message for message in heard if "/event/" in message.topic]
    for message, event in zip(told, events):
        check(schema_of(message.topic), message.json)
        assert message.topic == f"{ROOT}/event/{event.kind.value}"
        assert (message.json["id"], message.json["data"]["person_id"]) == (event.id, 12)
        assert (message.qos, message.retain) == (1, False)


@versions
def test_the_device_shows_its_state(broker: Broker, version: str) -> None:
    with Listener(broker.port, version=version) as listener, connected(
        broker.settings(version=version), listener
    ) as sink:
        sink.agent(AGENT)
        sink.camera(YARD)
        sink.health(HEALTH)
        for topic in ("status", "camera/yard/status", "health"):
            check(schema_of(f"{ROOT}/{topic}"), listener.wait_topic(f"{ROOT}/{topic}").json)
        check("availability", listener.wait_topic(f"{ROOT}/availability").payload.decode())
    with Listener(broker.port, version=version) as late:
        late.wait_topic(f"{ROOT}/camera/yard/status")
        kept = {m.topic: m for m in late.wait_for(lambda messages: len({m.topic for m in messages}) == 3)}
    assert set(kept) == {f"{ROOT}/availability", f"{ROOT}/status", f"{ROOT}/camera/yard/status"}
    assert all(message.retain for message in kept.values())
    assert kept[f"{ROOT}/availability"].payload == b"offline", "a clean stop says so"


def test_only_the_last_of_many_words_need_arrive(broker: Broker) -> None:
    with Listener(broker.port) as listener, connected(broker.settings(), listener) as sink:
        for number in range(1, 301):
            sink.agent(AgentStatus("0.1.0", AT, number, [], []))
        listener.wait_for(
            lambda messages: any(m.topic.endswith("/status") and m.json["boot"] == 300 for m in messages)
        )


def test_what_was_said_while_away_is_said_on_connect(broker: Broker) -> None:
    sink = sink_for(broker.settings())
    sink.camera(YARD)
    sink.health(HEALTH)
    with Listener(broker.port) as listener, running(sink.run):
        listener.wait_topic(f"{ROOT}/camera/yard/status")
        assert not [m for m in listener.heard if m.topic.endswith("/health")]


def test_everything_is_said_again_after_a_reconnect(broker: Broker) -> None:
    with Listener(broker.port) as listener, connected(broker.settings(), listener) as sink:
        sink.agent(AGENT)
        sink.camera(YARD)
        listener.wait_topic(f"{ROOT}/camera/yard/status")
        broker.stop()
        broker.start()
        listener.forget()
        topics = {f"{ROOT}/availability", f"{ROOT}/status", f"{ROOT}/camera/yard/status"}
        heard = listener.wait_for(lambda messages: topics <= {m.topic for m in messages})
        assert [m.payload for m in heard if m.topic.endswith("availability")][-1] == b"online"


def test_the_last_will_speaks_for_an_agent_that_was_killed(broker: Broker) -> None:
    code = (
        "import sys, threading\n"
        "from agent.clock import SystemClock\n"
        "from agent.config.settings import MqttSettings\n"
        "from alerts.city.envelope import Origin\n"
        "from alerts.sinks.mqtt import MqttSink\n"
        "settings = MqttSettings(host='127.0.0.1', port=int(sys.argv[1]))\n"
        "MqttSink(settings, Origin('town', 'tower'), {}, SystemClock()).run(threading.Event())\n"
    )
    with Listener(broker.port) as listener:
        agent = subprocess.Popen([sys.executable, "-c", code, str(broker.port)], env={**os.environ})
        try:
            listener.wait_topic(f"{ROOT}/availability", b"online")
        finally:
            agent.kill()
            agent.wait(10)
        listener.wait_topic(f"{ROOT}/availability", b"offline")


def test_what_was_held_back_says_when_it_was_recorded(broker: Broker) -> None:
    now = SystemClock().now()
    with Listener(broker.port) as listener, connected(broker.settings(), listener) as sink:
        sink.deliver(delivery(opened("fresh"), recorded_at=now))
        sink.deliver(delivery(opened("old"), recorded_at=now - timedelta(minutes=5)))
        listener.wait_for(lambda messages: sum("/incident/" in m.topic for m in messages) == 2)
        by_id = {event["subject"]: event for event in listener.events()}
    assert "recordedtime" not in by_id["fresh"]
    check("incident-event", by_id["old"])
    assert by_id["old"]["recordedtime"].endswith("Z")


def test_nothing_is_delivered_without_a_connection(broker: Broker) -> None:
    sink = sink_for(broker.settings())
    assert not sink.ready()
    with pytest.raises(TransientDeliveryError, match="not connected"):
        sink.deliver(delivery(opened()))


def test_a_broker_that_stops_answering_is_left_for_a_new_connection(broker: Broker) -> None:
    with Listener(broker.port) as listener, connected(
        broker.settings(confirm_timeout_s=0.5), listener
    ) as sink:
        broker.pause()
        try:
            with pytest.raises(TransientDeliveryError, match="not acknowledged within"):
                sink.deliver(delivery(opened()))
        finally:
            broker.resume()
        listener.wait_topic(f"{ROOT}/availability", b"offline")
        listener.wait_for(
            lambda messages: [m.payload for m in messages if "avail" in m.topic][-1] == b"online"
        )
        sink.deliver(delivery(opened()))


def test_a_stop_does_not_wait_for_a_broker_that_is_silent(broker: Broker) -> None:
    with Listener(broker.port) as listener, connected(broker.settings(), listener) as sink:
        broker.pause()
        try:
            stop = threading.Event()
            stop.set()
            (error,) = sink.deliver_all([delivery(opened())], stop)
            assert isinstance(error, TransientDeliveryError)
        finally:
            broker.resume()


def test_a_small_receive_maximum_is_kept_to(tmp_path: Path) -> None:
    broker = Broker(tmp_path / "narrow", "allow_anonymous true\nmax_inflight_messages 2")
    broker.start()
    try:
        with Listener(broker.port) as listener, connected(broker.settings(), listener) as sink:
            assert sink.window == 2
            errors = list(sink.deliver_all([delivery(opened(str(n))) for n in range(20)], threading.Event()))
            assert errors == [None] * 20
    finally:
        broker.stop()


class TestAccess:
    @pytest.fixture
    def guarded(self, tmp_path: Path) -> Iterator[Broker]:
        """Lets only `agent` (password `sesame`) in, and it may not publish incidents of kind camera."""
        passwords, rules = tmp_path / "passwords", tmp_path / "rules"
        passwords.touch(0o600)
        subprocess.run(["mosquitto_passwd", "-b", str(passwords), "agent", "sesame"], check=True)
        rules.write_text(f"user agent\ntopic readwrite #\ntopic deny {ROOT}/incident/camera/#\n")
        rules.chmod(0o600)
        broker = Broker(tmp_path / "guarded", f"password_file {passwords}\nacl_file {rules}")
        broker.start()
        yield broker
        broker.stop()

    @versions
    def test_a_wrong_password_is_never_taken_for_connected(self, guarded: Broker, version: str) -> None:
        settings = guarded.settings(version=version, username="agent", password="wrong")
        with pytest.raises(TransientDeliveryError, match="refused the connection") as caught:
            probe(settings, SystemClock())
        assert "mqtt.password" in str(caught.value)
        assert "wrong" not in str(caught.value)

    @versions
    def test_the_right_password_opens(self, guarded: Broker, version: str) -> None:
        probe(guarded.settings(version=version, username="agent", password="sesame"), SystemClock())

    def test_a_denied_topic_is_told_apart_from_an_outage(self, guarded: Broker) -> None:
        settings = guarded.settings(username="agent", password="sesame")
        with Listener(
            guarded.port, setup=lambda client: client.username_pw_set("agent", "sesame")
        ) as listener, connected(settings, listener) as sink:
            with pytest.raises(PermanentDeliveryError, match="Not authorized"):
                sink.deliver(delivery(opened(kind=Kind.CAMERA)))
            sink.deliver(delivery(opened(kind=Kind.FIRE)))


def test_a_broker_that_is_not_there_is_named() -> None:
    settings = MqttSettings(host="127.0.0.1", port=1)
    with pytest.raises(TransientDeliveryError, match="nothing listens at"):
        probe(settings, SystemClock())


def test_something_that_never_answers_is_not_taken_for_a_broker() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        settings = MqttSettings(host="127.0.0.1", port=server.getsockname()[1], confirm_timeout_s=0.3)
        with pytest.raises(TransientDeliveryError, match=r"did not answer within 0\.3 s.*mqtt\.version"):
            probe(settings, SystemClock())


def test_something_that_hangs_up_is_not_taken_for_a_broker() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server, ThreadPoolExecutor(1) as pool:
        hung_up = pool.submit(lambda: server.accept()[0].close())
        with pytest.raises(TransientDeliveryError, match=r"hung up|reset by peer"):
            probe(MqttSettings(host="127.0.0.1", port=server.getsockname()[1]), SystemClock())
        hung_up.result(20)
