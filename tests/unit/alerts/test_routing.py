"""Who is told: fire reaches everybody, the rest whoever wants it and nobody who is to be spared it."""

from __future__ import annotations

from typing import Iterator, List

import pytest

from agent.domain.incident import Change, Kind, Severity
from agent.domain.silence import NEVER_SILENT
from alerts import routing
from alerts.routing import Listener, Router, route
from tests.fakes.changes import AT, every_transition, opened

CITY = Listener("mqtt", Severity.INFORMATIONAL)
PEOPLE = Listener("telegram", Severity.MEDIUM, people=True)
DEAF = Listener("deaf", Severity.CRITICAL, people=True)
LESSER = [kind for kind in Kind if kind not in NEVER_SILENT]


@pytest.mark.parametrize("kind", sorted(NEVER_SILENT))
@pytest.mark.parametrize("hushed", [False, True])
def test_fire_passes_every_floor_and_every_silence(kind: Kind, hushed: bool) -> None:
    for change in every_transition(kind):
        assert route(change, [CITY, PEOPLE, DEAF], hushed) == ["mqtt", "telegram", "deaf"]


@pytest.mark.parametrize("kind", LESSER)
@pytest.mark.parametrize(
    ("hushed", "told"),
    [(False, ["mqtt", "telegram"]), (True, ["mqtt"])],
)
def test_people_are_spared_what_is_hushed_and_the_city_is_not(
    kind: Kind, hushed: bool, told: List[str]
) -> None:
    assert route(opened(kind=kind), [CITY, PEOPLE, DEAF], hushed) == told


@pytest.mark.parametrize(
    ("floor", "told"), [(Severity.LOW, True), (Severity.MEDIUM, True), (Severity.HIGH, False)]
)
def test_the_rest_passes_from_its_floor_up(floor: Severity, told: bool) -> None:
    assert route(opened(kind=Kind.CAMERA), [Listener("mqtt", floor)], False) == (["mqtt"] if told else [])


def test_without_sinks_nobody_is_told() -> None:
    assert route(opened(kind=Kind.FIRE), [], False) == []


class Hushing:
    """Hushes what it is told to; `asked` counts."""

    def __init__(self, *answers: bool) -> None:
        self._answers: Iterator[bool] = iter(answers)
        self.asked = 0

    def __call__(self, change: Change) -> bool:
        self.asked += 1
        return next(self._answers)


def story() -> List[Change]:
    first = opened("a", Kind.CAMERA)
    taken = first.incident.acknowledge(AT, "anna")
    return [first, taken, taken.incident.resolve(AT, 0.0)]


@pytest.mark.parametrize(("hushed", "told"), [(False, ["mqtt", "telegram"]), (True, ["mqtt"])])
def test_who_heard_the_beginning_hears_the_end(hushed: bool, told: List[str]) -> None:
    hushing = Hushing(hushed, not hushed, not hushed)
    router = Router([CITY, PEOPLE], hushing)
    assert [router(change) for change in story()] == [told] * 3
    assert hushing.asked == 1


def test_of_an_incident_from_before_the_start_the_present_counts() -> None:
    router = Router([CITY, PEOPLE], Hushing(True))
    assert [router(change) for change in story()[1:]] == [["mqtt"]] * 2


def test_a_change_that_is_tried_again_is_judged_anew() -> None:
    router = Router([PEOPLE], Hushing(True, False))
    first = opened("a", Kind.CAMERA)
    assert [router(first), router(first)] == [[], ["telegram"]]


def test_few_incidents_are_remembered(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(routing, "_MOST_REMEMBERED", 2)
    router = Router([PEOPLE], Hushing(True, True, True, False))
    for name in "abc":
        router(opened(name, Kind.CAMERA))
    assert router(opened("a", Kind.CAMERA).incident.resolve(AT, 0.0)) == ["telegram"]
    assert router(opened("c", Kind.CAMERA).incident.resolve(AT, 0.0)) == []
