"""Checks a payload against the city interface's schemas."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, Dict, Iterator, Tuple

from jsonschema import Draft202012Validator
from referencing import Registry, Resource

import alerts.city

SCHEMAS = Path(alerts.city.__file__).parent / "schemas"


def schema(name: str) -> Dict[str, Any]:
    """The schema in `<name>.schema.json`."""
    value: Dict[str, Any] = json.loads((SCHEMAS / f"{name}.schema.json").read_text())
    return value


def _resources() -> Iterator[Tuple[str, Resource[Any]]]:
    for path in sorted(SCHEMAS.glob("*.schema.json")):
        yield path.name, Resource.from_contents(json.loads(path.read_text()))


def check(name: str, payload: object) -> None:
    """Raises jsonschema.ValidationError where `payload` is not what `<name>.schema.json` allows."""
    registry: Registry[Any] = Registry().with_resources(_resources())
    Draft202012Validator(schema(name), registry=registry).validate(payload)


_EVENTS = {"incident": "incident-event", "event": "selftest-event"}
_BY_END = {"availability": "availability", "status": "status", "health": "health"}


def schema_of(topic: str) -> str:
    """Which schema rules the payloads of a topic."""
    parts = topic.split("/")[4:]
    if parts[0] == "event" and parts[1].startswith("face-"):
        return "face-event"
    if parts[0] == "event" and parts[1].startswith("object-"):
        return "object-event"
    if parts[0] == "camera":
        return "line-counts" if parts[2] == "counts" else "camera-status"
    if parts[0] in _EVENTS:
        return _EVENTS[parts[0]]
    return _BY_END[parts[0]]
