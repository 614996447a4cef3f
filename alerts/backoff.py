"""When a delivery that failed is due again: pure."""

from __future__ import annotations

import random
from typing import Optional

from agent.domain.backoff import BackoffSettings


def due_in_s(
    attempts: int,
    rng: random.Random,
    retry_after_s: Optional[float] = None,
    settings: BackoffSettings = BackoffSettings(),
) -> float:
    """Seconds until the next attempt, after `attempts` earlier failures of this delivery (0 for the first).

    Full jitter: anywhere between 0 and a ceiling that doubles up to the cap, so that a backlog comes back
    spread out. Never sooner than the far end asked for with `retry_after_s`.
    """
    ceiling = min(settings.cap_s, settings.first_s * 2.0 ** min(attempts, 62))
    return (retry_after_s or 0.0) + rng.uniform(0.0, ceiling)
