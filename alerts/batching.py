"""Several deliveries in flight at once, for the sinks that can."""

from __future__ import annotations

import threading
from typing import Iterator, Optional, Sequence

from typing_extensions import Protocol, runtime_checkable

from agent.errors import DeliveryError
from agent.ports import Delivery, Sink


@runtime_checkable
class BatchSink(Protocol):
    """What the dispatcher works with; a plain Sink becomes one through `batched`."""

    name: str

    @property
    def window(self) -> int:
        """How many deliveries to hand over together."""

    def ready(self) -> bool:
        """False while the far end is known to be out of reach: nothing is tried until it is back."""

    def deliver_all(
        self, deliveries: Sequence[Delivery], stop: threading.Event
    ) -> Iterator[Optional[DeliveryError]]:
        """Send them all, then yield for each, in order, None once confirmed or why it failed.

        Never raises DeliveryError, and stops waiting soon after `stop` is set.
        """


class OneByOne:
    """A plain Sink as a BatchSink: one delivery at a time, and reachable until proved otherwise."""

    window = 1

    def __init__(self, sink: Sink) -> None:
        self.name = sink.name
        self._sink = sink

    def ready(self) -> bool:
        return True

    def deliver_all(
        self, deliveries: Sequence[Delivery], stop: threading.Event
    ) -> Iterator[Optional[DeliveryError]]:
        for delivery in deliveries:
            try:
                self._sink.deliver(delivery)
            except DeliveryError as error:
                yield error
            else:
                yield None


def batched(sink: Sink) -> BatchSink:
    """The sink itself where it can take several deliveries at once."""
    return sink if isinstance(sink, BatchSink) else OneByOne(sink)
