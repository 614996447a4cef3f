from __future__ import annotations

import random

from agent.domain.backoff import Backoff, BackoffSettings


def test_waits_double_up_to_the_cap_with_jitter() -> None:
    backoff = Backoff(BackoffSettings(first_s=1.0, cap_s=10.0), random.Random(7))
    waits = [backoff.next_s() for _ in range(200)]
    for wait, ceiling in zip(waits, [1.0, 2.0, 4.0, 8.0] + [10.0] * 196):
        assert ceiling / 2 <= wait <= ceiling
    assert len({round(wait, 6) for wait in waits[4:]}) > 100
    assert backoff.failures == 200


def test_success_starts_over() -> None:
    backoff = Backoff(BackoffSettings(first_s=1.0, cap_s=10.0))
    for _ in range(5):
        backoff.next_s()
    backoff.reset()
    assert backoff.failures == 0
    assert backoff.next_s() <= 1.0
