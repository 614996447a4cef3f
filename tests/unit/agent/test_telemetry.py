from __future__ import annotations

import socket
import urllib.request

import pytest

from agent.errors import ConfigError
from agent.telemetry import MetricsServer, Telemetry
from tests.fakes.clock import FakeClock


def test_stage_latencies_are_percentiles_of_what_was_observed() -> None:
    telemetry = Telemetry(FakeClock())
    for milliseconds in range(1, 101):
        telemetry.observe("infer", milliseconds / 1000)
    latency = telemetry.latencies()["infer"]
    assert latency.count == 100
    assert latency.p50_ms == pytest.approx(50.5, abs=1)
    assert latency.p99_ms == pytest.approx(99, abs=1)


def test_a_block_is_timed_by_the_clock_and_not_counted_when_it_raises() -> None:
    clock = FakeClock()
    telemetry = Telemetry(clock)
    with telemetry.timed("record"):
        clock.advance(0.25)
    with pytest.raises(ValueError, match="no"), telemetry.timed("record"):
        raise ValueError("no")
    assert telemetry.latencies()["record"].p50_ms == pytest.approx(250)
    assert telemetry.latencies()["record"].count == 1


def test_prometheus_reads_it_over_http() -> None:
    telemetry = Telemetry(FakeClock())
    telemetry.looks.labels("gate").inc(3)
    server = MetricsServer(telemetry, "127.0.0.1", 0)
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{server.port}/metrics", timeout=5) as answer:
            page = answer.read().decode()
    finally:
        server.close()
    assert 'beffroi_looks_total{camera="gate"} 3.0' in page


def test_a_port_that_is_taken_is_an_error_of_the_configuration() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        with pytest.raises(ConfigError, match=f"metrics.port {port}: .*Address already in use"):
            MetricsServer(Telemetry(FakeClock()), "127.0.0.1", port)
