from __future__ import annotations

import math
from dataclasses import replace
from datetime import timedelta
from typing import List

from hypothesis import given
from hypothesis import strategies as st

from agent.store.retention_plan import Disk, Shot, oldest, plan
from tests.fakes.changes import AT


def shot(
    days_old: float, *, size: int = 100, kept: bool = False, id: str = "a", keep_days: float = 90
) -> Shot:
    return Shot(id, 1, AT - timedelta(days=days_old), size, (), kept, keep_days)


shots = st.lists(st.builds(shot, st.floats(0, 200), size=st.integers(1, 1000), kept=st.booleans()))


def test_what_is_too_old_goes_and_the_rest_stays() -> None:
    old, young = shot(91), shot(89)
    assert plan([young, old], AT, to_free=0) == [old]


def test_each_has_its_own_age_and_what_goes_anyway_is_counted_first() -> None:
    face, older = shot(31, keep_days=30), shot(60)
    assert plan([older, face], AT, to_free=100) == [face]
    assert plan([older, face], AT, to_free=101) == [face, older]
    assert plan([shot(1000, keep_days=math.inf)], AT, to_free=0) == []


def test_the_oldest_goes_first_until_there_is_room() -> None:
    first, second, third = shot(3), shot(2), shot(1)
    assert plan([third, first, second], AT, to_free=150) == [first, second]


def test_old_pictures_count_towards_the_room_to_make() -> None:
    old, young = shot(91, size=200), shot(1)
    assert plan([old, young], AT, to_free=150) == [old]


def test_what_must_be_kept_is_kept() -> None:
    assert plan([replace(shot(200), kept=True)], AT, to_free=10**9) == []


@given(shots, st.integers(0, 5000))
def test_enough_goes_no_more_than_needed_and_nothing_that_must_stay(stored: List[Shot], to_free: int) -> None:
    gone = plan(stored, AT, to_free)
    assert not any(each.kept for each in gone)
    young = [each for each in gone if each.written_at >= AT - timedelta(days=90)]
    assert not young or sum(each.size for each in gone[:-1]) < to_free
    free = [each for each in stored if not each.kept]
    assert sum(each.size for each in gone) >= min(to_free, sum(each.size for each in free))


@given(shots, st.integers(-5000, 5000))
def test_the_oldest_are_those_that_free_enough(stored: List[Shot], to_free: int) -> None:
    gone = oldest(stored, to_free)
    assert sum(each.size for each in gone[:-1]) < max(1, to_free)
    assert sum(each.size for each in gone) >= min(to_free, sum(each.size for each in stored))
    spared = [each.written_at for each in stored if each not in gone]
    assert all(each.written_at <= min(spared, default=each.written_at) for each in gone)


def test_a_disks_excess_is_what_is_over_the_share() -> None:
    assert Disk(used=950, free=50).excess(0.9) == 50
    assert Disk(used=900, free=100).excess(0.9) == 0
