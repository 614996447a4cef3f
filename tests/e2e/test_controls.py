"""The whole agent does what people ask of it, and the city hears of it."""

from __future__ import annotations

import threading
from pathlib import Path
from typing import List, Optional

import cv2
import numpy as np
import pytest

from agent.controls import (
    BusyError,
    ClosedIncidentError,
    Controls,
    NeverSilentError,
    NoPictureError,
    UnknownIncidentError,
)
from agent.domain.camera import CameraState
from agent.domain.incident import Incident, Kind, State
from agent.inference.bundle import shipped
from agent.service import Agent
from agent.store.history import PastIncident
from models.data import read_folder
from tests.e2e.whole import PATIENCE_S, ROOT, Document, alive, document, past, transitions
from tests.fakes.broker import Broker
from tests.fakes.city import check
from tests.fakes.detector import GREEN, RED
from tests.fakes.films import write_scenes
from tests.fakes.listener import Listener
from tests.fakes.waiting import until

ME = "telegram:4711"
LABELS = ("fire", "start-fire", "no-fire")
CLASSIFIER = "fire-lite0"


def quick(config: Document, broker: Optional[Broker] = None, **fire: float) -> Document:
    """With a broker, and other settings of the fire section."""
    config["fire"].update(fire)
    if broker is not None:
        config["mqtt"] = {"host": broker.host, "port": broker.port, "keepalive_s": 5}
    return config


def incidents(folder: Path, kind: Optional[Kind] = None) -> List[PastIncident]:
    return [one for one in past(folder) if kind in (None, one.incident.kind)]


def first(folder: Path) -> Incident:
    until(lambda: bool(past(folder)), "an incident", PATIENCE_S)
    return past(folder)[0].incident


def looks(agent: Agent) -> float:
    return agent.telemetry.registry.get_sample_value("beffroi_looks_total", {"camera": "yard"}) or 0.0


def looked_again(agent: Agent, number: int) -> None:
    """Wait until so many more looks were taken."""
    target = looks(agent) + number
    until(lambda: looks(agent) >= target, f"{number} more looks", PATIENCE_S)


def test_a_fire_is_acknowledged_dismissed_and_told_again_if_it_still_burns(
    tmp_path: Path, bundle: Path, burning: Path, broker: Broker
) -> None:
    config = quick(document(tmp_path, bundle, yard=burning), broker, dismissed_again_after_s=3.0)
    with Listener(broker.port) as listener, alive(config) as agent:
        controls: Controls = agent.controls
        fire = first(tmp_path)
        taken = controls.acknowledge(fire.id, ME)
        assert (taken.state, taken.actor) == (State.ACKNOWLEDGED, ME)
        with pytest.raises(ClosedIncidentError) as refusal:
            controls.acknowledge(fire.id, "telegram:1")
        assert refusal.value.incident.actor == ME
        dismissed = controls.dismiss(fire.id, ME)
        assert dismissed.state is State.DISMISSED
        looked_again(agent, 10)
        assert len(past(tmp_path)) == 1, "it burns on, and is not told at the next look"
        until(lambda: len(past(tmp_path)) == 2, "it is told again after a while", PATIENCE_S)
        listener.wait_for(lambda heard: sum(m.topic.endswith("/opened") for m in heard) == 2, PATIENCE_S)
        events = listener.events()
        with pytest.raises(UnknownIncidentError):
            controls.dismiss("nothing", ME)
    before, after = past(tmp_path)
    assert transitions(before) == ["fire opened", "fire acknowledged", "fire dismissed"]
    assert (after.changes[0].change.at - before.changes[-1].change.at).total_seconds() >= 2.9
    for event in events:
        check("incident-event", event)
    told = [(event["type"].rpartition(".")[2], event["data"]["actor"]) for event in events]
    assert told == [("opened", None), ("acknowledged", ME), ("dismissed", ME), ("opened", None)]


def test_what_people_judged_is_there_for_retraining(tmp_path: Path, bundle: Path) -> None:
    film = write_scenes(tmp_path / "film.mp4", [(GREEN, 1), (RED, 2), (GREEN, 60)])
    with alive(document(tmp_path, bundle, yard=film)) as agent:
        fire = first(tmp_path)
        agent.controls.acknowledge(fire.id, ME)
        until(lambda: past(tmp_path)[0].incident.state is State.RESOLVED, "it is over", PATIENCE_S)
        labelled = read_folder(tmp_path / "labelled", LABELS)
        assert [item.label for item in labelled] == ["fire"]
        assert agent.controls.dismiss(fire.id, ME).state is State.DISMISSED
    labelled = read_folder(tmp_path / "labelled", LABELS)
    assert {(item.label, item.group, item.source) for item in labelled} == {("no-fire", fire.id, "yard")}
    assert all(cv2.imread(str(item.path)) is not None for item in labelled)


def test_a_dismissal_holds_over_a_restart(tmp_path: Path, bundle: Path, burning: Path) -> None:
    config = quick(document(tmp_path, bundle, yard=burning), dismissed_again_after_s=3000.0)
    with alive(config) as agent:
        fire = first(tmp_path)
        agent.controls.dismiss(fire.id, ME)
    with alive(config) as agent:
        looked_again(agent, 20)
    assert len(past(tmp_path)) == 1


def test_people_are_spared_what_they_silenced_and_the_city_is_not(
    tmp_path: Path, bundle: Path, burning: Path, calm: Path, broker: Broker
) -> None:
    blind = {"blind_after_s": 0.5, "incident_after_s": 0.3, "recover_after_s": 0.2}
    config = quick(document(tmp_path, bundle, yard=burning, lost=calm), broker)
    config["telegram"] = {"token": "123456789:" + "A" * 35, "api_url": "http://127.0.0.1:9"}
    with alive(config) as agent:
        agent.controls.silence("lost", Kind.CAMERA, 3600.0, ME)
        with pytest.raises(NeverSilentError):
            agent.controls.silence("yard", Kind.FIRE, 3600.0, ME)
        agent.controls.disarm(None, ME)
        first(tmp_path)
    config["cameras"][1].update(url=str(tmp_path / "missing.mp4"), blind=blind)
    with alive(config) as agent:
        assert [one.camera for one in agent.controls.silences()] == ["lost"]
        assert agent.controls.guard("yard").disarmed
        until(lambda: bool(incidents(tmp_path, Kind.CAMERA)), "a blind camera", PATIENCE_S)
        states = {status.camera: status.state for status in agent.controls.cameras()}
        assert states["lost"] is CameraState.OFFLINE
        with pytest.raises(NoPictureError):
            agent.controls.live_picture("lost")
    (fire,) = incidents(tmp_path, Kind.FIRE)
    (blindness,) = incidents(tmp_path, Kind.CAMERA)
    assert [one.sink for one in fire.changes[0].told] == ["mqtt", "telegram"]
    assert [one.sink for one in blindness.changes[0].told] == ["mqtt"]


def test_the_desk_knows_the_agent_and_is_shut_when_that_stops(
    tmp_path: Path, bundle: Path, calm: Path
) -> None:
    config = document(tmp_path, bundle, yard=calm)
    config["cameras"][0]["name"] = "Cour arrière"
    with alive(config) as agent:
        controls = agent.controls
        assert controls.camera_name("yard") == "Cour arrière"
        assert controls.status().models[0].bundle == "colours"
        assert controls.health().disk_total > 0
        until(lambda: controls.cameras()[0].state is CameraState.ONLINE, "the camera is online", PATIENCE_S)
        picture = cv2.imdecode(np.frombuffer(controls.live_picture("yard"), np.uint8), cv2.IMREAD_COLOR)
        assert picture is not None
    with pytest.raises(BusyError):
        controls.status()


@pytest.mark.skipif(
    CLASSIFIER not in [folder.name for folder in shipped()], reason=f"{CLASSIFIER} does not ship here"
)
def test_a_self_test_goes_the_whole_way_and_alarms_nobody(tmp_path: Path, calm: Path, broker: Broker) -> None:
    config = document(tmp_path, Path(CLASSIFIER), yard=calm)
    config = quick(config, broker)
    with Listener(broker.port) as listener, alive(config) as agent:
        hops = list(agent.controls.selftest(ME))
        assert [(hop.step, hop.ok) for hop in hops] == [
            ("picture", True),
            ("look", True),
            ("confirm", True),
            ("record", True),
            ("tell:mqtt", True),
        ], hops
        heard = listener.wait_for(
            lambda messages: sum(m.topic == f"{ROOT}/event/selftest" for m in messages) == 2, PATIENCE_S
        )
    for message in heard:
        if "/event/" in message.topic:
            check("selftest-event", message.json)
            assert message.json["data"]["actor"] == ME
    assert not [message for message in heard if "/incident/" in message.topic]
    (drill,) = past(tmp_path)
    assert drill.incident.drill
    assert transitions(drill) == ["fire opened", "fire resolved"]


def test_many_people_pressing_at_once_hold_up_no_look(tmp_path: Path, bundle: Path, burning: Path) -> None:
    config = quick(document(tmp_path, bundle, yard=burning), dismissed_again_after_s=0.2)
    outcomes: List[str] = []

    def press(controls: Controls, stop: threading.Event) -> None:
        while not stop.is_set():
            for one in past(tmp_path)[-1:]:
                try:
                    outcomes.append(controls.dismiss(one.incident.id, ME).state.value)
                except (ClosedIncidentError, BusyError) as refusal:
                    outcomes.append(type(refusal).__name__)

    with alive(config) as agent:
        stop = threading.Event()
        threads = [threading.Thread(target=press, args=(agent.controls, stop)) for _ in range(3)]
        for thread in threads:
            thread.start()
        try:
            until(lambda: outcomes.count("dismissed") >= 3, "dismissals", PATIENCE_S)
            looked_again(agent, 5)
            assert agent.trouble(20.0) is None
        finally:
            stop.set()
            for thread in threads:
                thread.join(PATIENCE_S)
    for one in past(tmp_path):
        assert [change.change.incident.sequence for change in one.changes] == list(
            range(1, len(one.changes) + 1)
        )
