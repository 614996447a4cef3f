"""Between the domain's values and table rows, exactly in both directions."""

from __future__ import annotations

import json
from datetime import datetime
from pathlib import Path
from typing import Any, Dict, Optional

from sqlalchemy import Row

from agent.domain.box import Box
from agent.domain.detection import Detection
from agent.domain.evidence import ModelInfo
from agent.domain.extent import NOWHERE, Extent
from agent.domain.incident import Change, Incident, Kind, Severity, State, Transition
from agent.ports import SnapshotRef

_ROW_OVERHEAD = 256

Values = Dict[str, Any]


def incident_values(incident: Incident) -> Values:
    """The columns that `incidents` and `incident_changes` share."""
    return {
        "sequence": incident.sequence,
        "kind": incident.kind.value,
        "state": incident.state.value,
        "severity": incident.severity.value,
        "first_seen": incident.first_seen,
        "last_seen": incident.last_seen,
        "confidence": float(incident.confidence),
        "peak": float(incident.peak),
        "reason": incident.reason,
        "actor": incident.actor,
        "model": _model_text(incident.model),
        "drill": int(incident.drill),
        "person": incident.person,
        "extent": _extent_text(incident.extent),
    }


def change_values(change: Change, snapshot: Optional[SnapshotRef], recorded_at: datetime) -> Values:
    """A row of `incident_changes`."""
    latency_ms = change.capture_to_event_ms
    return {
        "incident_id": change.incident.id,
        **incident_values(change.incident),
        "transition": change.transition.value,
        "at": change.at,
        "recorded_at": recorded_at,
        "capture_to_event_ms": None if latency_ms is None else float(latency_ms),
        "annotated": None if snapshot is None else snapshot.annotated.as_posix(),
        "clean": None if snapshot is None else snapshot.clean.as_posix(),
        "sha256": None if snapshot is None else snapshot.sha256,
        "width": None if snapshot is None else snapshot.width,
        "height": None if snapshot is None else snapshot.height,
    }


def incident_of(row: Row[Any], id: str) -> Incident:
    """The incident in a row that carries `camera` and the shared columns."""
    return Incident(
        id=id,
        camera=row.camera,
        kind=Kind(row.kind),
        state=State(row.state),
        severity=Severity(row.severity),
        sequence=row.sequence,
        first_seen=row.first_seen,
        last_seen=row.last_seen,
        confidence=row.confidence,
        peak=row.peak,
        reason=row.reason,
        actor=row.actor,
        model=_model_of(row.model),
        drill=bool(row.drill),
        person=row.person,
        extent=_extent_of(row.extent),
    )


def change_of(row: Row[Any]) -> Change:
    """The change in a row of `incident_changes` joined with its incident's camera."""
    incident = incident_of(row, row.incident_id)
    return Change(Transition(row.transition), incident, row.at, row.capture_to_event_ms)


def snapshot_of(row: Row[Any]) -> Optional[SnapshotRef]:
    """The pictures that a row of `incident_changes` names, where it names any."""
    if row.annotated is None:
        return None
    return SnapshotRef(Path(row.annotated), Path(row.clean), row.sha256, row.width, row.height)


def weight(change: Change) -> int:
    """Roughly the bytes that a waiting delivery of `change` takes, for the outbox's bound."""
    incident = change.incident
    texts = (
        *(incident.id, incident.camera, incident.reason, incident.actor),
        *(_model_text(incident.model), _extent_text(incident.extent)),
    )
    return _ROW_OVERHEAD + sum(len(text.encode()) for text in texts if text)


def _model_text(model: Optional[ModelInfo]) -> Optional[str]:
    if model is None:
        return None
    return json.dumps(_model_values(model), sort_keys=True)


def _model_values(model: ModelInfo) -> Values:
    values = {**vars(model), "thresholds": {name: float(value) for name, value in model.thresholds.items()}}
    second = values.pop("boxed_by")
    return values if second is None else {**values, "boxed_by": _model_values(second)}


def _model_of(text: Optional[str]) -> Optional[ModelInfo]:
    return None if text is None else _model_from(json.loads(text))


def _model_from(values: Values) -> ModelInfo:
    second = values.get("boxed_by")
    return ModelInfo(**{**values, "boxed_by": None if second is None else _model_from(second)})


def _extent_text(extent: Extent) -> Optional[str]:
    if extent == NOWHERE:
        return None
    boxes = [[one.label, float(one.score), *map(float, vars(one.box).values())] for one in extent.boxes]
    area, growth = (None if one is None else float(one) for one in (extent.area, extent.growth))
    return json.dumps({"boxes": boxes, "area": area, "growth": growth}, sort_keys=True)


def _extent_of(text: Optional[str]) -> Extent:
    if text is None:
        return NOWHERE
    values = json.loads(text)
    boxes = tuple(Detection(label, score, Box(*sides)) for label, score, *sides in values["boxes"])
    return Extent(boxes, values["area"], values["growth"])
