from __future__ import annotations

import threading
from typing import List

import pytest

from agent.errors import PermanentDeliveryError, TransientDeliveryError
from agent.ports import Delivery
from alerts.batching import batched
from tests.fakes.changes import delivery, opened
from tests.fakes.outbox import ScriptedSink


class PlainSink:
    """Implements agent.ports.Sink; a delivery's incident id says how it ends."""

    name = "plain"

    def __init__(self) -> None:
        self.delivered: List[str] = []

    def deliver(self, one: Delivery) -> None:
        self.delivered.append(one.change.incident.id)
        if one.change.incident.id == "later":
            raise TransientDeliveryError("later")
        if one.change.incident.id == "never":
            raise PermanentDeliveryError("never")
        if one.change.incident.id == "bug":
            raise ZeroDivisionError


def test_a_plain_sink_takes_one_at_a_time() -> None:
    plain = PlainSink()
    sink = batched(plain)
    assert (sink.name, sink.window, sink.ready()) == ("plain", 1, True)
    outcomes = sink.deliver_all(
        [delivery(opened(name)) for name in ("a", "later", "never")], threading.Event()
    )
    assert [type(outcome) for outcome in outcomes] == [
        type(None),
        TransientDeliveryError,
        PermanentDeliveryError,
    ]
    assert plain.delivered == ["a", "later", "never"]


def test_a_bug_is_not_a_failed_delivery() -> None:
    with pytest.raises(ZeroDivisionError):
        list(batched(PlainSink()).deliver_all([delivery(opened("bug"))], threading.Event()))


def test_a_sink_that_takes_several_is_used_as_it_is() -> None:
    sink = ScriptedSink(lambda _: None)
    assert batched(sink) is sink
