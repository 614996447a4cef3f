from __future__ import annotations

from datetime import datetime, timezone

from agent.domain.moment import Moment

NOON = datetime(2026, 6, 1, 12, tzinfo=timezone.utc)


def test_durations_come_from_the_monotonic_clock_even_when_utc_jumps() -> None:
    before = Moment(NOON, 100.0)
    after_ntp_step = Moment(NOON.replace(year=2027), 103.5)
    assert after_ntp_step.since(before) == 3.5


def test_plus_moves_both_clocks() -> None:
    later = Moment(NOON, 1.0).plus(90)
    assert later.utc == NOON.replace(minute=1, second=30)
    assert later.monotonic == 91.0
