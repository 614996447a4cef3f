"""An outbox in memory that keeps a diary, and sinks that end as a script says."""

from __future__ import annotations

import threading
from typing import Callable, Dict, Iterator, List, Optional, Sequence, Tuple

from agent.errors import DeliveryError
from agent.ports import Delivery, OutboxDepth


class DiaryOutbox:
    """Implements agent.ports.Outbox for rows that are due and independent; `diary` is what was settled."""

    def __init__(self, rows: Sequence[Delivery] = ()) -> None:
        self.rows: Dict[int, Delivery] = {row.id: row for row in rows}
        self.diary: List[Tuple[str, str]] = []
        self.retries: List[float] = []
        self.leases: List[int] = []
        self.failures: List[Exception] = []
        """Raised by the next leases, one each."""

    def lease(self, sink: str, limit: int, lease_s: float) -> List[Delivery]:
        self.leases.append(limit)
        if self.failures:
            raise self.failures.pop(0)
        return [row for row in self.rows.values() if row.sink == sink][:limit]

    def done(self, delivery: Delivery) -> None:
        self._settle("done", delivery)

    def retry(self, delivery: Delivery, after_s: float, error: str) -> None:
        self.retries.append(after_s)
        self._settle("retry", delivery)

    def park(self, delivery: Delivery, error: str) -> None:
        self._settle("park", delivery)

    def release(self) -> None: ...

    def depth(self) -> OutboxDepth:
        return OutboxDepth(len(self.rows), 0, 0)

    def _settle(self, how: str, delivery: Delivery) -> None:
        self.diary.append((how, delivery.change.event_id))
        del self.rows[delivery.id]


class ScriptedSink:
    """Implements alerts.batching.BatchSink; `answer` says how each delivery ends."""

    name = "mqtt"

    def __init__(
        self, answer: Callable[[Delivery], Optional[DeliveryError]], window: int = 3, ready: bool = True
    ) -> None:
        self.up = ready
        self.batches: List[List[str]] = []
        self._answer = answer
        self._window = window

    @property
    def window(self) -> int:
        return self._window

    def ready(self) -> bool:
        return self.up

    def deliver(self, delivery: Delivery) -> None:
        raise NotImplementedError

    def deliver_all(
        self, deliveries: Sequence[Delivery], stop: threading.Event
    ) -> Iterator[Optional[DeliveryError]]:
        if deliveries:
            self.batches.append([delivery.change.event_id for delivery in deliveries])
        for delivery in deliveries:
            yield self._answer(delivery)
