"""Watch over the watchers: say when a camera goes blind, and when it sees again.

Each camera's capture thread reports what it gets; one thread lets time pass for all of them and tells the
news, so that a capture that hangs in a driver is noticed, and no capture ever waits for the disk.
"""

from __future__ import annotations

import threading
from collections import deque
from typing import Callable, Deque, List, Optional, Sequence

import structlog

from agent.domain.camera import CameraState, CameraStatus
from agent.domain.incident import Change, Incident
from agent.domain.policy.camera import CameraPolicy, Verdict
from agent.errors import SourceError
from agent.pipeline.rate import FrameRate
from agent.ports import Clock, Frame
from agent.telemetry import Telemetry
from agent.vision.quality import QualityGauge

log = structlog.get_logger(__name__)

_ASSESS_EVERY_S = 0.2
_TICK_S = 0.25


class Vigil:
    """One camera's policy, fed by its capture thread and read by others; thread-safe."""

    def __init__(self, policy: CameraPolicy, clock: Clock) -> None:
        self._policy = policy
        self._clock = clock
        self._gauge = QualityGauge()
        self._rate = FrameRate()
        self._assess_at: Optional[float] = None
        self._news: Deque[Verdict] = deque()
        self._lock = threading.Lock()

    @property
    def status(self) -> Optional[CameraStatus]:
        """The camera's present status; None while nothing is known."""
        with self._lock:
            return self._policy.status

    def opened(self) -> None:
        """The source was opened."""
        with self._lock:
            self._keep(self._policy.opened(self._clock.moment()))

    def frame(self, frame: Frame) -> None:
        """A frame was decoded; a few a second are judged, all are counted."""
        now = frame.at.monotonic
        with self._lock:
            self._rate.add(now)
        if self._assess_at is not None and now < self._assess_at:
            return
        self._assess_at = now + _ASSESS_EVERY_S
        quality = self._gauge.assess(frame.pixels)
        with self._lock:
            self._keep(self._policy.picture(frame.at, quality, self._rate.per_second(now)))

    def lost(self, error: SourceError) -> None:
        """The source could not be opened, or stopped giving pictures."""
        with self._lock:
            self._keep(self._policy.lost(self._clock.moment(), error.stalled, error.reason))

    def finished(self) -> None:
        """The replay ended."""
        with self._lock:
            self._keep(self._policy.finish(self._clock.moment()))

    def judge(self, incident_id: str, word: Callable[[Incident], Change]) -> Optional[Change]:
        """Let a person's word change the unresolved incident; None where that is not, or no more, this one.

        It is news like any other, so that changes are recorded in order. Raises IllegalTransitionError.
        """
        with self._lock:
            change = self._policy.judge(incident_id, word)
            if change is not None:
                self._news.append(Verdict(change=change))
            return change

    def news(self) -> List[Verdict]:
        """Let time pass, and give everything that became news since the last call, in order."""
        with self._lock:
            at = self._clock.moment()
            self._keep(self._policy.tick(at, self._rate.per_second(at.monotonic)))
            told = list(self._news)
            self._news.clear()
            return told

    def _keep(self, verdict: Verdict) -> None:
        if verdict.status is not None or verdict.change is not None:
            self._news.append(verdict)


class Vigilance:
    """The thread that passes on every camera's news: statuses to the board, incidents to the recorder."""

    def __init__(
        self,
        vigils: Sequence[Vigil],
        on_status: Callable[[CameraStatus], None],
        on_change: Callable[[Change, Optional[Frame]], None],
        clock: Clock,
        telemetry: Telemetry,
    ) -> None:
        self._vigils = vigils
        self._on_status = on_status
        self._on_change = on_change
        self._clock = clock
        self._telemetry = telemetry
        self._turning = threading.Lock()

    def run(self, stop: threading.Event) -> None:
        """Pass on news until told to stop."""
        while not stop.is_set():
            self.turn()
            self._clock.wait(stop, _TICK_S)

    def turn(self) -> None:
        """One round over all cameras; any thread may take one, so as not to wait for the next."""
        with self._turning:
            for vigil in self._vigils:
                for verdict in vigil.news():
                    if verdict.status is not None:
                        self._tell(verdict.status)
                    if verdict.change is not None:
                        self._on_change(verdict.change, None)

    def _tell(self, status: CameraStatus) -> None:
        sees = status.state in (CameraState.ONLINE, CameraState.DEGRADED)
        self._telemetry.online.labels(status.camera).set(1 if sees else 0)
        tell = log.info if sees else log.warning
        tell("camera", camera=status.camera, state=status.state.value, reason=status.reason)
        self._on_status(status)
