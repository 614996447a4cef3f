"""The integrator's page shows what the agent really sends."""

from __future__ import annotations

import json
import re
from pathlib import Path

from agent.domain.incident import Kind, Transition
from agent.domain.object_event import ObjectEventKind
from tests.fakes.city import check

PAGE = (Path(__file__).parents[3] / "docs" / "integrator.md").read_text(encoding="utf-8")


def test_the_examples_are_valid() -> None:
    incident, drill, face, thing, counts, health = re.findall(r"```json\n(.*?)```", PAGE, re.DOTALL)
    check("incident-event", json.loads(incident))
    check("selftest-event", json.loads(drill))
    check("face-event", json.loads(face))
    check("object-event", json.loads(thing))
    check("line-counts", json.loads(counts))
    check("health", json.loads(health))


def test_every_kind_and_transition_is_named() -> None:
    assert all(f"`{word.value}`" in PAGE for word in [*Kind, *Transition])


def test_every_event_of_things_is_named() -> None:
    first, *others = ObjectEventKind
    assert f"`event/{first.value}`" in PAGE
    assert all(f"`-{kind.value[len('object-') :]}`" in PAGE for kind in others)
