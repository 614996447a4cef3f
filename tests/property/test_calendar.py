"""Hours of a place against a plainer way to say them, all the year round, whatever the clocks do."""

from __future__ import annotations

from datetime import datetime, time, timedelta, timezone
from typing import List

from hypothesis import given
from hypothesis import strategies as st

from agent.config.time_zones import zone_of
from agent.domain.calendar import Calendar
from agent.domain.guard import Hours

ZONES = ["Europe/Brussels", "America/New_York", "Asia/Kolkata", "Australia/Lord_Howe", "Pacific/Apia", "UTC"]
DAY = 24 * 60

START = datetime(2024, 1, 1, tzinfo=timezone.utc)
instants = st.integers(0, 4 * 365 * 24 * 3600).map(lambda seconds: START + timedelta(seconds=seconds))
hours = st.builds(
    Hours,
    st.lists(st.integers(0, 6), max_size=7, unique=True).map(tuple),
    st.times().map(lambda at: time(at.hour, at.minute)),
    st.times().map(lambda at: time(at.hour, at.minute)),
)


def minutes_of_the_week(said: Hours) -> List[bool]:
    """Which of the 7 x 1440 minutes of a week on the wall are in the hours."""
    week = [False] * (7 * DAY)
    start, end = said.start.hour * 60 + said.start.minute, said.end.hour * 60 + said.end.minute
    length = end - start if end > start else end - start + DAY
    for day in said.days:
        for minute in range(length):
            week[(day * DAY + start + minute) % (7 * DAY)] = True
    return week


@given(hours, instants, st.sampled_from(ZONES))
def test_a_calendar_holds_where_the_clock_on_the_wall_is_in_its_hours(
    said: Hours, at: datetime, name: str
) -> None:
    zone = zone_of(name)
    offset = at.astimezone(zone).utcoffset()
    assert offset is not None
    wall = at.replace(tzinfo=None) + offset
    minute = wall.weekday() * DAY + wall.hour * 60 + wall.minute
    assert Calendar(said, zone).holds(at) is minutes_of_the_week(said)[minute]


@given(st.integers(2024, 2027), st.sampled_from(ZONES))
def test_every_minute_belongs_to_the_day_or_to_the_night(year: int, name: str) -> None:
    zone = zone_of(name)
    every = tuple(range(7))
    day, night = (
        Calendar(Hours(every, time(7), time(21)), zone),
        Calendar(Hours(every, time(21), time(7)), zone),
    )
    first = datetime(year, 1, 1, tzinfo=timezone.utc)
    for step in range(0, 366 * 24, 5):
        at = first + timedelta(hours=step)
        assert day.holds(at) is not night.holds(at)
