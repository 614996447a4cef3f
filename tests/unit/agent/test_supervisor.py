from __future__ import annotations

import threading
from typing import List

from agent.clock import SystemClock
from agent.supervisor import Supervisor
from agent.telemetry import Telemetry
from tests.fakes.clock import FakeClock

SOON_S = 10.0


def supervisor() -> Supervisor:
    clock = FakeClock()
    return Supervisor(clock, Telemetry(clock))


def test_a_part_that_fails_is_run_again_and_counted() -> None:
    clock = FakeClock()
    telemetry = Telemetry(clock)
    parts = Supervisor(clock, telemetry)
    runs: List[int] = []
    recovered = threading.Event()

    def flaky(stop: threading.Event) -> None:
        runs.append(1)
        if len(runs) < 3:
            raise RuntimeError("boom")
        recovered.set()
        stop.wait(SOON_S)

    parts.start("flaky", flaky)
    assert recovered.wait(SOON_S)
    assert parts.alive() == ["flaky"]
    assert telemetry.registry.get_sample_value("beffroi_thread_restarts_total", {"part": "flaky"}) == 2
    assert parts.stop(SOON_S) == []


def test_a_part_that_returns_has_done_its_work() -> None:
    parts = supervisor()
    done = threading.Event()
    parts.start("short", lambda stop: done.set())
    assert done.wait(SOON_S)
    assert parts.stop(SOON_S) == []


def test_parts_stop_in_the_reverse_of_their_start() -> None:
    parts = Supervisor(SystemClock(), Telemetry(SystemClock()))
    order: List[str] = []

    def part(name: str) -> None:
        started = threading.Event()

        def run(stop: threading.Event) -> None:
            started.set()
            stop.wait(SOON_S)
            order.append(name)

        parts.start(name, run)
        assert started.wait(SOON_S)

    for name in ("store", "cameras", "analyser"):
        part(name)
    assert parts.stop(SOON_S) == []
    assert order == ["analyser", "cameras", "store"]


def test_a_part_that_hangs_leaves_the_others_their_time() -> None:
    parts = Supervisor(SystemClock(), Telemetry(SystemClock()))
    started, free, ended = threading.Event(), threading.Event(), threading.Event()

    def drain(stop: threading.Event) -> None:
        stop.wait(SOON_S)
        ended.set()

    def hang(stop: threading.Event) -> None:
        started.set()
        free.wait(SOON_S)

    parts.start("drain", drain)
    parts.start("camera", hang, patience_s=0.05)
    assert started.wait(SOON_S)
    assert parts.stop(SOON_S) == ["camera"]
    assert ended.is_set()
    free.set()


def test_a_part_that_hangs_is_named() -> None:
    parts = Supervisor(SystemClock(), Telemetry(SystemClock()))
    started, free = threading.Event(), threading.Event()

    def hang(stop: threading.Event) -> None:
        started.set()
        free.wait(SOON_S)

    parts.start("hung", hang)
    assert started.wait(SOON_S)
    assert parts.stop(0.05) == ["hung"]
    free.set()


def test_a_part_may_end_while_the_others_stop() -> None:
    parts = Supervisor(SystemClock(), Telemetry(SystemClock()))
    reading, read = threading.Event(), threading.Event()

    def drain(stop: threading.Event) -> None:
        stop.wait(SOON_S)
        read.set()

    def camera(stop: threading.Event) -> None:
        reading.set()
        read.wait(SOON_S)

    parts.start("drain", drain)
    parts.start("camera", camera, patience_s=0.05)
    assert reading.wait(SOON_S)
    assert parts.stop(SOON_S) == []
