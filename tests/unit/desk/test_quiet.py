"""Silences and guards: kept through a restart, and over when they said they would be."""

from __future__ import annotations

from contextlib import closing
from datetime import time, timedelta
from typing import Iterator

import pytest

from agent.controls import NeverSilentError, UnknownCameraError
from agent.desk.quiet import Quiet
from agent.domain.guard import Guard, Hours
from agent.domain.incident import Kind
from agent.domain.silence import LONGEST_SILENCE_S
from agent.store.database import Database, open_database
from agent.store.guards import Guards
from agent.store.silences import Silences
from tests.fakes.changes import opened
from tests.fakes.clock import FakeClock
from tests.fakes.disk import fast_folder

HOUR_S = 3600.0
ME = "telegram:1"
BLIND = opened("a", Kind.CAMERA, "yard")
BLIND_GATE = opened("b", Kind.CAMERA, "gate")
SOMEONE = opened("c", Kind.OBJECT, "yard")


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
def database(clock: FakeClock) -> Iterator[Database]:
    with fast_folder() as folder, closing(open_database(folder / "beffroi.db", clock)) as database:
        yield database


def begin(database: Database, clock: FakeClock) -> Quiet:
    """A new run of the agent."""
    return Quiet(["yard", "gate"], Silences(database, clock), Guards(database, clock), clock)


@pytest.fixture
def quiet(database: Database, clock: FakeClock) -> Quiet:
    return begin(database, clock)


def test_a_silence_covers_its_kind_on_its_camera_until_its_end(quiet: Quiet, clock: FakeClock) -> None:
    made = quiet.silence("yard", Kind.CAMERA, HOUR_S, ME)
    assert (made.until - clock.now(), made.by) == (timedelta(hours=1), ME)
    assert [quiet.hushes(change) for change in (BLIND, BLIND_GATE, SOMEONE)] == [True, False, False]
    clock.advance(HOUR_S)
    assert not quiet.hushes(BLIND)
    assert quiet.silences() == []


def test_the_next_to_end_comes_first(quiet: Quiet, clock: FakeClock) -> None:
    long = quiet.silence("yard", Kind.CAMERA, 3 * HOUR_S, ME)
    short = quiet.silence("gate", Kind.CAMERA, HOUR_S, ME)
    assert quiet.silences() == [short, long]
    clock.advance(2 * HOUR_S)
    assert quiet.silences() == [long]


def test_a_silence_takes_the_place_of_the_one_before(quiet: Quiet) -> None:
    quiet.silence("yard", Kind.CAMERA, 3 * HOUR_S, ME)
    shorter = quiet.silence("yard", Kind.CAMERA, HOUR_S, ME)
    assert quiet.silences() == [shorter]


def test_a_silence_has_an_end_whatever_is_asked(quiet: Quiet, clock: FakeClock) -> None:
    made = quiet.silence("yard", Kind.CAMERA, 1e12, ME)
    assert (made.until - clock.now()).total_seconds() == LONGEST_SILENCE_S


def test_a_silence_can_be_lifted_once(quiet: Quiet) -> None:
    quiet.silence("yard", Kind.CAMERA, HOUR_S, ME)
    assert quiet.lift("yard", Kind.CAMERA, ME)
    assert not quiet.hushes(BLIND)
    assert not quiet.lift("yard", Kind.CAMERA, ME)


@pytest.mark.parametrize("kind", [Kind.FIRE, Kind.START_FIRE, Kind.SMOKE])
def test_fire_cannot_be_silenced(quiet: Quiet, kind: Kind) -> None:
    with pytest.raises(NeverSilentError, match=kind.value):
        quiet.silence("yard", kind, HOUR_S, ME)
    assert quiet.silences() == []


def test_a_disarmed_camera_spares_people_all_but_fire(quiet: Quiet, clock: FakeClock) -> None:
    quiet.disarm("yard", ME, clock.now() + timedelta(hours=1))
    assert [quiet.hushes(change) for change in (BLIND, BLIND_GATE, SOMEONE)] == [True, False, True]
    assert not quiet.hushes(opened("f", Kind.FIRE, "yard"))
    clock.advance(HOUR_S)
    assert not quiet.hushes(BLIND)


def test_all_cameras_are_disarmed_and_armed_together(quiet: Quiet) -> None:
    quiet.disarm(None, ME, None)
    assert [quiet.hushes(change) for change in (BLIND, BLIND_GATE)] == [True, True]
    quiet.arm(None, ME)
    assert [quiet.hushes(change) for change in (BLIND, BLIND_GATE)] == [False, False]


def test_a_schedule_goes_by_the_clock_of_the_place(quiet: Quiet, clock: FakeClock) -> None:
    local = clock.now().astimezone()
    begins = (local + timedelta(hours=2)).time().replace(tzinfo=None)
    ends = (local + timedelta(hours=4)).time().replace(tzinfo=None)
    quiet.schedule("yard", (Hours(tuple(range(7)), begins, ends),), ME)
    assert quiet.hushes(BLIND)
    clock.advance(3 * HOUR_S)
    assert not quiet.hushes(BLIND)
    clock.advance(2 * HOUR_S)
    assert quiet.hushes(BLIND)
    quiet.arm("yard", ME)
    assert not quiet.hushes(BLIND), "a person outranks the schedule"
    quiet.schedule("yard", None, ME)
    assert quiet.guard("yard") == Guard()


def test_a_restart_changes_nothing(quiet: Quiet, database: Database, clock: FakeClock) -> None:
    silence = quiet.silence("yard", Kind.CAMERA, HOUR_S, ME)
    week = (Hours((0, 1), time(22), time(6)),)
    quiet.schedule("gate", week, ME)
    quiet.disarm("gate", ME, clock.now() + timedelta(hours=2))
    again = begin(database, clock)
    assert again.silences() == [silence]
    assert again.guard("gate") == quiet.guard("gate") == Guard(True, clock.now() + timedelta(hours=2), week)
    assert [again.hushes(change) for change in (BLIND, BLIND_GATE, SOMEONE)] == [True, True, False]
    again.lift("yard", Kind.CAMERA, ME)
    assert begin(database, clock).silences() == []


def test_a_camera_that_is_not_there_is_named_with_those_that_are(quiet: Quiet) -> None:
    for ask in (
        lambda: quiet.silence("roof", Kind.CAMERA, HOUR_S, ME),
        lambda: quiet.lift("roof", Kind.CAMERA, ME),
        lambda: quiet.guard("roof"),
        lambda: quiet.arm("roof", ME),
        lambda: quiet.disarm("roof", ME, None),
        lambda: quiet.schedule("roof", None, ME),
    ):
        with pytest.raises(UnknownCameraError, match="no camera roof: there are yard, gate"):
            ask()


def test_a_change_of_a_camera_that_is_no_longer_configured_is_told(quiet: Quiet) -> None:
    assert not quiet.hushes(opened("x", Kind.CAMERA, "roof"))
