from __future__ import annotations

from datetime import datetime, time, timezone
from typing import Optional

import pytest

from agent.domain.guard import Hours
from alerts.bot.hours import begins_week, duration_s, week

NIGHT = (time(18), time(7))


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("30m", 1800.0),
        ("90 min", 5400.0),
        ("1h30m", 5400.0),
        ("2d", 172_800.0),
        ("2j", 172_800.0),
        ("1u", 3600.0),
        ("1w", 604_800.0),
        ("30d", 2_592_000.0),
        ("31d", None),
        ("0h", None),
        ("1", None),
        ("h", None),
        ("1h x", None),
        ("-1h", None),
        ("", None),
        ("1h" * 40, 144_000.0),
    ],
)
def test_durations(text: str, seconds: Optional[float]) -> None:
    assert duration_s(text) == seconds


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("mon-fri 18:00-07:00", (Hours((0, 1, 2, 3, 4), *NIGHT),)),
        ("lun-ven 18h00-07h00", (Hours((0, 1, 2, 3, 4), *NIGHT),)),
        ("ma-vr 18:00-07:00", (Hours((0, 1, 2, 3, 4), *NIGHT),)),
        ("monday,wed 18:00-07:00", (Hours((0, 2), *NIGHT),)),
        ("fri-mon 18:00-07:00", (Hours((0, 4, 5, 6), *NIGHT),)),
        ("18:00-07:00", (Hours((0, 1, 2, 3, 4, 5, 6), *NIGHT),)),
        ("daily 18:00-07:00", (Hours((0, 1, 2, 3, 4, 5, 6), *NIGHT),)),
        (
            "mon 18:00-07:00 sat-sun 00:00-24:00",
            (Hours((0,), *NIGHT), Hours((5, 6), time(0), time(0))),
        ),
        ("mon-fri", None),
        ("mon 18:00", None),
        ("mon 25:00-07:00", None),
        ("mon 18:60-07:00", None),
        ("mon-xyz 18:00-07:00", None),
        ("18:00-07:00 mon", None),
        ("", None),
    ],
)
def test_hours_of_the_week(text: str, expected: Optional[object]) -> None:
    assert week(text.split()) == expected


def test_a_whole_day_holds_at_every_hour() -> None:
    read = week(["sat", "00:00-24:00"])
    assert read is not None
    saturday = datetime(2026, 1, 3, 23, 59, tzinfo=timezone.utc)
    assert read[0].holds(saturday)
    assert not read[0].holds(saturday.replace(day=2))


def test_a_camera_is_not_taken_for_a_day() -> None:
    assert begins_week("mon-fri")
    assert begins_week("18:00-07:00")
    assert not begins_week("yard")
    assert not begins_week("")
