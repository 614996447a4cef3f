"""Look for things on the cameras that have rules about them, in a thread beside the analyser."""

from __future__ import annotations

import threading
from dataclasses import dataclass
from typing import Callable, Dict, Mapping, Optional, Sequence, Tuple

from agent.domain.detection import Tracked
from agent.domain.evidence import ModelInfo
from agent.domain.incident import Change
from agent.domain.object_event import ObjectEvent
from agent.domain.policy.objects import Counts, ObjectPolicy
from agent.pipeline.beside import Beside
from agent.pipeline.gate import MotionGate
from agent.pipeline.record import Recorder
from agent.pipeline.schedule import Schedule
from agent.ports import Clock, Frame, LineCounts, ObjectDetector, ObjectTracker
from agent.telemetry import Telemetry

_COUNTS_APART_S = 10.0
"""A busy road crosses a line at every look; who counts it by the hour need not be told of each."""


@dataclass(frozen=True, eq=False)
class ObjectCamera:
    """A camera with rules about things: who follows them there, what they mean, and which pictures are worth
    a look; all are without a gate."""

    tracker: ObjectTracker
    policy: ObjectPolicy
    gate: Optional[MotionGate] = None


class ObjectWatch(Beside[ObjectDetector]):
    """The look for things; see agent.pipeline.beside."""

    def __init__(
        self,
        cameras: Mapping[str, ObjectCamera],
        latest: Callable[[str], Optional[Frame]],
        make_detector: Callable[[], ObjectDetector],
        schedule: Schedule,
        recorder: Recorder,
        tell: Callable[[ObjectEvent], None],
        count: Callable[[str, LineCounts], None],
        trouble: Callable[[Optional[str]], None],
        clock: Clock,
        telemetry: Telemetry,
    ) -> None:
        """`count` is told what crossed the lines of a camera so far, now and then while that grows."""
        policies = {camera: watched.policy for camera, watched in cameras.items()}
        super().__init__("objects", policies, latest, make_detector, schedule, recorder, trouble, clock)
        self._cameras = cameras
        self._tell = tell
        self._count = count
        self._telemetry = telemetry
        self._counted: Dict[str, Tuple[float, Counts]] = {}

    def run(self, stop: threading.Event) -> None:
        """Look until told to stop, and say at the end what was counted since it was told last."""
        try:
            super().run(stop)
        finally:
            for camera in self._cameras:
                self._tell_counts(camera, 0.0)

    def turn(self, networks: ObjectDetector, stop: threading.Event) -> None:
        super().turn(networks, stop)
        for camera in self._cameras:
            self._tell_counts(camera, _COUNTS_APART_S)

    def _models(self, networks: ObjectDetector) -> Sequence[ModelInfo]:
        return (networks.model,)

    def _look(self, frame: Frame, networks: ObjectDetector) -> None:
        """Raises InferenceError."""
        camera = self._cameras[frame.camera]
        held = None if camera.gate is None else camera.gate.held(frame)
        if held is None:
            tracked = self._look_anew(camera, frame, networks)
        else:
            tracked = camera.tracker.look(held, frame.at.monotonic)
        height, width = frame.pixels.shape[:2]
        with self._judging:
            outcomes = camera.policy.look(tracked, frame.at, networks.model, width / height)
            for one in outcomes:
                if isinstance(one, Change):
                    concerned = camera.policy.concerned(one.incident.reason or "")
                    self._recorder.record(one, frame, things=concerned)
        for one in outcomes:
            if isinstance(one, ObjectEvent):
                self._tell(one)

    def _look_anew(self, camera: ObjectCamera, frame: Frame, networks: ObjectDetector) -> Sequence[Tracked]:
        with self._telemetry.timed("objects"):
            (found,) = networks.find([frame.pixels])
            tracked = camera.tracker.look(found, frame.at.monotonic)
        if camera.gate is not None:
            camera.gate.looked(frame, found, tracked)
        return tracked

    def _tell_counts(self, camera: str, apart_s: float) -> None:
        """At once what an earlier run left, then what grew, at most every so many seconds."""
        counts, now = self._cameras[camera].policy.counts(), self._clock.monotonic()
        told_at, told = self._counted.get(camera, (now - apart_s, None))
        if counts and counts != told and now - told_at >= apart_s:
            self._counted[camera] = (now, counts)
            self._count(camera, counts)
