"""The published contract: topics, schemas and the AsyncAPI document say the same."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any, Dict, List

import pytest
from jsonschema import Draft202012Validator, ValidationError
from ruamel.yaml import YAML

from agent.domain.face_event import FaceEventKind
from agent.domain.incident import Kind, Severity, State, Transition
from agent.domain.object_event import ObjectEventKind
from alerts.city.envelope import INCIDENT_SCHEMA, SELFTEST_SCHEMA, CameraInfo, Origin, incident_event
from alerts.city.objects import OBJECT_SCHEMA
from alerts.city.topics import Topics
from tests.fakes.changes import opened
from tests.fakes.city import SCHEMAS, check, schema

DOCUMENT = Path(__file__).parents[3] / "docs" / "city-interface" / "asyncapi.yaml"
NAMES = sorted(path.name.replace(".schema.json", "") for path in SCHEMAS.glob("*.json"))
TOPICS = Topics("town", "tower")


@pytest.fixture(scope="module")
def document() -> Dict[str, Any]:
    value: Dict[str, Any] = YAML(typ="safe").load(DOCUMENT)
    return value


def resolve(document: Dict[str, Any], node: Any) -> Any:
    """What a `#/...` reference stands for."""
    while "$ref" in node:
        target: Any = document
        for part in node["$ref"][2:].split("/"):
            target = target[part]
        node = target
    return node


def references(node: Any) -> List[str]:
    if isinstance(node, dict):
        here = [node["$ref"]] if isinstance(node.get("$ref"), str) else []
        return here + [ref for value in node.values() for ref in references(value)]
    if isinstance(node, list):
        return [ref for value in node for ref in references(value)]
    return []


def objects(node: Any) -> List[Dict[str, Any]]:
    if isinstance(node, dict):
        here = [node] if "properties" in node else []
        return here + [found for value in node.values() for found in objects(value)]
    return [found for value in node for found in objects(value)] if isinstance(node, list) else []


@pytest.mark.parametrize("name", NAMES)
def test_each_schema_is_a_schema_and_strict(name: str) -> None:
    Draft202012Validator.check_schema(schema(name))
    assert all(found["additionalProperties"] is False for found in objects(schema(name)))


def test_the_document_is_asyncapi_3(document: Dict[str, Any]) -> None:
    assert document["asyncapi"] == "3.0.0"
    assert document["info"]["version"].startswith("1.")


@pytest.mark.parametrize(
    "topic",
    [
        TOPICS.availability,
        TOPICS.status,
        TOPICS.health,
        TOPICS.selftest,
        *(TOPICS.face(kind) for kind in FaceEventKind),
        *(TOPICS.object(kind) for kind in ObjectEventKind),
        TOPICS.camera_status("yard"),
        TOPICS.line_counts("yard"),
        *(TOPICS.incident(kind, transition) for kind in Kind for transition in Transition),
    ],
)
def test_each_topic_of_the_agent_is_a_channel(document: Dict[str, Any], topic: str) -> None:
    matching = []
    for channel in document["channels"].values():
        found = re.fullmatch(re.sub(r"{(\w+)}", r"(?P<\1>[^/]+)", channel["address"]), topic)
        if found is not None:
            matching.append(channel)
            assert set(found.groupdict()) == set(channel["parameters"])
            for name, value in found.groupdict().items():
                allowed = resolve(document, channel["parameters"][name]).get("enum", [value])
                assert value in allowed
    assert len(matching) == 1


def test_each_channel_is_sent_by_one_operation_with_its_qos(document: Dict[str, Any]) -> None:
    sent = {}
    for operation in document["operations"].values():
        assert operation["action"] == "send"
        binding = operation["bindings"]["mqtt"]
        sent[operation["channel"]["$ref"].split("/")[-1]] = (binding["qos"], binding["retain"])
    assert sent == {
        "availability": (1, True),
        "face": (1, False),
        "object": (1, False),
        "lineCounts": (1, True),
        "status": (1, True),
        "cameraStatus": (1, True),
        "incident": (1, False),
        "selftest": (1, False),
        "health": (0, False),
    }


def test_every_reference_resolves_and_every_schema_is_used(document: Dict[str, Any]) -> None:
    files = set()
    for reference in references(document):
        if reference.startswith("#/"):
            assert resolve(document, {"$ref": reference})
        else:
            files.add((DOCUMENT.parent / reference).resolve(strict=True))
    for file in list(files):
        for reference in references(schema(file.name.replace(".schema.json", ""))):
            if not reference.startswith("#/"):
                files.add((file.parent / reference).resolve(strict=True))
    assert files == {path.resolve() for path in SCHEMAS.glob("*.json")}


def test_the_vocabulary_is_that_of_the_domain() -> None:
    properties = schema("incident")["properties"]
    assert properties["kind"]["enum"] == [kind.value for kind in Kind]
    assert properties["state"]["enum"] == [state.value for state in State]
    assert properties["severity"]["enum"] == [severity.value for severity in Severity]
    assert schema("incident")["$id"] == INCIDENT_SCHEMA
    assert schema("selftest")["$id"] == SELFTEST_SCHEMA
    assert schema("object")["$id"] == OBJECT_SCHEMA
    kinds = [f"city.beffroi.event.{kind.value}" for kind in ObjectEventKind]
    assert schema("object-event")["properties"]["type"]["enum"] == kinds
    assert schema("selftest")["properties"]["transition"]["enum"] == [step.value for step in Transition]


def test_the_check_refuses_what_the_contract_does_not_know() -> None:
    event = incident_event(opened(), Origin("town", "tower"), CameraInfo())
    check("incident-event", event)
    data = event["data"]
    assert isinstance(data, dict)
    for broken in ({**event, "extra": 1}, {**event, "data": {**data, "extra": 1}}, {**event, "sequence": 1}):
        with pytest.raises(ValidationError):
            check("incident-event", broken)
