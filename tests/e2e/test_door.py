"""A camera before a door, with the networks that ship and a real broker: who is let in, and who is not."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Dict, List

import cv2
import numpy as np
import pytest

from agent.errors import BeffroiError
from agent.faces.provision import face_bundle
from tests.e2e.test_faces import ANN, LFW, NAME, PICTURES, STRANGER, enrol, portraits, with_faces
from tests.e2e.whole import PATIENCE_S, ROOT, alive, document
from tests.fakes.broker import Broker
from tests.fakes.city import check, schema_of
from tests.fakes.listener import Heard, Listener

DOORS = ("gate", "lobby", "vault", "yard")

pytestmark = pytest.mark.skipif(not LFW.is_dir(), reason="the faces of ../shared are not there")


def held_up(folder: Path, portrait: Path) -> Path:
    """A print that a hand moves a little before a wall; the face is 90 pixels wide, about."""
    wall = np.random.default_rng(7).integers(60, 120, (36, 64, 1), np.uint8)
    scene = np.asarray(cv2.resize(wall, (640, 360))[..., None].repeat(3, 2), np.uint8)
    photo = np.asarray(cv2.imread(str(portrait)), np.uint8)
    corners = np.array([[0, 0], [250, 0], [250, 250], [0, 250]], np.float32)
    folder.mkdir()
    for number in range(PICTURES):
        swing = np.sin(number / 3)
        tilted = corners + np.array([[0, 6], [0, 0], [0, 0], [0, -6]], np.float32) * swing
        moved = tilted + np.array([200 + 30 * np.sin(number / 5), 60 + 10 * swing])
        where = cv2.getPerspectiveTransform(corners, moved.astype(np.float32))
        picture = cv2.warpPerspective(
            photo, where, (640, 360), dst=scene.copy(), borderMode=cv2.BORDER_TRANSPARENT
        )
        cv2.imwrite(str(folder / f"{number:03}.png"), picture)
    return folder


def told(heard: List[Heard]) -> Dict[str, Any]:
    """The first event of each camera."""
    events: Dict[str, Any] = {}
    for message in heard:
        if "/event/face-" in message.topic:
            events.setdefault(message.json["data"]["camera"]["id"], message)
    return events


def test_a_printed_photo_opens_no_door_that_asks_for_a_head(
    tmp_path: Path, bundle: Path, broker: Broker
) -> None:
    try:
        embedder = face_bundle(tmp_path / "models")
    except BeffroiError as error:
        pytest.skip(str(error))
    ann = held_up(tmp_path / "ann", portraits(ANN)[3])
    stranger = held_up(tmp_path / "stranger", portraits(STRANGER)[0])
    films = dict(zip(DOORS, (ann, ann, ann, stranger)))
    door = {"frames": 3, "within_s": 8.0}
    blind = {**door, "liveness": False}
    config = with_faces(
        document(tmp_path / "data", bundle, **films),
        embedder,
        broker,
        {
            "gate": {"door": door},
            "lobby": {"door": blind, "roles": "staff"},
            "vault": {"door": blind, "people": "99"},
            "yard": {"door": door},
        },
    )
    enrol(config, tmp_path)
    with Listener(broker.port) as listener, alive(config):
        heard = listener.wait_for(lambda messages: set(told(messages)) == set(DOORS), PATIENCE_S)
    said = {}
    for camera, message in told(heard).items():
        check(schema_of(message.topic), message.json)
        assert NAME not in message.topic + message.payload.decode()
        assert (message.qos, message.retain) == (1, False)
        data = message.json["data"]
        said[camera] = (message.topic[len(f"{ROOT}/event/") :], data["person_id"], data["reason"])
    assert said == {
        "gate": ("face-refused", 1, "flat"),
        "lobby": ("face-authenticated", 1, None),
        "vault": ("face-refused", 1, "unauthorised"),
        "yard": ("face-refused", None, "unknown"),
    }
