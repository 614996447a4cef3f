"""Things on the cameras of one agent, put together from its settings: which rules hold where."""

from __future__ import annotations

from typing import Callable, FrozenSet, Optional

import structlog
from typing_extensions import Protocol

from agent.assembly.beside import LookBeside
from agent.config.camera_settings import Camera
from agent.config.object_policy import object_policy_settings
from agent.config.settings import Settings
from agent.domain.incident import Kind
from agent.domain.object_event import ObjectEvent
from agent.domain.policy.objects import Counts, ObjectPolicy
from agent.errors import StoreError
from agent.faces.bundles import cache
from agent.inference.bundle import Bundle
from agent.inference.engines import EngineShelf
from agent.inference.object_bundle import object_bundle
from agent.inference.registry import load_object_detector
from agent.inference.shared import Seen, Told
from agent.pipeline.gate import MotionGate
from agent.pipeline.objects import ObjectCamera, ObjectWatch
from agent.pipeline.policies import incident_ids
from agent.pipeline.record import Recorder
from agent.pipeline.schedule import Schedule
from agent.ports import Clock, Frame, LineCounts, ObjectDetector
from agent.telemetry import Telemetry
from agent.vision.tracking.tracker import BufferedTracker

log = structlog.get_logger(__name__)

OBJECTS = "objects"
"""The reason of the device's incident where things cannot be looked for."""

_BATCH = 4

_LOST_AFTER_S, _LOOKS_TO_LOSE = 2.0, 2.5
"""How long a thing is missed before it has gone; at least so many of a camera's looks."""


def objects_bundle(settings: Settings) -> Bundle:
    """The configured one. Raises BundleError."""
    return object_bundle(settings.objects.bundle, cache(settings))


def sharing(settings: Settings) -> FrozenSet[str]:
    """The cameras on which things are looked for in the very pictures that fire is looked for in, by the same
    network: nothing is hidden from either, and things are not looked for more often."""
    return frozenset(
        camera.id
        for camera in settings.cameras
        if settings.fire.boxes
        and not (camera.fire.ignored or camera.objects.masks)
        and camera.objects.looks_per_second <= camera.looks_per_second
    )


class KeptCounts(Protocol):
    """The counts of lines over restarts; see agent.store.line_counts. Both raise StoreError."""

    def load(self, camera: str) -> Counts: ...

    def save(self, camera: str, counts: LineCounts) -> None: ...


class Objects(LookBeside):
    """What rules say of things, not started yet; nothing where no camera has any."""

    def __init__(
        self,
        settings: Settings,
        recorder: Recorder,
        latest: Callable[[str], Optional[Frame]],
        tell: Callable[[ObjectEvent], None],
        count: Callable[[str, LineCounts], None],
        kept: KeptCounts,
        trouble: Callable[[bool], None],
        engines: EngineShelf,
        seen: Seen,
        clock: Clock,
        telemetry: Telemetry,
    ) -> None:
        """`count` is told what crossed the lines of a camera once that is `kept`; what was `seen` in a
        picture is not looked for again; `trouble` is told whether things cannot be looked for, from the
        thread that looks. Raises StoreError."""
        cameras = [camera for camera in settings.cameras if camera.enabled and camera.objects.wanted]
        if not cameras:
            super().__init__(Kind.OBJECT, OBJECTS, None, recorder, clock)
            trouble(False)
            return

        def detector() -> ObjectDetector:
            own = load_object_detector(settings.objects, settings.tensorrt, engines, cache(settings))
            return Told(own, seen)

        watched = {camera.id: _watched(camera, clock) for camera in cameras}
        for name, one in watched.items():
            one.policy.resume_counts(kept.load(name))
        watch = ObjectWatch(
            watched,
            latest,
            detector,
            Schedule({camera.id: camera.objects.looks_per_second for camera in cameras}, _BATCH),
            recorder,
            tell,
            _keeping(kept, count),
            lambda why: trouble(why is not None),
            clock,
            telemetry,
        )
        super().__init__(Kind.OBJECT, OBJECTS, watch, recorder, clock)


def _keeping(kept: KeptCounts, count: Callable[[str, LineCounts], None]) -> Callable[[str, LineCounts], None]:
    """Keep first: what was told never goes back. A disk that refuses does not end the look for things."""

    def keep(camera: str, counts: LineCounts) -> None:
        try:
            kept.save(camera, counts)
        except StoreError as error:
            log.warning("counts of lines are not kept", camera=camera, why=str(error))
        count(camera, counts)

    return keep


def _watched(camera: Camera, clock: Clock) -> ObjectCamera:
    section = camera.objects
    tracker = BufferedTracker(max(_LOST_AFTER_S, _LOOKS_TO_LOSE / section.looks_per_second))
    policy = ObjectPolicy(camera.id, object_policy_settings(section), incident_ids(clock))
    gate = MotionGate(section.still_look_every_s) if section.gate == "motion" else None
    return ObjectCamera(tracker, policy, gate)
