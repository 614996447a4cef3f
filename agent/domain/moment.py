"""One instant on two clocks: UTC for people, monotonic for durations."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta


@dataclass(frozen=True)
class Moment:
    """`utc` (aware, UTC) may jump when a Jetson's clock is set; `monotonic` (seconds) never goes back.

    Durations are differences of `monotonic`, so a policy does not resolve a fire because NTP woke up.
    """

    utc: datetime
    monotonic: float

    def plus(self, seconds: float) -> Moment:
        return Moment(self.utc + timedelta(seconds=seconds), self.monotonic + seconds)

    def since(self, earlier: Moment) -> float:
        """Seconds from `earlier` to this moment; negative where `earlier` is later."""
        return self.monotonic - earlier.monotonic
