"""A change of an incident, or of a drill, as a CloudEvent: pure, the same for every retry but for
`recordedtime`."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import List, Mapping, Optional
from urllib.parse import quote

from agent.domain.face_event import FaceEvent
from agent.domain.incident import NO_CAMERA, Change, Incident, Kind
from agent.domain.policy.object_rules import THINGS, ObjectRule
from agent.ports import SnapshotRef
from alerts.city import payloads
from alerts.city.payloads import Json
from alerts.city.timestamps import timestamp

INCIDENT_SCHEMA = "urn:beffroi:v1:incident"
"""The `$id` of schemas/incident.schema.json."""

FACE_SCHEMA = "urn:beffroi:v1:face"
"""The `$id` of schemas/face.schema.json."""

SELFTEST_SCHEMA = "urn:beffroi:v1:selftest"
"""The `$id` of schemas/selftest.schema.json."""


@dataclass(frozen=True)
class CameraInfo:
    """What the configuration says of a camera; WGS 84 degrees, and its rules about things by name."""

    name: Optional[str] = None
    latitude: Optional[float] = None
    longitude: Optional[float] = None
    rules: Mapping[str, ObjectRule] = field(default_factory=dict)


@dataclass(frozen=True)
class Origin:
    """Who speaks: the site and device of the topics."""

    site: str
    device: str

    def camera(self, camera: str) -> str:
        """The CloudEvents source of a camera, or of the device for NO_CAMERA: a URI reference."""
        device = "/".join(["", quote(self.site, ""), quote(self.device, "")])
        return device if camera == NO_CAMERA else f"{device}/camera/{quote(camera, '')}"


def incident_event(
    change: Change,
    origin: Origin,
    camera: CameraInfo,
    snapshot: Optional[SnapshotRef] = None,
    held_back_since: Optional[datetime] = None,
) -> Json:
    """The CloudEvent of a change; `held_back_since` is when it was recorded, given where it is told late."""
    data = _data(change, camera, snapshot)
    kind = f"city.beffroi.incident.{change.transition.value}"
    return _event(change, origin, kind, INCIDENT_SCHEMA, data, held_back_since)


def selftest_event(
    change: Change, origin: Origin, camera: CameraInfo, held_back_since: Optional[datetime] = None
) -> Json:
    """The CloudEvent of a change of a drill."""
    incident = change.incident
    data: Json = {
        "drill_id": incident.id,
        "transition": change.transition.value,
        "camera": camera_json(incident.camera, camera),
        "actor": incident.actor,
        "confidence": incident.confidence,
        "model": None if incident.model is None else payloads.model(incident.model),
        "latency": {"capture_to_event_ms": change.capture_to_event_ms},
    }
    kind = "city.beffroi.event.selftest"
    return _event(change, origin, kind, SELFTEST_SCHEMA, data, held_back_since)


def face_event(event: FaceEvent, origin: Origin, camera: CameraInfo) -> Json:
    """The CloudEvent of an enrolled person's appearance, or of what became of somebody at a door."""
    data: Json = {
        "camera": camera_json(event.camera, camera),
        "person_id": event.person,
        "track": event.track,
        "zones": list(event.zones),
        "confidence": event.confidence,
        "distance": event.distance,
        "reason": event.reason,
        "model": payloads.model(event.model),
    }
    kind = event.kind.value
    return fact_event(event.id, kind, origin.camera(event.camera), event.at, FACE_SCHEMA, data)


def fact_event(id: str, kind: str, source: str, at: datetime, schema: str, data: Json) -> Json:
    """The CloudEvent of what is told once and does not go on; `kind` as in its topic."""
    return {
        "specversion": "1.0",
        "id": id,
        "source": source,
        "type": f"city.beffroi.event.{kind}",
        "time": timestamp(at),
        "subject": id,
        "datacontenttype": "application/json",
        "dataschema": schema,
        "data": data,
    }


def _event(
    change: Change, origin: Origin, kind: str, schema: str, data: Json, held_back_since: Optional[datetime]
) -> Json:
    incident = change.incident
    event: Json = {
        "specversion": "1.0",
        "id": change.event_id,
        "source": origin.camera(incident.camera),
        "type": kind,
        "time": timestamp(change.at),
        "subject": incident.id,
        "datacontenttype": "application/json",
        "dataschema": schema,
        # The CloudEvents extension wants a string that sorts as text.
        "sequence": f"{incident.sequence:010d}",
        "severitytext": incident.severity.value,
        "data": data,
    }
    if held_back_since is not None:
        event["recordedtime"] = timestamp(held_back_since)
    return event


def _data(change: Change, camera: CameraInfo, snapshot: Optional[SnapshotRef]) -> Json:
    incident = change.incident
    rule = camera.rules.get(incident.reason or "") if incident.kind is Kind.OBJECT else None
    return {
        "incident_id": incident.id,
        "kind": incident.kind.value,
        "state": incident.state.value,
        "severity": incident.severity.value,
        "camera": camera_json(incident.camera, camera),
        "zones": [rule.place] if rule is not None and rule.place else [],
        "first_seen": timestamp(incident.first_seen),
        "last_seen": timestamp(incident.last_seen),
        "confidence": {"now": incident.confidence, "peak": incident.peak},
        "boxes": [
            {"label": one.label, "score": one.score, **payloads.box(one.box)} for one in incident.extent.boxes
        ],
        "area": incident.extent.area,
        "growth": incident.extent.growth,
        "labels": _labels(incident) if rule is None else [one for one in THINGS if one in rule.labels],
        "reason": incident.reason,
        "actor": incident.actor,
        "person_id": incident.person,
        "snapshot": None if snapshot is None else _snapshot(snapshot),
        "model": None if incident.model is None else payloads.model(incident.model),
        "latency": {"capture_to_event_ms": change.capture_to_event_ms},
    }


def _labels(incident: Incident) -> List[str]:
    """A model that judges the whole picture names its kind, nobody names anything for the rest."""
    return [] if incident.model is None else [incident.kind.value]


def camera_json(camera: str, info: CameraInfo) -> Optional[Json]:
    """What every event says of its camera; None for NO_CAMERA."""
    if camera == NO_CAMERA:
        return None
    located = info.latitude is not None and info.longitude is not None
    return {
        "id": camera,
        "name": info.name,
        "location": {"lat": info.latitude, "lon": info.longitude} if located else None,
    }


def _snapshot(snapshot: SnapshotRef) -> Json:
    return {
        "sha256": snapshot.sha256,
        "width": snapshot.width,
        "height": snapshot.height,
        "href": snapshot.annotated.as_posix(),
    }
