"""Make a change durable: the snapshot first, then incident and outbox rows in one transaction.

What people are shown is under a veil: faces in it are unrecognisable. The clean picture stays on the device.
What a privacy mask hides is in neither.

A picture that cannot be written never holds up an alert: the change is recorded without it. A change that
cannot be committed (database locked, disk full) waits in memory, in order, and is tried again.
"""

from __future__ import annotations

import threading
from collections import deque
from dataclasses import replace
from typing import Callable, Deque, Mapping, Optional, Sequence, Tuple

import structlog

from agent.domain.box import Box
from agent.domain.detection import Tracked
from agent.domain.extent import Extent
from agent.domain.incident import Change, Incident, Transition
from agent.errors import StoreError
from agent.faces.veil import UNVEILED, Veiling
from agent.ports import Clock, Frame, Journal, SnapshotRef, SnapshotStore
from agent.telemetry import Telemetry
from agent.vision.annotate import annotate, encode_jpeg
from agent.vision.mask import NO_MASKS, Masks
from agent.vision.overlay import overlaid

log = structlog.get_logger(__name__)

_MOST_WAITING = 1000

Route = Callable[[Change], Sequence[str]]
"""The names of the sinks that are to be told of a change."""

_Waiting = Tuple[Change, Optional[SnapshotRef]]


class Recorder:
    """Used by every thread that finds incidents; thread-safe, and changes keep their order."""

    def __init__(
        self,
        journal: Journal,
        snapshots: SnapshotStore,
        route: Route,
        clock: Clock,
        telemetry: Telemetry,
        camera_names: Mapping[str, str],
        jpeg_quality: int = 85,
        veil: Veiling = UNVEILED,
        masks: Masks = NO_MASKS,
    ) -> None:
        self._journal = journal
        self._snapshots = snapshots
        self._route = route
        self._clock = clock
        self._telemetry = telemetry
        self._camera_names = camera_names
        self._jpeg_quality = jpeg_quality
        self._veil = veil
        self._masks = masks
        self._lock = threading.Lock()
        self._waiting: Deque[_Waiting] = deque()

    @property
    def waiting(self) -> int:
        """Changes that the database has not taken yet."""
        return len(self._waiting)

    def record(
        self,
        change: Change,
        frame: Optional[Frame],
        clear: Sequence[Box] = (),
        things: Sequence[Tracked] = (),
    ) -> None:
        """Store the change with the frame it was seen on; never raises for a store that fails.

        `clear` are the boxes, in that frame, of the enrolled people whom it is about: they stay visible.
        `things` are what else it is about: their boxes are drawn on what people are shown, and go with an
        incident that has none of its own.
        """
        if things and not change.incident.extent.boxes:
            extent = Extent(tuple(thing.detection for thing in things))
            change = replace(change, incident=replace(change.incident, extent=extent))
        with self._lock, self._telemetry.timed("record"):
            if frame is not None:
                latency_ms = self._clock.moment().since(frame.at) * 1000
                change = replace(change, capture_to_event_ms=latency_ms)
            self._waiting.append((change, self._picture(change, frame, clear, things)))
            self._bound()
            self._drain()
        self._count(change)

    def enqueue(self, change: Change) -> None:
        """Take in a change without a picture, in order, and let whoever calls `retry` next commit it."""
        self._waiting.append((change, None))
        self._count(change)

    def pending(self, incident_id: str) -> Optional[Incident]:
        """The incident after its last change that the database has not taken yet, if there is one."""
        with self._lock:
            waiting = [change.incident for change, _ in tuple(self._waiting)]
        return next((one for one in reversed(waiting) if one.id == incident_id), None)

    def retry(self) -> None:
        """Try again to commit what waits; cheap where nothing does."""
        if self._waiting:
            with self._lock:
                self._drain()

    def _count(self, change: Change) -> None:
        if not change.incident.drill:
            self._telemetry.changes.labels(change.incident.kind.value, change.transition.value).inc()

    def _picture(
        self, change: Change, frame: Optional[Frame], clear: Sequence[Box], things: Sequence[Tracked]
    ) -> Optional[SnapshotRef]:
        if frame is None:
            return None
        incident = change.incident
        name = self._camera_names.get(incident.camera, incident.camera)
        try:
            pixels = self._masks.over(frame.camera, frame.pixels)
            veiled = self._veil.over(pixels, clear)
            over = change.transition is Transition.RESOLVED  # its boxes are of an earlier picture
            boxes = () if things or over else incident.extent.boxes
            shown = annotate(overlaid(veiled.picture, things, boxes=boxes), change, name, veiled.note)
            return self._snapshots.save(
                incident.id,
                incident.sequence,
                annotated=encode_jpeg(shown, self._jpeg_quality),
                clean=encode_jpeg(pixels, self._jpeg_quality),
            )
        except StoreError as error:
            self._telemetry.unsaved.inc()
            log.error("snapshot not saved, recording without it", incident=incident.id, error=str(error))
            return None

    def _drain(self) -> None:
        while self._waiting:
            change, snapshot = self._waiting[0]
            try:
                self._journal.record(change, snapshot, self._route(change))
            except StoreError as error:
                log.error("change not stored yet", change=change.event_id, error=str(error))
                return
            self._waiting.popleft()
            log.info(
                "incident",
                transition=change.transition.value,
                kind=change.incident.kind.value,
                camera=change.incident.camera,
                incident=change.incident.id,
                confidence=round(change.incident.confidence, 3),
                drill=change.incident.drill,
            )

    def _bound(self) -> None:
        """With a database that stays shut, mere updates are given up first, then the least severe."""
        if len(self._waiting) <= _MOST_WAITING:
            return
        least = min(range(len(self._waiting)), key=lambda n: _worth(self._waiting[n][0]))
        del self._waiting[least]


def _worth(change: Change) -> Tuple[bool, int]:
    return change.transition is not Transition.UPDATED, change.incident.severity.rank
