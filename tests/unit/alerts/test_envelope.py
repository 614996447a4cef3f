from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta, timezone
from typing import Any, Dict, Optional

import pytest
from jsonschema import ValidationError

from agent.domain.box import Box
from agent.domain.detection import Detection
from agent.domain.evidence import HEAT
from agent.domain.extent import Extent
from agent.domain.face_event import FaceEventKind
from agent.domain.incident import Change, Incident, Kind
from agent.domain.policy.object_rules import ObjectRule, RuleKind
from agent.domain.zone import Zone
from alerts.city.envelope import CameraInfo, Origin, incident_event, selftest_event
from alerts.city.envelope import face_event as face_event_of
from tests.fakes.changes import AT, MODEL, OBJECTS, SNAPSHOT, every_transition, face_event, opened, story
from tests.fakes.city import check

TOWER = Origin("town", "tower")
YARD = CameraInfo("Back yard", 50.63, 3.06)


@pytest.mark.parametrize("kind", list(Kind))
def test_every_change_of_every_kind_is_valid(kind: Kind) -> None:
    for change in every_transition(kind):
        for snapshot in (None, SNAPSHOT):
            for camera in (CameraInfo(), YARD):
                check("incident-event", incident_event(change, TOWER, camera, snapshot, AT))


def test_the_envelope() -> None:
    change = story("a", updates=1)[1]
    event = incident_event(change, TOWER, YARD)
    assert {key: event[key] for key in event if key != "data"} == {
        "specversion": "1.0",
        "id": "a-2",
        "source": "/town/tower/camera/yard",
        "type": "city.beffroi.incident.escalated",
        "time": "2026-01-01T12:00:01.000Z",
        "subject": "a",
        "datacontenttype": "application/json",
        "dataschema": "urn:beffroi:v1:incident",
        "sequence": "0000000002",
        "severitytext": "critical",
    }


def test_the_data() -> None:
    change = replace(opened("a", Kind.FIRE), capture_to_event_ms=123.4)
    data: Any = incident_event(change, TOWER, YARD, SNAPSHOT)["data"]
    assert data == {
        "incident_id": "a",
        "kind": "fire",
        "state": "open",
        "severity": "critical",
        "camera": {"id": "yard", "name": "Back yard", "location": {"lat": 50.63, "lon": 3.06}},
        "zones": [],
        "first_seen": "2026-01-01T12:00:00.000Z",
        "last_seen": "2026-01-01T12:00:00.000Z",
        "confidence": {"now": 0.8, "peak": 0.8},
        "boxes": [],
        "area": None,
        "growth": None,
        "labels": ["fire"],
        "reason": None,
        "actor": None,
        "person_id": None,
        "snapshot": {
            "sha256": SNAPSHOT.sha256,
            "width": 640,
            "height": 360,
            "href": "snapshots/2026/01/a-1.jpg",
        },
        "model": {
            "bundle": "fire-lite0",
            "sha256": MODEL.sha256,
            "backend": "onnxruntime",
            "precision": "fp32",
            "thresholds": {"open_above": 0.7},
        },
        "latency": {"capture_to_event_ms": 123.4},
    }


def test_where_it_burns_is_told_with_the_model_that_says_so() -> None:
    flames = (Detection("fire", 0.9, Box(-0.1, 0.2, 0.3, 1.4)), Detection("smoke", 0.4, Box(0, 0, 1, 0.5)))
    change = opened("a", Kind.FIRE)
    model = replace(MODEL, boxed_by=OBJECTS)
    incident = replace(change.incident, model=model, extent=Extent(flames, 0.6, 1.75))
    event = incident_event(replace(change, incident=incident), TOWER, YARD)
    check("incident-event", event)
    data: Any = event["data"]
    assert data["boxes"] == [
        {"label": "fire", "score": 0.9, "x1": 0.0, "y1": 0.2, "x2": 0.3, "y2": 1.0},
        {"label": "smoke", "score": 0.4, "x1": 0, "y1": 0, "x2": 1, "y2": 0.5},
    ]
    assert (data["area"], data["growth"]) == (0.6, 1.75)
    assert data["model"]["boxed_by"]["bundle"] == OBJECTS.bundle
    drill = Incident.rehearse("d", "yard", AT, 0.9, actor="shell:root", model=model)
    check("selftest-event", selftest_event(drill, TOWER, YARD))


def test_roughly_where_it_burns_is_a_box_without_an_area() -> None:
    change = opened("a", Kind.FIRE)
    extent = Extent((Detection(HEAT, 0.9, Box(0.1, 0.2, 0.3, 0.4)),))
    event = incident_event(replace(change, incident=replace(change.incident, extent=extent)), TOWER, YARD)
    check("incident-event", event)
    data: Any = event["data"]
    assert data["boxes"] == [{"label": "heat", "score": 0.9, "x1": 0.1, "y1": 0.2, "x2": 0.3, "y2": 0.4}]
    assert (data["area"], data["growth"]) == (None, None)


def test_a_camera_incident_has_a_reason_and_no_model() -> None:
    data: Any = incident_event(opened(kind=Kind.CAMERA), TOWER, CameraInfo())["data"]
    assert (data["reason"], data["model"], data["labels"]) == ("stalled", None, [])
    assert data["camera"] == {"id": "yard", "name": None, "location": None}


@pytest.mark.parametrize("word", ["acknowledged", "dismissed"])
def test_who_acknowledged_or_dismissed_is_told(word: str) -> None:
    incident = opened().incident
    change = (
        incident.acknowledge(AT, "telegram:7")
        if word == "acknowledged"
        else incident.dismiss(AT, "telegram:7")
    )
    event = incident_event(change, TOWER, YARD)
    check("incident-event", event)
    data: Any = event["data"]
    assert (event["type"], data["state"], data["actor"]) == (
        f"city.beffroi.incident.{word}",
        word,
        "telegram:7",
    )


def drill() -> Change:
    return Incident.rehearse("d", "yard", AT, 0.97, actor="telegram:7", model=MODEL)


@pytest.mark.parametrize("held_back_since", [None, AT])
def test_a_drill_is_an_event_of_its_own(held_back_since: Optional[datetime]) -> None:
    over = drill().incident.resolve(AT + timedelta(seconds=3), 0.0)
    for change, transition in ((drill(), "opened"), (over, "resolved")):
        event = selftest_event(change, TOWER, YARD, held_back_since)
        check("selftest-event", event)
        data: Any = event["data"]
        assert event["type"] == "city.beffroi.event.selftest"
        assert (event["subject"], event["severitytext"]) == ("d", "informational")
        assert (data["drill_id"], data["transition"], data["actor"]) == ("d", transition, "telegram:7")


def test_a_drill_does_not_pass_for_an_incident() -> None:
    with pytest.raises(ValidationError):
        check("incident-event", selftest_event(drill(), TOWER, YARD))


def test_only_a_late_event_says_when_it_was_recorded() -> None:
    change = opened()
    late = incident_event(change, TOWER, YARD, held_back_since=AT + timedelta(seconds=1))
    assert late.pop("recordedtime") == "2026-01-01T12:00:01.000Z"
    assert late == incident_event(change, TOWER, YARD)


@pytest.mark.parametrize(
    ("site", "source"),
    [("tour été", "/tour%20%C3%A9t%C3%A9/d/camera/yard"), ("a?b%c", "/a%3Fb%25c/d/camera/yard")],
)
def test_the_source_is_a_uri_whatever_the_site_is_called(site: str, source: str) -> None:
    event = incident_event(opened(), Origin(site, "d"), YARD)
    assert event["source"] == source
    check("incident-event", event)


def test_a_place_on_the_zero_meridian_is_a_place() -> None:
    data: Any = incident_event(opened(), TOWER, CameraInfo(None, 0.0, 0.0))["data"]
    assert data["camera"]["location"] == {"lat": 0.0, "lon": 0.0}


def test_times_are_told_in_utc() -> None:
    paris = datetime(2026, 7, 1, 14, 0, tzinfo=timezone(timedelta(hours=2)))
    event: Dict[str, object] = incident_event(replace(opened(), at=paris), TOWER, YARD)
    assert event["time"] == "2026-07-01T12:00:00.000Z"


@pytest.mark.parametrize("kind", list(FaceEventKind))
@pytest.mark.parametrize("person", [12, None])
def test_a_face_event_is_what_its_schema_says_and_bears_no_name(
    kind: FaceEventKind, person: Optional[int]
) -> None:
    event = face_event_of(face_event(kind, person), Origin("town", "tower"), CameraInfo("Gate"))
    check("face-event", event)
    assert event["type"] == f"city.beffroi.event.{kind.value}"
    assert event["source"] == "/town/tower/camera/gate"
    data: Any = event["data"]
    assert (data["person_id"], data["reason"]) == ((12, None) if person else (None, "unknown"))


def test_an_incident_of_an_enrolled_person_bears_their_number() -> None:
    change = Incident.open("f", "gate", Kind.FACE, AT, 0.8, model=MODEL, person=12)
    event = incident_event(change, Origin("town", "tower"), CameraInfo())
    check("incident-event", event)
    data: Any = event["data"]
    assert data["person_id"] == 12


def test_an_incident_of_a_thing_says_where_and_what_its_rule_is_about() -> None:
    zone = Zone("yard", ((0.0, 0.0), (1.0, 0.0), (1.0, 1.0)))
    rule = ObjectRule("parked", RuleKind.LOITER, frozenset({"truck", "car"}), zone)
    camera = replace(YARD, rules={"parked": rule})
    change = Incident.open("i", "yard", Kind.OBJECT, AT, 0.8, reason="parked", model=MODEL)
    event = incident_event(change, TOWER, camera)
    check("incident-event", event)
    data: Any = event["data"]
    assert (data["zones"], data["labels"], data["reason"]) == (["yard"], ["car", "truck"], "parked")
    anywhere = replace(camera, rules={"parked": replace(rule, zone=None)})
    bare: Any = incident_event(change, TOWER, anywhere)["data"]
    assert bare["zones"] == []
    unknown: Any = incident_event(change, TOWER, YARD)["data"]
    assert (unknown["zones"], unknown["labels"]) == ([], ["object"])
