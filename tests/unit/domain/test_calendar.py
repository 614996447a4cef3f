"""When a calendar holds, on the clock of its place."""

from __future__ import annotations

from datetime import datetime, time, timezone
from typing import Tuple

import pytest

from agent.config.time_zones import zone_of
from agent.domain.calendar import Calendar
from agent.domain.guard import Hours

EVERY_DAY = tuple(range(7))
WEEKDAYS = tuple(range(5))
BRUSSELS = zone_of("Europe/Brussels")


def at(*when: int) -> datetime:
    return datetime(*when, tzinfo=timezone.utc)  # type: ignore[arg-type, misc]


@pytest.mark.parametrize(
    ("when", "holds"),
    [
        ((2026, 1, 15, 20, 59), False),
        ((2026, 1, 15, 21, 0), True),
        ((2026, 1, 16, 4, 59), True),
        ((2026, 1, 16, 5, 0), False),
        ((2026, 7, 15, 19, 59), False),
        ((2026, 7, 15, 20, 0), True),
        ((2026, 7, 16, 3, 59), True),
        ((2026, 7, 16, 4, 0), False),
    ],
)
def test_hours_are_those_of_the_wall_clock_in_winter_and_summer(when: Tuple[int, ...], holds: bool) -> None:
    night = Calendar(Hours(EVERY_DAY, time(22), time(6)), BRUSSELS)
    assert night.holds(at(*when)) is holds


def test_a_night_belongs_to_the_day_on_which_it_begins() -> None:
    """16 January 2026 is a Friday; it is an hour later in Brussels."""
    nights = Calendar(Hours(WEEKDAYS, time(22), time(6)), BRUSSELS)
    assert nights.holds(at(2026, 1, 17, 4, 0))
    assert not nights.holds(at(2026, 1, 18, 4, 0))
    assert not nights.holds(at(2026, 1, 19, 4, 0))


def test_the_hour_that_is_skipped_never_comes() -> None:
    """On 29 March 2026 two o'clock is followed by three."""
    early = Calendar(Hours(EVERY_DAY, time(2), time(3)), BRUSSELS)
    assert not any(early.holds(at(2026, 3, 29, hour, minute)) for hour in range(24) for minute in (0, 30))


def test_the_hour_that_is_repeated_comes_twice() -> None:
    """On 25 October 2026 three o'clock is preceded by two hours that begin at two."""
    early = Calendar(Hours(EVERY_DAY, time(2), time(3)), BRUSSELS)
    assert [hour for hour in range(24) if early.holds(at(2026, 10, 25, hour, 30))] == [0, 1]


def test_a_whole_day_is_one_of_its_own_place() -> None:
    monday = Calendar(Hours((0,), time(0), time(0)), zone_of("Asia/Tokyo"))
    assert not monday.holds(at(2026, 1, 18, 14, 59))
    assert monday.holds(at(2026, 1, 18, 15, 0))
    assert monday.holds(at(2026, 1, 19, 14, 59))
    assert not monday.holds(at(2026, 1, 19, 15, 0))


def test_without_a_zone_it_is_the_clock_of_the_machine() -> None:
    noon = datetime(2026, 1, 15, 12, 0).astimezone()
    assert Calendar(Hours(EVERY_DAY, time(12), time(13))).holds(noon.astimezone(timezone.utc))
