"""Things on the cameras of one agent, put together from its settings: which rules hold where."""

from __future__ import annotations

from typing import Callable, Optional

from agent.assembly.beside import LookBeside
from agent.config.camera_settings import Camera
from agent.config.object_policy import object_policy_settings
from agent.config.settings import Settings
from agent.domain.incident import Kind
from agent.domain.object_event import ObjectEvent
from agent.domain.policy.objects import ObjectPolicy
from agent.faces.bundles import cache
from agent.inference.bundle import Bundle
from agent.inference.engines import EngineShelf
from agent.inference.object_bundle import object_bundle
from agent.inference.registry import load_object_detector
from agent.pipeline.gate import MotionGate
from agent.pipeline.objects import ObjectCamera, ObjectWatch
from agent.pipeline.policies import incident_ids
from agent.pipeline.record import Recorder
from agent.pipeline.schedule import Schedule
from agent.ports import Clock, Frame, LineCounts, ObjectDetector
from agent.telemetry import Telemetry
from agent.vision.tracking.tracker import BufferedTracker

OBJECTS = "objects"
"""The reason of the device's incident where things cannot be looked for."""

_BATCH = 4

_LOST_AFTER_S, _LOOKS_TO_LOSE = 2.0, 2.5
"""How long a thing is missed before it has gone; at least so many of a camera's looks."""


def objects_bundle(settings: Settings) -> Bundle:
    """The configured one. Raises BundleError."""
    return object_bundle(settings.objects.bundle, cache(settings))


class Objects(LookBeside):
    """What rules say of things, not started yet; nothing where no camera has any."""

    def __init__(
        self,
        settings: Settings,
        recorder: Recorder,
        latest: Callable[[str], Optional[Frame]],
        tell: Callable[[ObjectEvent], None],
        count: Callable[[str, LineCounts], None],
        trouble: Callable[[bool], None],
        engines: EngineShelf,
        clock: Clock,
        telemetry: Telemetry,
    ) -> None:
        """`trouble` is told whether things cannot be looked for, from the thread that looks."""
        cameras = [camera for camera in settings.cameras if camera.enabled and camera.objects.wanted]
        if not cameras:
            super().__init__(Kind.OBJECT, OBJECTS, None, recorder, clock)
            trouble(False)
            return

        def detector() -> ObjectDetector:
            return load_object_detector(settings.objects, settings.tensorrt, engines, cache(settings))

        watch = ObjectWatch(
            {camera.id: _watched(camera, clock) for camera in cameras},
            latest,
            detector,
            Schedule({camera.id: camera.objects.looks_per_second for camera in cameras}, _BATCH),
            recorder,
            tell,
            count,
            lambda why: trouble(why is not None),
            clock,
            telemetry,
        )
        super().__init__(Kind.OBJECT, OBJECTS, watch, recorder, clock)


def _watched(camera: Camera, clock: Clock) -> ObjectCamera:
    section = camera.objects
    tracker = BufferedTracker(max(_LOST_AFTER_S, _LOOKS_TO_LOSE / section.looks_per_second))
    policy = ObjectPolicy(camera.id, object_policy_settings(section), incident_ids(clock))
    gate = MotionGate(section.still_look_every_s) if section.gate == "motion" else None
    return ObjectCamera(tracker, policy, gate)
