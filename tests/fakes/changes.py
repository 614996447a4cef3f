"""Made-up incidents and deliveries of them."""

from __future__ import annotations

import itertools
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import List, Optional

from agent.domain.box import Box
from agent.domain.evidence import ModelInfo
from agent.domain.face_event import FaceEvent, FaceEventKind
from agent.domain.incident import Change, Incident, Kind
from agent.domain.object_event import ObjectEvent, ObjectEventKind
from agent.ports import Delivery, SnapshotRef

AT = datetime(2026, 1, 1, 12, 0, tzinfo=timezone.utc)
MODEL = ModelInfo("fire-lite0", "ab" * 32, "onnxruntime", "fp32", {"open_above": 0.7})
FACES = ModelInfo("dlib-face", "ef" * 32, "onnxruntime", "fp32", {"max_distance": 0.45})
OBJECTS = ModelInfo("city-nano", "9a" * 32, "onnxruntime", "fp32", {"score": 0.25, "overlap": 0.65})
SNAPSHOT = SnapshotRef(
    Path("snapshots/2026/01/a-1.jpg"), Path("snapshots/2026/01/a-1.clean.jpg"), "cd" * 32, 640, 360
)

_numbers = itertools.count(1)


def opened(id: str = "a", kind: Kind = Kind.START_FIRE, camera: str = "yard") -> Change:
    """The first change of an incident; a camera's and the device's have a reason, the others a model."""
    if kind is Kind.CAMERA:
        return Incident.open(id, camera, kind, AT, 1.0, reason="stalled")
    if kind is Kind.DEVICE:
        return Incident.open(id, camera, kind, AT, 1.0, reason="engine")
    return Incident.open(id, camera, kind, AT, 0.8, model=MODEL)


def face_event(kind: FaceEventKind = FaceEventKind.RECOGNISED, person: Optional[int] = 12) -> FaceEvent:
    """Somebody at the gate, known or not."""
    known = person is not None
    reason, distance = (None, 0.31) if known else ("unknown", None)
    return FaceEvent(f"{kind.value}-1", kind, "gate", AT, 3, person, ("door",), 0.9, distance, FACES, reason)


def object_event(kind: ObjectEventKind = ObjectEventKind.ENTERED) -> ObjectEvent:
    """A car at the gate; five people for a crowd; `in` for a crossing."""
    event = f"{kind.value}-1"
    if kind is ObjectEventKind.CROWDED:
        return ObjectEvent(event, kind, "gate", AT, "full", "yard", "person", None, 5, 0.7, None, OBJECTS)
    direction = "in" if kind is ObjectEventKind.CROSSED else None
    place = "quay" if direction else "yard"
    box = Box(0.2, 0.4, 0.5, 1.02)
    return ObjectEvent(event, kind, "gate", AT, "cars", place, "car", 7, 1, 0.8, box, OBJECTS, direction)


def story(id: str, updates: int) -> List[Change]:
    """Opened, escalated to fire, updated so many times, resolved."""
    changes = [opened(id)]
    changes.append(changes[-1].incident.escalate(Kind.FIRE, AT + timedelta(seconds=1), 0.9))
    for n in range(updates):
        changes.append(changes[-1].incident.update(AT + timedelta(seconds=2 + n), 0.9))
    changes.append(changes[-1].incident.resolve(AT + timedelta(seconds=60), 0.0))
    return changes


def every_transition(kind: Kind) -> List[Change]:
    """One change of each transition that an incident of this kind can see."""
    first = opened(f"{kind.value}-1", kind)
    later = AT + timedelta(seconds=5)
    after = first.incident
    return [
        first,
        after.update(later, 0.7),
        after.escalate(kind, later, 0.9),
        after.acknowledge(later, "anna"),
        after.resolve(later, 0.1),
        after.dismiss(later, "anna"),
    ]


def delivery(
    change: Change,
    *,
    snapshot: Optional[SnapshotRef] = None,
    recorded_at: datetime = AT,
    attempts: int = 0,
    sink: str = "mqtt",
) -> Delivery:
    """A leased row for the change."""
    return Delivery(next(_numbers), sink, change, snapshot, recorded_at, attempts)
