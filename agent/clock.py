"""The real clock."""

from __future__ import annotations

import threading
import time
from datetime import datetime, timezone

from agent.domain.moment import Moment


class SystemClock:
    """Implements agent.ports.Clock on the system's clocks."""

    def now(self) -> datetime:
        return datetime.now(timezone.utc)

    def monotonic(self) -> float:
        return time.monotonic()

    def moment(self) -> Moment:
        return Moment(self.now(), self.monotonic())

    def wait(self, event: threading.Event, timeout_s: float) -> bool:
        return event.wait(timeout_s)
