"""Silences and guards."""

from __future__ import annotations

from dataclasses import replace
from datetime import time, timedelta
from typing import Optional

import pytest

from agent.domain.guard import Guard, Hours, Week
from agent.domain.incident import Kind
from agent.domain.silence import Silence
from agent.store.database import Database
from agent.store.guards import Guards
from agent.store.silences import Silences
from tests.fakes.clock import FakeClock

HOUR = timedelta(hours=1)


@pytest.fixture
def silences(database: Database, clock: FakeClock) -> Silences:
    return Silences(database, clock)


@pytest.fixture
def guards(database: Database, clock: FakeClock) -> Guards:
    return Guards(database, clock)


@pytest.fixture
def hour(clock: FakeClock) -> Silence:
    return Silence("yard", Kind.OBJECT, clock.now(), clock.now() + HOUR, "telegram:7")


def test_a_silence_is_in_force_until_it_ends(silences: Silences, hour: Silence) -> None:
    silences.add(hour)
    assert silences.active(hour.since) == [hour]
    assert silences.active(hour.until - timedelta(microseconds=1)) == [hour]
    assert silences.active(hour.until) == []
    assert silences.active(hour.since - timedelta(microseconds=1)) == []


def test_the_next_to_end_comes_first_and_a_new_one_replaces(silences: Silences, hour: Silence) -> None:
    longer = replace(hour, kind=Kind.CAMERA, until=hour.until + HOUR)
    shorter = replace(hour, camera="gate", until=hour.until - timedelta(minutes=1))
    for silence in (longer, hour, shorter):
        silences.add(silence)
    assert silences.active(hour.since) == [shorter, hour, longer]
    again = replace(hour, until=hour.until + 3 * HOUR, by="telegram:8")
    silences.add(again)
    assert silences.active(hour.since) == [shorter, longer, again]


def test_a_silence_can_be_lifted_while_it_lasts(silences: Silences, hour: Silence, clock: FakeClock) -> None:
    silences.add(hour)
    assert not silences.lift("yard", Kind.CAMERA)
    assert not silences.lift("gate", Kind.OBJECT)
    assert silences.lift("yard", Kind.OBJECT)
    assert not silences.lift("yard", Kind.OBJECT)
    silences.add(hour)
    clock.advance(HOUR.total_seconds())
    assert not silences.lift("yard", Kind.OBJECT)


WEEK = (
    Hours((0, 1, 2, 3, 4), time(22), time(6, 30)),
    Hours((5, 6), time(0), time(23, 59, 59, 999_999)),
)


def test_a_camera_is_armed_until_somebody_says_otherwise(guards: Guards) -> None:
    assert guards.get("yard") == Guard()
    assert guards.all() == {}


@pytest.mark.parametrize("week", [None, (), WEEK])
@pytest.mark.parametrize("hours", [None, 3])
def test_a_guard_is_kept_exactly(
    guards: Guards, clock: FakeClock, week: Optional[Week], hours: Optional[float], database: Database
) -> None:
    until = None if hours is None else clock.now() + hours * HOUR
    guard = Guard(True, until, week, armed_until=until)
    guards.put("yard", Guard())
    guards.put("yard", guard)
    guards.put("gate", Guard())
    assert guards.get("yard") == guard
    assert Guards(database, clock).all() == {"gate": Guard(), "yard": guard}
