"""The whole agent with the networks that ship, on pictures of people: who is told, who is not, and how."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Dict, List, Set

import cv2
import numpy as np
import pytest

from agent.cli.people_context import opened
from agent.enrolments import Consent
from agent.errors import BeffroiError
from agent.faces.provision import face_bundle
from agent.faces.veil import eager_detector
from agent.ports import Face, Picture
from tests.e2e.command import write_config
from tests.e2e.whole import PATIENCE_S, ROOT, Document, alive, document, past, transitions
from tests.fakes.broker import Broker
from tests.fakes.changes import AT
from tests.fakes.city import check, schema_of
from tests.fakes.listener import Heard, Listener

LFW = Path(__file__).parents[3] / "shared" / "faces" / "lfw"
KEY, OTHER_KEY = "ab" * 32, "cd" * 32
ANN, STRANGER = "Tom_Ridge", "Hugo_Chavez"
NAME = "Ann Peeters"
PICTURES = 75
"""15 seconds at five a second."""

pytestmark = pytest.mark.skipif(not LFW.is_dir(), reason="the faces of ../shared are not there")


@pytest.fixture(scope="module")
def embedder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    try:
        return face_bundle(tmp_path_factory.mktemp("models"))
    except BeffroiError as error:
        pytest.skip(str(error))


@pytest.fixture(scope="module")
def ann(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return replay(tmp_path_factory.mktemp("ann"), portraits(ANN)[3:9])


@pytest.fixture(scope="module")
def stranger(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return replay(tmp_path_factory.mktemp("stranger"), portraits(STRANGER)[:6])


def portraits(person: str) -> List[Path]:
    return sorted((LFW / person).glob("*.jpg"))


def replay(folder: Path, shown: List[Path]) -> Path:
    """Somebody before a wall, as a folder of pictures; the face is 90 pixels wide, about."""
    wall = np.random.default_rng(7).integers(60, 120, (36, 64, 1), np.uint8)
    scene = cv2.resize(wall, (640, 360))[..., None].repeat(3, 2)
    pictures = []
    for file in shown:
        picture = scene.copy()
        picture[60:310, 200:450] = cv2.imread(str(file))
        pictures.append(cv2.imencode(".png", picture)[1].tobytes())
    for number in range(PICTURES):
        (folder / f"{number:03}.png").write_bytes(pictures[number % len(pictures)])
    return folder


def with_faces(
    config: Document, embedder: Path, broker: Broker, faces: Dict[str, Dict[str, Any]], key: str = KEY
) -> Document:
    """`faces` is that section of each camera that has one."""
    for camera in config["cameras"]:
        camera["faces"] = {"looks_per_second": 4.0, **faces.get(camera["id"], {})}
    return {
        **config,
        "faces": {"key": key, "embedder": str(embedder), "backend": "onnxruntime", "threads": 1},
        "mqtt": {"host": broker.host, "port": broker.port, "keepalive_s": 5},
    }


def enrol(config: Document, folder: Path) -> None:
    """Ann is person 1."""
    with opened(write_config(folder / "beffroi.yaml", config), {}) as people:
        under_way = people.service.begin(NAME, ["staff"], Consent(NAME, AT, "signed form 12"), people.by)
        for file in portraits(ANN)[:3]:
            assert people.service.add(under_way.id, file.read_bytes()).accepted
        assert people.service.finish(under_way.id).id == 1


def test_strangers_and_the_unauthorised_open_incidents_and_the_enrolled_are_told(
    tmp_path: Path, bundle: Path, embedder: Path, ann: Path, stranger: Path, broker: Broker
) -> None:
    data = tmp_path / "data"
    cameras = {"gate": stranger, "yard": ann, "vault": ann, "hall": ann, "square": stranger}
    config = with_faces(
        document(data, bundle, **cameras),
        embedder,
        broker,
        {
            "gate": {"policy": "authorised"},
            "yard": {"policy": "authorised", "roles": "staff"},
            "vault": {
                "people": "99",
                "zones": [{"name": "safe", "polygon": "0.2,0 0.8,0 0.8,1 0.2,1", "policy": "authorised"}],
            },
            "hall": {"policy": "watch"},
            "square": {"policy": "watch"},
        },
    )
    enrol(config, tmp_path)
    with Listener(broker.port) as listener:
        with alive(config):
            recognised = listener.wait_topic(f"{ROOT}/event/face-recognised", timeout_s=PATIENCE_S)
            listener.wait_for(lambda heard: len([m for m in heard if "/incident/face/" in m.topic]) >= 2)
            listener.wait_for(lambda heard: ended(heard) == set(cameras), PATIENCE_S)
        heard = listener.heard
    assert not recognised.retain
    check(schema_of(recognised.topic), recognised.json)
    told = recognised.json["data"]
    assert (told["camera"]["id"], told["person_id"]) == ("hall", 1)
    events = [m.json for m in heard if "/event/face-" in m.topic]
    assert len(events) == 1
    by_camera: Dict[str, Dict[str, Any]] = {}
    for message in heard:
        assert NAME not in message.topic + message.payload.decode()
        if "/incident/" in message.topic:
            check("incident-event", message.json)
            by_camera.setdefault(message.json["data"]["camera"]["id"], message.json["data"])
    assert sorted(by_camera) == ["gate", "vault"]
    assert (by_camera["gate"]["reason"], by_camera["gate"]["person_id"]) == ("unknown", None)
    assert (by_camera["vault"]["reason"], by_camera["vault"]["person_id"]) == ("unauthorised", 1)
    stored = {one.incident.camera: one for one in past(data)}
    assert transitions(stored["gate"])[0] == "face opened"
    assert stored["vault"].incident.person == 1
    for camera, faces_shown in (("gate", 0), ("vault", 1)):
        snapshot = stored[camera].changes[0].snapshot
        assert snapshot is not None
        assert len(found(data / snapshot.clean)) == 1
        assert len(found(data / snapshot.annotated)) == faces_shown


def ended(heard: List[Heard]) -> Set[str]:
    """The cameras whose pictures have all been shown."""
    states = [m for m in heard if m.topic.startswith(f"{ROOT}/camera/")]
    return {m.topic.split("/")[5] for m in states if m.json["reason"] == "replay ended"}


def found(path: Path) -> List[Face]:
    picture: Picture = np.asarray(cv2.imread(str(path)), np.uint8)
    detector = eager_detector(1)
    try:
        return [face for face in detector.find([picture])[0] if face.score > 0.6]
    finally:
        detector.close()


def test_with_the_wrong_key_faces_are_trouble_and_fire_is_watched_all_the_same(
    tmp_path: Path, bundle: Path, embedder: Path, ann: Path, burning: Path, broker: Broker
) -> None:
    data = tmp_path / "data"
    films = {"gate": ann, "yard": burning}

    def config(key: str) -> Document:
        faces = {"gate": {"policy": "watch"}}
        return with_faces(document(data, bundle, **films), embedder, broker, faces, key)

    enrol(config(KEY), tmp_path)
    with Listener(broker.port) as listener:
        with alive(config(OTHER_KEY)):
            fire = listener.wait_topic(f"{ROOT}/incident/fire/opened", timeout_s=PATIENCE_S).json
            trouble = listener.wait_topic(f"{ROOT}/incident/device/opened", timeout_s=PATIENCE_S).json
        with alive(config(KEY)):
            over = listener.wait_topic(f"{ROOT}/incident/device/resolved", timeout_s=PATIENCE_S).json
    assert fire["data"]["camera"]["id"] == "yard"
    assert trouble["data"]["reason"] == "faces"
    check("incident-event", trouble)
    assert over["subject"] == trouble["subject"]
