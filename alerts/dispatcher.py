"""Drains the outbox into one sink: lease, deliver, and done only once confirmed."""

from __future__ import annotations

import random
import threading
from typing import Optional

import structlog

from agent.domain.backoff import Backoff, BackoffSettings
from agent.errors import DeliveryError, PermanentDeliveryError, TransientDeliveryError
from agent.ports import Clock, Delivery, Outbox, Sink
from agent.telemetry import Telemetry
from alerts.backoff import due_in_s
from alerts.batching import batched

log = structlog.get_logger(__name__)

LEASE_S = 60.0
"""Longer than a sink waits for a confirmation; what a thread that failed had leased comes back after it."""
IDLE_S = 0.5
_AFTER_ERROR = BackoffSettings(first_s=0.5, cap_s=30.0)


class Dispatcher:
    """One sink's thread. `run` is the thread's work; `wake` may be called from any thread."""

    def __init__(
        self,
        sink: Sink,
        outbox: Outbox,
        clock: Clock,
        telemetry: Telemetry,
        rng: Optional[random.Random] = None,
        drain_s: float = 2.0,
    ) -> None:
        self._sink = batched(sink)
        self._outbox = outbox
        self._clock = clock
        self._telemetry = telemetry
        self._rng = rng or random.Random()
        self._drain_s = drain_s
        self._wake = threading.Event()
        self._trouble: Optional[str] = None

    def wake(self) -> None:
        """Something was committed: look now."""
        self._wake.set()

    def run(self, stop: threading.Event) -> None:
        """Deliver until `stop` is set; then what is left and can go within `drain_s` goes."""
        pause = Backoff(_AFTER_ERROR, self._rng)
        while not stop.is_set():
            self._wake.clear()
            try:
                busy = self._round(stop)
            except Exception:
                log.exception("dispatcher failed, going on", sink=self._sink.name)
                self._clock.wait(stop, pause.next_s())
            else:
                pause.reset()
                if not busy:
                    self._clock.wait(self._wake, IDLE_S)
        self._drain(stop)

    def _drain(self, stop: threading.Event) -> None:
        deadline = self._clock.monotonic() + self._drain_s
        while self._clock.monotonic() < deadline and self._round(stop):
            pass

    def _round(self, stop: threading.Event) -> bool:
        """Deliver one batch; False where nothing is due or the far end is out of reach."""
        if not self._sink.ready():
            return False
        batch = self._outbox.lease(self._sink.name, self._sink.window, LEASE_S)
        start = self._clock.monotonic()
        for delivery, error in zip(batch, self._sink.deliver_all(batch, stop)):
            if error is None:
                self._telemetry.observe("deliver", self._clock.monotonic() - start)
            self._settle(delivery, error)
        return bool(batch)

    def _settle(self, delivery: Delivery, error: Optional[DeliveryError]) -> None:
        if error is None:
            self._outbox.done(delivery)
            self._count("delivered")
            self._trouble = None
        elif isinstance(error, PermanentDeliveryError):
            self._outbox.park(delivery, str(error))
            self._count("parked")
            log.error(
                "delivery parked", sink=self._sink.name, change=delivery.change.event_id, error=str(error)
            )
        else:
            self._outbox.retry(delivery, self._due_in_s(delivery, error), str(error))
            self._count("retried")
            self._say(str(error))

    def _due_in_s(self, delivery: Delivery, error: DeliveryError) -> float:
        if not self._sink.ready():
            # The link is down and has pauses of its own: when it is back, the worst goes first, at once.
            return 0.0
        retry_after_s = error.retry_after_s if isinstance(error, TransientDeliveryError) else None
        return due_in_s(delivery.attempts, self._rng, retry_after_s)

    def _say(self, trouble: str) -> None:
        """One line per kind of trouble, not one per delivery."""
        if trouble != self._trouble:
            self._trouble = trouble
            log.warning("delivery failed, trying again", sink=self._sink.name, error=trouble)

    def _count(self, outcome: str) -> None:
        self._telemetry.deliveries.labels(self._sink.name, outcome).inc()
