"""Named threads: restarted when they fail, stopped in the reverse of the order they started in."""

from __future__ import annotations

import threading
from dataclasses import dataclass, field
from typing import Callable, List

import structlog

from agent.domain.backoff import Backoff, BackoffSettings
from agent.ports import Clock
from agent.telemetry import Telemetry

log = structlog.get_logger(__name__)

Run = Callable[[threading.Event], None]
"""A part's work: returns when the event is set, or by itself when there is nothing more to do."""

_RESTART = BackoffSettings(first_s=0.5, cap_s=30.0)
_GRACE_S = 1.0


@dataclass
class _Part:
    name: str
    run: Run
    patience_s: float
    stop: threading.Event = field(default_factory=threading.Event)
    thread: threading.Thread = field(init=False)


class Supervisor:
    """Owns the agent's threads. One part's failure never ends another."""

    def __init__(self, clock: Clock, telemetry: Telemetry) -> None:
        self._clock = clock
        self._telemetry = telemetry
        self._parts: List[_Part] = []

    def start(self, name: str, run: Run, patience_s: float = 5.0) -> None:
        """Run a part in a thread of its own from now on; it is waited for `patience_s` when it stops."""
        part = _Part(name, run, patience_s)
        part.thread = threading.Thread(target=self._keep_running, args=(part,), name=name, daemon=True)
        self._parts.append(part)
        part.thread.start()

    def alive(self) -> List[str]:
        """Names of the parts that still run."""
        return [part.name for part in self._parts if part.thread.is_alive()]

    def stop(self, within_s: float) -> List[str]:
        """Stop the parts, the last started first; names those that did not end within `within_s` in all.

        A part whose patience ran out has the time in which the others stop, and a little more, to end.
        """
        deadline = self._clock.monotonic() + within_s
        for part in reversed(self._parts):
            part.stop.set()
            part.thread.join(min(part.patience_s, self._left_s(deadline)))
        deadline = min(deadline, self._clock.monotonic() + _GRACE_S)
        for part in self._parts:
            part.thread.join(self._left_s(deadline))
        stuck = self.alive()
        self._parts.clear()
        return stuck

    def _left_s(self, deadline: float) -> float:
        return max(0.0, deadline - self._clock.monotonic())

    def _keep_running(self, part: _Part) -> None:
        backoff = Backoff(_RESTART)
        while not part.stop.is_set():
            try:
                part.run(part.stop)
            except Exception:
                delay_s = backoff.next_s()
                self._telemetry.restarts.labels(part.name).inc()
                log.exception("part failed, restarting it", part=part.name, in_s=round(delay_s, 1))
                self._clock.wait(part.stop, delay_s)
            else:
                return
