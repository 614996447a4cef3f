from __future__ import annotations

from typing import Any, Dict

import pytest
from jsonschema import ValidationError

from agent.domain.object_event import ObjectEventKind
from alerts.city.envelope import CameraInfo, Origin
from alerts.city.objects import line_counts
from alerts.city.objects import object_event as told
from tests.fakes.changes import AT, object_event
from tests.fakes.city import check

TOWER = Origin("town", "tower")


def data(kind: ObjectEventKind) -> Dict[str, Any]:
    event = told(object_event(kind), TOWER, CameraInfo("Gate", 50.6, 3.1))
    found: Any = event["data"]
    return dict(found)


@pytest.mark.parametrize("kind", list(ObjectEventKind))
def test_each_event_is_what_its_schema_says(kind: ObjectEventKind) -> None:
    event = told(object_event(kind), TOWER, CameraInfo("Gate"))
    check("object-event", event)
    assert event["type"] == f"city.beffroi.event.{kind.value}"
    assert event["source"] == "/town/tower/camera/gate"
    assert event["subject"] == event["id"] == f"{kind.value}-1"


def test_a_thing_has_a_zone_and_a_box_within_the_picture() -> None:
    said = data(ObjectEventKind.ENTERED)
    assert (said["zones"], said["line"], said["direction"]) == (["yard"], None, None)
    assert (said["rule"], said["label"], said["track"], said["count"]) == ("cars", "car", 7, 1)
    assert said["box"] == {"x1": 0.2, "y1": 0.4, "x2": 0.5, "y2": 1.0}
    assert said["camera"]["location"] == {"lat": 50.6, "lon": 3.1}
    assert said["model"]["bundle"] == "city-nano"


def test_a_crossing_names_its_line_and_its_way() -> None:
    said = data(ObjectEventKind.CROSSED)
    assert (said["zones"], said["line"], said["direction"]) == ([], "quay", "in")


def test_a_crowd_is_a_number_without_a_box() -> None:
    said = data(ObjectEventKind.CROWDED)
    assert (said["track"], said["count"], said["box"]) == (None, 5, None)


def test_counts_say_both_ways_of_each_line() -> None:
    nobody: Dict[str, int] = {}
    quay = {"in": {"car": 3, "person": 1}, "out": nobody}
    said = line_counts({"quay": quay, "gate": {"in": nobody, "out": nobody}}, AT)
    check("line-counts", said)
    assert said == {
        "since": "2026-01-01T12:00:00.000Z",
        "lines": {"quay": {"in": {"car": 3, "person": 1}, "out": {}}, "gate": {"in": {}, "out": {}}},
    }
    with pytest.raises(ValidationError):
        check("line-counts", {**said, "lines": {"quay": {"in": {"car": 0}, "out": {}}}})
