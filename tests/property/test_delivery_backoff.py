from __future__ import annotations

import random

from hypothesis import given
from hypothesis import strategies as st

from agent.domain.backoff import BackoffSettings
from alerts.backoff import due_in_s

attempts = st.integers(0, 10_000)
seeds = st.integers(0, 2**32)


@given(attempts, seeds, st.floats(0.01, 10), st.floats(10, 1000))
def test_never_negative_never_above_the_cap(attempts: int, seed: int, first_s: float, cap_s: float) -> None:
    delay = due_in_s(attempts, random.Random(seed), settings=BackoffSettings(first_s, cap_s))
    assert 0 <= delay <= min(cap_s, first_s * 2.0 ** min(attempts, 62))


@given(attempts, seeds, st.floats(0, 86400))
def test_never_sooner_than_the_far_end_asked_for(attempts: int, seed: int, retry_after_s: float) -> None:
    assert due_in_s(attempts, random.Random(seed), retry_after_s) >= retry_after_s


@given(attempts, seeds)
def test_the_same_dice_give_the_same_delay(attempts: int, seed: int) -> None:
    assert due_in_s(attempts, random.Random(seed)) == due_in_s(attempts, random.Random(seed))


def test_a_crowd_is_spread_over_the_whole_interval() -> None:
    rng = random.Random(1)
    delays = [due_in_s(3, rng) for _ in range(1000)]
    assert min(delays) < 0.5
    assert max(delays) > 7.5
