from __future__ import annotations

from datetime import datetime, timedelta, timezone

import pytest

from agent.domain.incident import Kind, State, Transition
from alerts.languages import texts
from alerts.telegram.words import (
    duration,
    kind_name,
    local_time,
    percent,
    reason_name,
    state_name,
    transition_name,
)

T = texts("en")


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (-5, "0 s"),
        (0, "0 s"),
        (59.9, "59 s"),
        (60, "1 min"),
        (3599, "59 min"),
        (3600, "1 h"),
        (4800, "1 h 20 min"),
        (86400, "1 d"),
        (86400 * 2 + 3 * 3600 + 59, "2 d 3 h"),
    ],
)
def test_durations(seconds: float, text: str) -> None:
    assert duration(seconds, T) == text


def test_times_are_local_and_have_a_date_on_other_days() -> None:
    brussels = timezone(timedelta(hours=1))
    now = datetime(2026, 1, 2, 0, 30, tzinfo=timezone.utc)
    assert local_time(now - timedelta(minutes=20), now, brussels) == "01:10"
    assert local_time(now - timedelta(hours=2), now, brussels) == "2026-01-01 23:30"
    assert local_time(now, now) == f"{now.astimezone():%H:%M}"


@pytest.mark.parametrize(
    ("confidence", "text"), [(0.0, "0 %"), (0.784, "78 %"), (1.0, "99 %"), (-1.0, "0 %")]
)
def test_nothing_is_quite_certain(confidence: float, text: str) -> None:
    assert percent(confidence, T) == text


def test_everything_has_a_name() -> None:
    names = [kind_name(one, T) for one in Kind]
    names += [transition_name(one, T) for one in Transition]
    names += [state_name(one, T) for one in State]
    assert all(names)
    assert len({kind_name(one, T) for one in Kind}) == len(Kind)


def test_a_reason_that_is_not_known_is_said_as_it_is_and_harmless() -> None:
    assert reason_name("frozen", T) == "the picture is frozen"
    assert reason_name("<b>odd</b>", T) == "&lt;b&gt;odd&lt;/b&gt;"
