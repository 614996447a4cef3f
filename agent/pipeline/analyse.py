"""Look at the cameras' latest frames in turn, and let each camera's policy say what became of it.

What people say of a fire, and what a self-test looks at, waits in `requests` for the end of the turn: the
detector and the policies are touched by one thread only.
"""

from __future__ import annotations

import threading
from contextlib import closing
from typing import Callable, Dict, List, Mapping, Optional

from agent.domain.evidence import ModelInfo
from agent.domain.policy.fire import FirePolicy
from agent.pipeline.record import Recorder
from agent.pipeline.requests import Requests
from agent.pipeline.schedule import Schedule
from agent.pipeline.slot import Mailbox
from agent.ports import Clock, FireDetector, Frame, Picture
from agent.telemetry import Telemetry
from agent.vision.ignored import NOTHING_IGNORED, Ignored

_IDLE_S = 0.5


class Analyser:
    """Owns the detector: it is made, used and closed in the thread that calls `run`.

    TensorRT asks for that (its objects belong to the thread that made them). When a look fails, the error
    ends `run`; its supervisor runs it again, with a new detector. After `renew` the next turn has one, too.
    """

    def __init__(
        self,
        mailbox: Mailbox,
        make_detector: Callable[[], FireDetector],
        policies: Mapping[str, FirePolicy],
        schedule: Schedule,
        recorder: Recorder,
        clock: Clock,
        telemetry: Telemetry,
        ignored: Ignored = NOTHING_IGNORED,
        on_model: Callable[[ModelInfo], None] = lambda _: None,
    ) -> None:
        """`ignored` hides where fire belongs from the detector; what is recorded shows it. `on_model` is told
        by which model it looks, of each new detector and after each look, for a second network may fall away.
        """
        self._mailbox = mailbox
        self._make_detector = make_detector
        self._policies = policies
        self._schedule = schedule
        self._recorder = recorder
        self._clock = clock
        self._telemetry = telemetry
        self._ignored = ignored
        self._on_model = on_model
        self._last_looks: Dict[str, float] = {}
        self._last_frames: Dict[str, Frame] = {}
        self._before: Dict[str, Picture] = {}
        self._outdated = threading.Event()
        self.requests = Requests()
        self.last_turn: Optional[float] = None
        """Monotonic time of the last turn that came to its end; None before the first."""

    def last_look(self, camera: str) -> Optional[float]:
        """Monotonic time at which the camera was last looked at; None before the first look."""
        return self._last_looks.get(camera)

    def last_frame(self, camera: str) -> Optional[Frame]:
        """The frame that the camera was last looked at in; None before the first look."""
        return self._last_frames.get(camera)

    def run(self, stop: threading.Event) -> None:
        """Take turns until told to stop. Raises InferenceError or BundleError."""
        try:
            self._look_with_one(stop)
            while not stop.is_set():
                self._look_with_one(stop)
        finally:
            self.requests.refuse()

    def renew(self) -> None:
        """Have the detector made anew before the next turn; safe from any thread."""
        self._outdated.set()

    def _look_with_one(self, stop: threading.Event) -> None:
        self._outdated.clear()
        with closing(self._make_detector()) as detector:
            self._on_model(detector.model)
            while not (stop.is_set() or self._outdated.is_set()):
                self.turn(detector, stop)

    def turn(self, detector: FireDetector, stop: threading.Event) -> None:
        """One round: wait for fresh frames, look at those that are due, record what changed, answer."""
        fresh = self._mailbox.wait_fresh(_IDLE_S)
        now = self._clock.monotonic()
        chosen = self._schedule.turn(fresh, now)
        frames = [frame for frame in map(self._mailbox.take, chosen) if frame is not None]
        if frames:
            self._look(detector, frames)
        elif fresh:
            due_in_s = min(self._schedule.wait_s(camera, now) for camera in fresh)
            self._clock.wait(stop, min(due_in_s, _IDLE_S))
        self._recorder.retry()
        self.requests.serve(detector)
        self.last_turn = self._clock.monotonic()

    def _look(self, detector: FireDetector, frames: List[Frame]) -> None:
        with self._telemetry.timed("infer"):
            pictures = [self._ignored.over(frame.camera, frame.pixels) for frame in frames]
            results = detector.look(pictures, [self._before.get(frame.camera) for frame in frames])
        self._on_model(detector.model)
        looked_at = self._clock.monotonic()
        for frame, picture, scores in zip(frames, pictures, results):
            policy = self._policies[frame.camera]
            for change in policy.look(scores, frame.at, detector.model):
                self._recorder.record(change, frame)
            self._last_looks[frame.camera] = looked_at
            self._last_frames[frame.camera] = frame
            self._before[frame.camera] = picture
            self._telemetry.looks.labels(frame.camera).inc()
            self._telemetry.danger.labels(frame.camera).set(policy.danger)
