from __future__ import annotations

import pytest

from agent.domain.incident import Kind, Severity
from alerts.routing import route
from tests.fakes.changes import every_transition, opened

FLOORS = {"mqtt": Severity.INFORMATIONAL, "chat": Severity.CRITICAL}


@pytest.mark.parametrize("kind", [Kind.FIRE, Kind.START_FIRE])
def test_fire_passes_every_floor(kind: Kind) -> None:
    for change in every_transition(kind):
        assert route(change, FLOORS) == ["mqtt", "chat"]


@pytest.mark.parametrize(
    ("kind", "floor", "told"),
    [
        (Kind.CAMERA, Severity.LOW, True),
        (Kind.CAMERA, Severity.MEDIUM, True),
        (Kind.CAMERA, Severity.HIGH, False),
        (Kind.SMOKE, Severity.HIGH, True),
        (Kind.SMOKE, Severity.CRITICAL, False),
    ],
)
def test_the_rest_passes_from_its_floor_up(kind: Kind, floor: Severity, told: bool) -> None:
    assert route(opened(kind=kind), {"mqtt": floor}) == (["mqtt"] if told else [])


def test_without_sinks_nobody_is_told() -> None:
    assert route(opened(kind=Kind.FIRE), {}) == []
