from __future__ import annotations

import random
import threading
from typing import Callable, List, Optional

from structlog.testing import capture_logs

from agent.errors import DeliveryError, PermanentDeliveryError, StoreError, TransientDeliveryError
from agent.ports import Delivery
from agent.telemetry import Telemetry
from alerts.dispatcher import IDLE_S, Dispatcher
from tests.fakes.changes import delivery, opened
from tests.fakes.outbox import DiaryOutbox, ScriptedSink
from tests.fakes.stopping_clock import StoppingClock


def confirm(_: Delivery) -> None:
    return None


def rows(count: int) -> List[Delivery]:
    return [delivery(opened(str(n))) for n in range(1, count + 1)]


class Bench:
    """A dispatcher that is told to stop at the n-th time that it has nothing to do."""

    def __init__(
        self,
        outbox: DiaryOutbox,
        answer: Callable[[Delivery], Optional[DeliveryError]] = confirm,
        *,
        ready: bool = True,
        waits: int = 1,
    ) -> None:
        self.clock = StoppingClock(waits)
        self.sink = ScriptedSink(answer, ready=ready)
        self.telemetry = Telemetry(self.clock)
        self.outbox = outbox
        self.dispatcher = Dispatcher(self.sink, outbox, self.clock, self.telemetry, random.Random(1))

    def run(self) -> None:
        self.dispatcher.run(self.clock.stop)

    def counted(self, outcome: str) -> float:
        value = self.telemetry.registry.get_sample_value(
            "beffroi_deliveries_total", {"sink": "mqtt", "outcome": outcome}
        )
        return value or 0.0


def test_what_was_confirmed_is_done_a_window_at_a_time() -> None:
    bench = Bench(DiaryOutbox(rows(5)))
    bench.run()
    assert bench.outbox.diary == [("done", f"{n}-1") for n in range(1, 6)]
    assert bench.sink.batches == [["1-1", "2-1", "3-1"], ["4-1", "5-1"]]
    assert bench.counted("delivered") == 5
    assert bench.telemetry.latencies()["deliver"].count == 5


def test_each_of_a_batch_ends_by_itself() -> None:
    errors = {"1": None, "2": PermanentDeliveryError("no"), "3": TransientDeliveryError("later")}
    bench = Bench(DiaryOutbox(rows(3)), lambda one: errors[one.change.incident.id])
    with capture_logs() as logs:
        bench.run()
    assert [entry["event"] for entry in logs] == ["delivery parked", "delivery failed, trying again"]
    assert logs[0]["change"] == "2-1"
    assert bench.outbox.diary == [("done", "1-1"), ("park", "2-1"), ("retry", "3-1")]
    assert [bench.counted(outcome) for outcome in ("delivered", "parked", "retried")] == [1, 1, 1]


def test_another_sinks_rows_are_left_alone() -> None:
    bench = Bench(DiaryOutbox([delivery(opened(), sink="chat")]))
    bench.run()
    assert bench.outbox.diary == []


def test_retries_wait_ever_longer_and_as_long_as_asked() -> None:
    waiting = [delivery(opened(str(n)), attempts=n) for n in range(3)]
    bench = Bench(DiaryOutbox(waiting), lambda _: TransientDeliveryError("slow down", retry_after_s=30))
    bench.run()
    for attempts, after_s in enumerate(bench.outbox.retries):
        assert 30 <= after_s <= 30 + 2**attempts


def test_nothing_is_tried_while_the_link_is_down() -> None:
    bench = Bench(DiaryOutbox(rows(5)), ready=False, waits=10)
    bench.run()
    assert bench.outbox.leases == []
    assert bench.clock.waits == [IDLE_S] * 10


def test_what_a_lost_link_cut_off_is_due_at_once() -> None:
    def lose(_: Delivery) -> DeliveryError:
        bench.sink.up = False
        return TransientDeliveryError("lost")

    bench = Bench(DiaryOutbox(rows(1)), lose)
    bench.run()
    assert bench.outbox.retries == [0.0]


def test_a_stop_delivers_what_is_left() -> None:
    bench = Bench(DiaryOutbox(rows(7)))
    bench.clock.stop.set()
    bench.run()
    assert len(bench.outbox.diary) == 7


def test_a_stop_has_a_deadline() -> None:
    def slowly(_: Delivery) -> None:
        bench.clock.advance(1.5)

    bench = Bench(DiaryOutbox(rows(30)), slowly)
    bench.clock.stop.set()
    bench.run()
    assert 0 < len(bench.outbox.diary) < 30


def test_a_store_that_fails_is_told_and_tried_again() -> None:
    outbox = DiaryOutbox(rows(1))
    outbox.failures = [StoreError("locked"), StoreError("locked")]
    bench = Bench(outbox, waits=3)
    with capture_logs() as logs:
        bench.run()
    assert outbox.diary == [("done", "1-1")]
    assert [entry["event"] for entry in logs] == ["dispatcher failed, going on"] * 2
    assert 0.25 <= bench.clock.waits[0] <= 0.5 <= bench.clock.waits[1] <= 1.0


def test_one_line_for_one_trouble() -> None:
    bench = Bench(DiaryOutbox(rows(3)), lambda _: TransientDeliveryError("quota"))
    with capture_logs() as logs:
        bench.run()
    assert [entry["error"] for entry in logs] == ["quota"]


def test_a_commit_wakes_it() -> None:
    outbox = DiaryOutbox()
    bench = Bench(outbox, waits=3)

    def commit(event: threading.Event, timeout_s: float) -> bool:
        if not outbox.rows and not outbox.diary:
            (row,) = rows(1)
            outbox.rows[row.id] = row
            bench.dispatcher.wake()
            woken.append(event.is_set())
        return StoppingClock.wait(bench.clock, event, timeout_s)

    woken: List[bool] = []
    bench.clock.wait = commit  # type: ignore[method-assign]
    bench.run()
    assert woken == [True]
    assert outbox.diary == [("done", "1-1")]
