"""The whole agent with the network that ships on a square full of people: what rules tell, count and record,
and what a mask hides."""

from __future__ import annotations

import threading
from collections import Counter
from contextlib import closing
from pathlib import Path
from typing import Any, List

import cv2
import numpy as np
import pytest

from agent.clock import SystemClock
from agent.domain.incident import Kind
from agent.inference.objects import YoloX
from agent.inference.shared import Told
from agent.store.database import open_for_reading
from agent.store.line_counts import StoredLineCounts
from tests.e2e.whole import PATIENCE_S, ROOT, Document, alive, document, past
from tests.fakes.broker import Broker
from tests.fakes.city import check, schema_of
from tests.fakes.listener import Listener
from tests.fakes.waiting import until

SHARED = Path(__file__).parents[3] / "shared"
SQUARE = SHARED / "videos" / "nofire_pedestrians_vtest.mp4"
MASK = "0,0 0.3,0 0.3,0.25 0,0.25"

pytestmark = pytest.mark.skipif(not SQUARE.is_file(), reason="the film of ../shared is not there")


def with_rules(config: Document, broker: Broker) -> Document:
    (camera,) = config["cameras"]
    camera["objects"] = {
        "zones": [
            {"name": "middle", "polygon": "0.2,0.2 0.8,0.2 0.8,1 0.2,1"},
            {"name": "windows", "polygon": MASK, "kind": "mask"},
        ],
        "lines": [{"name": "across", "points": "0.5,1 0.5,0"}],
        "rules": [
            {"name": "passers-by", "when": "line", "line": "across", "labels": "person"},
            {"name": "crowd", "when": "count", "above": 1, "seconds": 1, "zone": "middle"},
            {
                "name": "in-the-middle",
                "when": "enter",
                "zone": "middle",
                "labels": "person",
                "raises": "incident",
                "severity": "high",
            },
        ],
    }
    return {
        **config,
        "objects": {"backend": "onnxruntime", "threads": 1},
        "faces": {"blur": False},
        "mqtt": {"host": broker.host, "port": broker.port, "keepalive_s": 5},
    }


def test_rules_tell_count_and_open_incidents_and_a_mask_is_black_in_every_picture(
    tmp_path: Path, bundle: Path, broker: Broker
) -> None:
    data = tmp_path / "data"
    config = with_rules(document(data, bundle, square=SQUARE), broker)
    with Listener(broker.port) as listener:
        with alive(config) as agent:
            crossed = listener.wait_topic(f"{ROOT}/event/object-crossed", timeout_s=PATIENCE_S)
            crowded = listener.wait_topic(f"{ROOT}/event/object-crowded", timeout_s=PATIENCE_S)
            opened = listener.wait_topic(f"{ROOT}/incident/object/opened", timeout_s=PATIENCE_S)
            listener.wait_for(lambda heard: any(counted(m.topic, m.payload) for m in heard), PATIENCE_S)
            live = decoded(agent.controls.live_picture("square"))
        with Listener(broker.port, client_id="late") as late:
            counts = late.wait_topic(f"{ROOT}/camera/square/counts")
    for message in (crossed, crowded, counts):
        check(schema_of(message.topic), message.json)
    check("incident-event", opened.json)
    assert counts.retain
    told = crossed.json["data"]
    assert (told["rule"], told["line"], told["label"]) == ("passers-by", "across", "person")
    assert told["direction"] in ("in", "out")
    assert crowded.json["data"]["count"] > 1
    incident = opened.json["data"]
    assert (incident["reason"], incident["severity"], incident["zones"]) == (
        "in-the-middle",
        "high",
        ["middle"],
    )
    assert incident["model"]["bundle"] == "city-nano"
    ways = counts.json["lines"]["across"]
    assert sum(ways["in"].values()) + sum(ways["out"].values()) >= 1
    assert black(live)
    stored = [one for one in past(data) if one.incident.kind is Kind.OBJECT]
    pictures = snapshots(data, stored[0])
    assert {one.incident.reason for one in stored} == {"in-the-middle"}
    assert boxes(pictures[0], pictures[1]) > 20, "the person is in a box, in what is sent"
    for one in past(data):
        assert all(black(picture) for picture in snapshots(data, one))


def test_a_restart_counts_on(tmp_path: Path, bundle: Path, broker: Broker) -> None:
    data = tmp_path / "data"
    config = with_rules(document(data, bundle, square=SQUARE), broker)
    with Listener(broker.port) as listener, alive(config):
        heard = listener.wait_for(lambda told: any(counted(m.topic, m.payload) for m in told), PATIENCE_S)
    first = next(message.json for message in heard if counted(message.topic, message.payload))
    with closing(open_for_reading(data / "beffroi.db")) as database:
        kept = StoredLineCounts(database, SystemClock()).load("square")
    assert any(labels for labels in kept["across"].values())
    with Listener(broker.port, client_id="again") as again:
        again.wait_topic(f"{ROOT}/camera/square/counts")
        again.forget()
        with alive(config):
            told = again.wait_topic(f"{ROOT}/camera/square/counts", timeout_s=PATIENCE_S)
    assert told.json["since"] == first["since"]
    for way in ("in", "out"):
        before, after = kept["across"].get(way, {}), told.json["lines"]["across"][way]
        assert all(after[label] >= count for label, count in before.items())


def test_where_both_see_the_same_one_look_serves_fire_and_rules(
    tmp_path: Path, broker: Broker, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With the fire model that ships, which is fused with the network that boxes things."""
    looks: Counter[str] = Counter()

    def counting(kind: Any, name: str) -> None:
        find = kind.find

        def counted_find(self: Any, pictures: Any) -> Any:
            looks[name if threading.current_thread().name == "objects" else "fire"] += 1
            return find(self, pictures)

        monkeypatch.setattr(kind, "find", counted_find)

    counting(Told, "asked for")
    counting(YoloX, "run for")
    config = with_rules(document(tmp_path / "data", Path("fire-lite0"), square=SQUARE), broker)
    config["cameras"][0]["objects"]["zones"].pop()  # the mask
    with alive(config):
        until(
            lambda: looks["asked for"] - looks["run for"] >= 5, "things are seen without a look", PATIENCE_S
        )
    assert looks["fire"] > 0


def counted(topic: str, payload: bytes) -> bool:
    return topic.endswith("/counts") and b"person" in payload


def snapshots(data: Path, one: Any) -> List[Any]:
    """The clean and the annotated pictures of all changes, in turn."""
    stored = [change.snapshot for change in one.changes if change.snapshot is not None]
    paths = [path for snapshot in stored for path in (snapshot.clean, snapshot.annotated)]
    return [decoded((data / path).read_bytes()) for path in paths]


def decoded(jpeg: bytes) -> Any:
    return cv2.imdecode(np.frombuffer(jpeg, np.uint8), cv2.IMREAD_COLOR)


def black(picture: Any) -> bool:
    """Whether the mask is, below the lines of text."""
    height, width = picture.shape[:2]
    part = picture[round(0.15 * height) : round(0.24 * height), round(0.02 * width) : round(0.29 * width)]
    return bool(part.max() < 40)


def boxes(clean: Any, shown: Any) -> int:
    """How many pixels below the lines of text, and within the border, differ much."""
    inner = slice(clean.shape[0] // 5, -12), slice(12, -12)
    return int((np.abs(clean[inner].astype(int) - shown[inner]).max(axis=2) > 60).sum())
