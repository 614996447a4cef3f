"""A camera under watch: capture, vigil and vigilance in their threads, and what they said."""

from __future__ import annotations

import itertools
import random
from contextlib import contextmanager
from typing import Iterator, List, Optional

from agent.clock import SystemClock
from agent.domain.backoff import BackoffSettings
from agent.domain.camera import CameraStatus
from agent.domain.incident import Change
from agent.domain.policy.camera import CameraPolicy
from agent.domain.policy.settings import CameraPolicySettings
from agent.pipeline.capture import Capture
from agent.pipeline.slot import Mailbox
from agent.pipeline.vigil import Vigil, Vigilance
from agent.ports import Frame, Source
from agent.telemetry import Telemetry
from tests.fakes.running import running
from tests.fakes.waiting import until


class CameraWatch:
    """Collects what is said of one camera."""

    def __init__(self) -> None:
        self.mailbox = Mailbox()
        self.statuses: List[CameraStatus] = []
        self.changes: List[Change] = []

    def change(self, change: Change, frame: Optional[Frame]) -> None:
        self.changes.append(change)

    @property
    def says(self) -> str:
        """The last word: `online`, `blind/stalled`, ...; `nothing` before the first."""
        if not self.statuses:
            return "nothing"
        status = self.statuses[-1]
        return status.state.value if status.reason is None else f"{status.state.value}/{status.reason}"

    def expect(self, words: str, within_s: float) -> None:
        """Wait until the camera's status is this; fails with what it is instead."""
        until(lambda: self.says == words, f"{words} (it says {self.says})", within_s)


@contextmanager
def watching(source: Source, settings: CameraPolicySettings) -> Iterator[CameraWatch]:
    """Watch a camera on the real clock for as long as the block lasts."""
    clock = SystemClock()
    telemetry = Telemetry(clock)
    watch = CameraWatch()
    ids = (f"incident-{n}" for n in itertools.count(1))
    policy = CameraPolicy("gate", settings, lambda: next(ids), clock.moment())
    vigil = Vigil(policy, clock)
    capture = Capture(
        "gate",
        source,
        watch.mailbox,
        vigil,
        clock,
        telemetry,
        reconnect=BackoffSettings(first_s=0.2, cap_s=0.4),
        rng=random.Random(1),
    )
    vigilance = Vigilance([vigil], watch.statuses.append, watch.change, clock, telemetry)
    with running(capture.run), running(vigilance.run):
        yield watch
