"""Trackers to compare with: the nearest boxes, and packages where they are installed.

Each follows the things of one kind; both packages get boxes of which those of one thing are already merged.
"""

from __future__ import annotations

from importlib.util import find_spec
from typing import Any, Callable, Dict, List, Sequence

import numpy as np

from agent.domain.detection import Detection, Tracked
from agent.domain.track import Tracker
from agent.ports import ObjectTracker
from agent.vision.tracking.association import distinct
from agent.vision.tracking.track import corners
from agent.vision.tracking.tracker import BufferedTracker, kind_of

_SURE, _LOST_AFTER_S, _LOOKS_PER_SECOND = 0.4, 2.0, 5
_LOST_AFTER = round(_LOST_AFTER_S * _LOOKS_PER_SECOND)
_PIXELS = 640.0
"""Shares of a picture are too small for what a package's filters take for noise."""


class ByKind:
    """Implements agent.ports.ObjectTracker: a tracker for each kind, no number given twice."""

    def __init__(self, make: Callable[[], ObjectTracker], merged: bool = False) -> None:
        self._make = make
        self._merged = merged
        self._trackers: Dict[str, ObjectTracker] = {}

    def look(self, detections: Sequence[Detection], at: float) -> List[Tracked]:
        by_kind: Dict[str, List[Detection]] = {kind: [] for kind in self._trackers}
        for one in sorted(detections, key=lambda one: -one.score):
            by_kind.setdefault(kind_of(one.label), []).append(one)
        tracked: List[Tracked] = []
        for kind, found in by_kind.items():
            tracker = self._trackers.setdefault(kind, self._make())
            offset = 1_000_000 * list(self._trackers).index(kind)
            for each in tracker.look(_merged(found) if self._merged else found, at):
                tracked.append(Tracked(offset + each.track, kind, each.detection))
        return tracked


class Nearest:
    """Implements agent.ports.ObjectTracker: the nearest boxes of two looks are one thing, as with faces."""

    def __init__(self) -> None:
        self._tracker = Tracker(_LOST_AFTER_S)
        self._sure: Dict[int, bool] = {}

    def look(self, detections: Sequence[Detection], at: float) -> List[Tracked]:
        numbers = self._tracker.look([one.box for one in detections], at)
        for number, one in zip(numbers, detections):
            self._sure[number] = self._sure.get(number, False) or one.score >= _SURE
        return [
            Tracked(number, one.label, one) for number, one in zip(numbers, detections) if self._sure[number]
        ]


class Supervision:
    """Implements agent.ports.ObjectTracker with supervision's ByteTrack."""

    def __init__(self) -> None:
        import supervision  # type: ignore[import-not-found]  # compared with, not needed

        self._detections = supervision.Detections
        self._tracker = supervision.ByteTrack(
            track_activation_threshold=_SURE - 0.1,  # a new track needs 0.1 more
            lost_track_buffer=_LOST_AFTER * 30 // _LOOKS_PER_SECOND,
            frame_rate=_LOOKS_PER_SECOND,
            minimum_matching_threshold=0.95,
        )

    def look(self, detections: Sequence[Detection], at: float) -> List[Tracked]:
        found = self._tracker.update_with_detections(
            self._detections(
                xyxy=np.array([corners(one.box) * _PIXELS for one in detections]).reshape(-1, 4),
                confidence=np.array([one.score for one in detections]),
                class_id=np.arange(len(detections)),
            )
        )
        if found.tracker_id is None:
            return []
        return [
            Tracked(int(number), detections[index].label, detections[index])
            for number, index in zip(found.tracker_id, found.class_id)
        ]


class Norfair:
    """Implements agent.ports.ObjectTracker with norfair's tracker by overlap."""

    def __init__(self) -> None:
        import norfair  # type: ignore[import-not-found]  # compared with, not needed

        self._detection = norfair.Detection
        self._tracker = norfair.Tracker(
            distance_function="iou",
            distance_threshold=0.95,
            hit_counter_max=_LOST_AFTER,
            initialization_delay=1,
        )

    def look(self, detections: Sequence[Detection], at: float) -> List[Tracked]:
        given = [
            self._detection(points=corners(one.box).reshape(2, 2) * _PIXELS, data=(at, one))
            for one in detections
            if one.score >= _SURE
        ]
        return [
            Tracked(one.id, one.last_detection.data[1].label, one.last_detection.data[1])
            for one in self._tracker.update(detections=given)
            if one.last_detection.data[0] == at
        ]


def trackers() -> Dict[str, Callable[[], ObjectTracker]]:
    """Those that can run here, by name; ours is the last."""
    made: Dict[str, Callable[[], ObjectTracker]] = {"nearest box": lambda: ByKind(Nearest)}
    packages: Dict[str, Any] = {"norfair": Norfair, "supervision": Supervision}
    for package, tracker in packages.items():
        if find_spec(package) is not None:
            made[package] = lambda tracker=tracker: ByKind(tracker, merged=True)  # type: ignore[misc]
    made["ours"] = BufferedTracker
    return made


def _merged(found: List[Detection]) -> List[Detection]:
    boxes = np.array([corners(one.box) for one in found]).reshape(-1, 4)
    return [found[index] for index in distinct(boxes, 0.55, 0.8)]
