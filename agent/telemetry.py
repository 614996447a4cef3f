"""What the agent counts and times: one place, read by the heartbeat and by Prometheus."""

from __future__ import annotations

import threading
from collections import deque
from contextlib import contextmanager
from typing import Deque, Dict, Iterator, Optional

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram

from agent.domain.health import StageLatency
from agent.errors import ConfigError
from agent.ports import Clock

_WINDOW = 1000
_BUCKETS_S = (0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0, 2.0, 5.0)


class Telemetry:
    """Counters, gauges and stage latencies of one agent; thread-safe.

    Stages: `infer` (one batch, pre- and post-processing included), `faces` (those of one frame, found and
    told), `objects` (one look for things; pictures that the gate holds are not in it), `record` (snapshot and
    commit), `deliver` (one message to its confirmation).
    """

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._recent: Dict[str, Deque[float]] = {}
        self.registry = CollectorRegistry()
        self.frames = self._counter("frames_decoded", "Frames decoded.", "camera")
        self.looks = self._counter("looks", "Frames looked at.", "camera")
        self.changes = self._counter("incident_changes", "Changes recorded.", "kind", "transition")
        self.deliveries = self._counter("deliveries", "Delivery attempts by outcome.", "sink", "outcome")
        self.restarts = self._counter("thread_restarts", "Parts restarted after an error.", "part")
        self.reconnects = self._counter("reconnects", "Times a camera was opened again.", "camera")
        self.unsaved = self._counter("snapshots_unsaved", "Snapshots that could not be written.")
        self.pending = self._gauge("outbox_pending", "Deliveries waiting.")
        self.parked = self._gauge("outbox_parked", "Deliveries that can never be made.")
        self.shed = self._gauge("outbox_shed", "Deliveries dropped because the outbox was full.")
        self.telegram_messages = self._counter("telegram_messages", "Messages to Telegram.", "way")
        self.telegram_held_back = self._counter("telegram_held_back", "Times Telegram asked for a pause.")
        self.telegram_unreachable = self._counter("telegram_unreachable", "Chats found to be gone.")
        self.danger = self._gauge("danger", "Smoothed danger, 0 to 1.", "camera")
        self.online = self._gauge("camera_online", "1 while the camera is online.", "camera")
        self._stage_seconds = Histogram(
            "beffroi_stage_seconds",
            "Time a stage took.",
            ["stage"],
            buckets=_BUCKETS_S,
            registry=self.registry,
        )

    @contextmanager
    def timed(self, stage: str) -> Iterator[None]:
        """Time the block under the name of `stage`; a block that raises is not counted."""
        start = self._clock.monotonic()
        yield
        self.observe(stage, self._clock.monotonic() - start)

    def observe(self, stage: str, seconds: float) -> None:
        self._stage_seconds.labels(stage).observe(seconds)
        with self._lock:
            self._recent.setdefault(stage, deque(maxlen=_WINDOW)).append(seconds)

    def latencies(self) -> Dict[str, StageLatency]:
        """Median and 99th percentile of each stage over its last 1,000 observations."""
        with self._lock:
            windows = {stage: sorted(values) for stage, values in self._recent.items()}
        return {stage: _summary(values) for stage, values in windows.items()}

    def _counter(self, name: str, text: str, *labels: str) -> Counter:
        return Counter(f"beffroi_{name}", text, labels, registry=self.registry)

    def _gauge(self, name: str, text: str, *labels: str) -> Gauge:
        return Gauge(f"beffroi_{name}", text, labels, registry=self.registry)


def _summary(ordered: list[float]) -> StageLatency:
    last = len(ordered) - 1
    return StageLatency(
        p50_ms=ordered[round(last * 0.5)] * 1000,
        p99_ms=ordered[round(last * 0.99)] * 1000,
        count=len(ordered),
    )


class MetricsServer:
    """Serves the telemetry to Prometheus on an address and port until closed.

    Raises ConfigError where it cannot listen there.
    """

    def __init__(self, telemetry: Telemetry, address: str, port: int) -> None:
        from prometheus_client import start_http_server

        try:
            self._server, self._thread = start_http_server(port, address, telemetry.registry)
        except OSError as error:
            raise ConfigError(
                f"metrics.port {port}: nothing can listen on {address}:{port}: {error.strerror}. "
                "Choose another metrics.port or metrics.address"
            ) from error

    @property
    def port(self) -> int:
        return int(self._server.server_port)

    def close(self, timeout_s: Optional[float] = 2.0) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join(timeout_s)
