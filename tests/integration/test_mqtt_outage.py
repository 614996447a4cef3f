"""The broker goes away while incidents happen: with the real store, everything arrives, in order, once."""

from __future__ import annotations

from collections import defaultdict
from contextlib import contextmanager
from pathlib import Path
from typing import Callable, Dict, Iterator, List

import pytest

from agent.clock import SystemClock
from agent.domain.incident import Change, Kind
from agent.store.database import open_database
from agent.store.incidents import SqliteJournal
from agent.store.outbox import SqliteOutbox
from agent.telemetry import Telemetry
from alerts.city.envelope import Origin
from alerts.dispatcher import Dispatcher
from alerts.sinks.mqtt import MqttSink
from tests.fakes.broker import Broker
from tests.fakes.changes import opened, story
from tests.fakes.city import check
from tests.fakes.listener import Listener
from tests.fakes.running import running
from tests.fakes.waiting import until

AVAILABILITY = "beffroi/v1/town/tower/availability"


@pytest.fixture
def lasting_broker(tmp_path: Path) -> Iterator[Broker]:
    """A broker that keeps sessions and messages on disk."""
    broker = Broker(tmp_path / "mosquitto", persistent=True)
    broker.start()
    yield broker
    broker.stop()


class Agent:
    """Store, dispatcher and sink, as the daemon wires them."""

    def __init__(self, folder: Path, broker: Broker) -> None:
        self.clock = SystemClock()
        self.telemetry = Telemetry(self.clock)
        self.database = open_database(folder / "beffroi.db", self.clock)
        self.outbox = SqliteOutbox(self.database, self.clock)
        self.outbox.release()
        settings = broker.settings(keepalive_s=2, confirm_timeout_s=1.0)
        self.sink = MqttSink(settings, Origin("town", "tower"), {}, self.clock)
        self.dispatcher = Dispatcher(self.sink, self.outbox, self.clock, self.telemetry)
        self.journal = SqliteJournal(self.database, self.clock, notify=self.dispatcher.wake)

    def record(self, changes: List[Change]) -> None:
        for change in changes:
            self.journal.record(change, None, ["mqtt"])

    @contextmanager
    def alive(self) -> Iterator[None]:
        with running(self.sink.run), running(self.dispatcher.run):
            yield


@pytest.fixture
def agent(tmp_path: Path, lasting_broker: Broker) -> Iterator[Agent]:
    agent = Agent(tmp_path / "data", lasting_broker)
    yield agent
    agent.database.close()


def killed(broker: Broker) -> None:
    broker.kill()


def ended(broker: Broker) -> None:
    broker.stop()


def silent(broker: Broker) -> None:
    broker.pause()


@pytest.mark.parametrize("goes_away", [killed, ended, silent])
def test_everything_arrives_in_order_after_an_outage(
    lasting_broker: Broker, agent: Agent, goes_away: Callable[[Broker], None]
) -> None:
    stories = [story(f"incident-{n}", updates=5) for n in range(6)]
    expected = {change.event_id for changes in stories for change in changes}
    with Listener(lasting_broker.port, lasting=True) as listener, agent.alive():
        listener.wait_topic(AVAILABILITY, b"online")
        for changes in stories[:2]:
            agent.record(changes[:4])
        listener.wait_for(lambda messages: any("/incident/" in m.topic for m in messages))
        goes_away(lasting_broker)
        for changes in stories[:2]:
            agent.record(changes[4:])
        for changes in stories[2:]:
            agent.record(changes)
        if goes_away is silent:
            until(lambda: not agent.sink.ready(), "the agent leaves a broker that answers nothing")
            lasting_broker.resume()
        else:
            lasting_broker.start()
        listener.wait_for(
            lambda messages: {m.json["id"] for m in messages if "/incident/" in m.topic} >= expected, 60
        )
        events = listener.events()
    assert {event["id"] for event in events} == expected, "a repeat keeps its id"
    order: Dict[str, List[str]] = defaultdict(list)
    for event in events:
        check("incident-event", event)
        if event["sequence"] not in order[event["subject"]]:
            order[event["subject"]].append(event["sequence"])
    assert all(sequences == sorted(sequences) for sequences in order.values())
    assert agent.outbox.depth().pending == 0


def test_the_worst_goes_first_after_an_outage(lasting_broker: Broker, agent: Agent) -> None:
    lasting_broker.stop()
    agent.record([opened(f"blind-{n}", Kind.CAMERA) for n in range(30)])
    agent.record([opened("fire", Kind.FIRE)])
    lasting_broker.start()
    with Listener(lasting_broker.port) as listener, agent.alive():
        listener.wait_for(lambda messages: sum("/incident/" in m.topic for m in messages) == 31)
        assert listener.events()[0]["subject"] == "fire"


def test_a_stop_delivers_what_was_recorded_before_it(lasting_broker: Broker, agent: Agent) -> None:
    with Listener(lasting_broker.port) as listener:
        with agent.alive():
            listener.wait_topic(AVAILABILITY, b"online")
            agent.record(story("last", updates=3))
        listener.wait_for(lambda messages: sum("/incident/" in m.topic for m in messages) == 6)
        listener.wait_topic(AVAILABILITY, b"offline")
