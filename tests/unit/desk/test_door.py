from __future__ import annotations

from typing import Callable, List

import pytest

from agent.controls import BusyError, Controls
from agent.desk.door import Door
from agent.domain.incident import Kind
from tests.fakes.changes import opened
from tests.fakes.controls import HOPS, FakeControls

REQUESTS: List[Callable[[Controls], object]] = [
    lambda ask: ask.status(),
    lambda ask: ask.health(),
    lambda ask: ask.cameras(),
    lambda ask: ask.camera_name("yard"),
    lambda ask: ask.live_picture("yard"),
    lambda ask: ask.acknowledge("a", "telegram:1"),
    lambda ask: ask.dismiss("a", "telegram:1"),
    lambda ask: ask.silence("yard", Kind.CAMERA, 60.0, "telegram:1"),
    lambda ask: ask.silences(),
    lambda ask: ask.lift("yard", Kind.CAMERA, "telegram:1"),
    lambda ask: ask.guard("yard"),
    lambda ask: ask.arm("yard", "telegram:1"),
    lambda ask: ask.disarm(None, "telegram:1"),
    lambda ask: ask.schedule("yard", None, "telegram:1"),
    lambda ask: list(ask.selftest("telegram:1")),
]


def fake() -> FakeControls:
    controls = FakeControls()
    controls.incidents["a"] = opened("a").incident
    return controls


@pytest.mark.parametrize("request_", REQUESTS)
def test_an_open_door_passes_everything_on(request_: Callable[[Controls], object]) -> None:
    inside, direct = fake(), fake()
    door = Door()
    door.open(inside)
    assert request_(door) == request_(direct)
    assert inside.calls == direct.calls


@pytest.mark.parametrize("request_", REQUESTS)
def test_a_shut_door_says_so(request_: Callable[[Controls], object]) -> None:
    door = Door()
    with pytest.raises(BusyError):
        request_(door)
    door.open(fake())
    door.shut()
    with pytest.raises(BusyError):
        request_(door)


def test_the_self_test_is_passed_on_hop_by_hop() -> None:
    door = Door()
    door.open(fake())
    assert tuple(door.selftest("telegram:1")) == HOPS
