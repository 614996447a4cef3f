"""What the city hears of things: events as CloudEvents, and how many crossed the lines of a camera. Pure."""

from __future__ import annotations

from datetime import datetime

from agent.domain.object_event import ObjectEvent, ObjectEventKind
from agent.ports import LineCounts
from alerts.city import payloads
from alerts.city.envelope import CameraInfo, Origin, camera_json, fact_event
from alerts.city.payloads import Json
from alerts.city.timestamps import timestamp

OBJECT_SCHEMA = "urn:beffroi:v1:object"
"""The `$id` of schemas/object.schema.json."""


def object_event(event: ObjectEvent, origin: Origin, camera: CameraInfo) -> Json:
    """The CloudEvent of a rule that held for something."""
    crossed = event.kind is ObjectEventKind.CROSSED
    data: Json = {
        "camera": camera_json(event.camera, camera),
        "rule": event.rule,
        "zones": [event.zone] if event.zone and not crossed else [],
        "line": event.zone if crossed else None,
        "direction": event.direction,
        "label": event.label,
        "track": event.track,
        "count": event.count,
        "confidence": event.confidence,
        "box": None if event.box is None else payloads.box(event.box),
        "model": payloads.model(event.model),
    }
    source = origin.camera(event.camera)
    return fact_event(event.id, event.kind.value, source, event.at, OBJECT_SCHEMA, data)


def line_counts(counts: LineCounts, since: datetime) -> Json:
    """The payload of `camera/<id>/counts`, counted from `since` on; see agent.ports.StatusBoard.counts."""
    return {"since": timestamp(since), "lines": counts}
