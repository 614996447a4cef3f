"""How long to wait before trying again: exponential, capped, jittered."""

from __future__ import annotations

import random
from dataclasses import dataclass
from typing import Optional


@dataclass(frozen=True)
class BackoffSettings:
    """Seconds: the first ceiling, and the ceiling that doubling never passes."""

    first_s: float = 1.0
    cap_s: float = 60.0


class Backoff:
    """One thing's retries. Equal jitter (Brooker, "Exponential Backoff And Jitter", AWS 2015) keeps a hundred
    devices from coming back in step after an outage, and still waits.
    """

    def __init__(self, settings: BackoffSettings, rng: Optional[random.Random] = None) -> None:
        self._settings = settings
        self._rng = rng or random.Random()
        self._failures = 0

    @property
    def failures(self) -> int:
        """Failures in a row."""
        return self._failures

    def next_s(self) -> float:
        """Count one more failure and return the seconds to wait: between half the ceiling and the ceiling."""
        ceiling = min(self._settings.cap_s, self._settings.first_s * 2.0 ** min(self._failures, 62))
        self._failures += 1
        return ceiling * self._rng.uniform(0.5, 1.0)

    def reset(self) -> None:
        """It worked: start over."""
        self._failures = 0
