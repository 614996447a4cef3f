"""When a camera is armed: hours of the week, and what people say."""

from __future__ import annotations

from datetime import datetime, time, timedelta, timezone
from typing import Optional

import pytest

from agent.domain.guard import Guard, Hours, next_start

NIGHTS = Hours((0, 1, 2, 3, 4), time(18), time(7))
WEEKEND = Hours((5, 6), time(0), time(23, 59))
WEEK = (NIGHTS, WEEKEND)
MONDAY = datetime(2026, 6, 1)  # noqa: DTZ001 - on the clock of the place


def on(day: int, hour: int, minute: int = 0) -> datetime:
    """A local time of that week; day 0 is Monday."""
    return MONDAY + timedelta(days=day, hours=hour, minutes=minute)


@pytest.mark.parametrize(
    ("local", "armed"),
    [
        (on(0, 17, 59), False),
        (on(0, 18), True),
        (on(1, 6, 59), True),
        (on(1, 7), False),
        (on(5, 3), True),  # Friday's night, and Saturday
        (on(6, 12), True),
        (on(7, 3), False),  # Sunday's hours end with the day
    ],
)
def test_hours_run_past_midnight_into_the_next_day(local: datetime, armed: bool) -> None:
    assert Guard(week=WEEK).armed(local.astimezone(timezone.utc), local) is armed


@pytest.mark.parametrize(
    ("local", "start"),
    [
        (on(0, 12), on(0, 18)),
        (on(0, 18), on(1, 18)),
        (on(4, 20), on(5, 0)),
        (on(6, 1), on(7, 18)),
    ],
)
def test_the_next_hours_are_found_within_the_week(local: datetime, start: datetime) -> None:
    assert next_start(WEEK, local) == start


def test_hours_of_one_day_come_again_in_a_week() -> None:
    assert next_start((Hours((0,), time(9), time(10)),), on(0, 9)) == on(7, 9)


def test_without_hours_there_is_no_next() -> None:
    assert next_start((), on(0, 0)) is None


@pytest.mark.parametrize(
    ("until", "armed"), [(None, False), (timedelta(hours=1), False), (-timedelta(seconds=1), True)]
)
def test_a_disarming_lasts_until_its_end_or_until_someone_arms(
    until: Optional[timedelta], armed: bool
) -> None:
    now = datetime(2026, 6, 1, 12, tzinfo=timezone.utc)
    guard = Guard().disarm(None if until is None else now + until)
    assert guard.armed(now, now) is armed
    assert guard.arm(now).armed(now, now)


def test_armed_outside_the_hours_it_stays_so_until_they_begin_and_then_goes_by_them() -> None:
    noon = on(0, 12).astimezone()
    guard = Guard(week=WEEK).disarm(None).arm(noon)
    assert guard.armed_until == on(0, 18).astimezone(timezone.utc)
    for local, armed in ((noon, True), (on(0, 17, 59), True), (on(0, 20), True), (on(1, 12), False)):
        assert guard.armed(local.astimezone(timezone.utc), local.astimezone()) is armed


def test_armed_within_the_hours_it_goes_by_them() -> None:
    assert Guard(week=WEEK).disarm(None).arm(on(0, 20).astimezone()) == Guard(week=WEEK)


def test_disarmed_again_it_is_not_armed_by_an_earlier_word() -> None:
    noon = on(0, 12).astimezone()
    guard = Guard(week=WEEK).arm(noon).disarm(None)
    assert not guard.armed(noon.astimezone(timezone.utc), noon)


def test_armed_with_a_week_that_never_arms_it_is_armed() -> None:
    noon = on(0, 12).astimezone()
    assert Guard(week=()).arm(noon) == Guard()
