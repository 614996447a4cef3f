"""Which detections of successive looks are one thing: surely seen ones first, doubtful ones to bridge gaps.

Two passes over the detections as in ByteTrack (Zhang et al. 2022, "ByteTrack: Multi-Object Tracking by
Associating Every Detection Box"), with the enlarged boxes of C-BIoU (Yang et al. 2023), so that what is fast
still overlaps itself at a few looks a second. docs/tracking.md has the figures.
"""

from __future__ import annotations

from typing import Dict, List, Sequence, Tuple

import numpy as np

from agent.domain.detection import Detection, Tracked
from agent.vision.tracking.association import Corners, Scores, distinct, overlaps, pairs
from agent.vision.tracking.track import Track, corners

_KINDS: Tuple[Tuple[str, ...], ...] = (
    ("bicycle", "motorcycle"),
    ("car", "bus", "truck", "train"),
    ("dog", "cat", "bird"),
    ("backpack", "handbag", "suitcase"),
)
"""Labels that a detector takes one for the other, as a van for a truck; all else is of a kind of its own."""

_KIND_OF = {label: kind[0] for kind in _KINDS for label in kind}

_SURE = 0.4
"""What scores less starts no track: it is doubtful."""

_PASSES = ((True, 0.3, 0.15), (True, 0.5, 0.15), (False, 0.0, 0.3))
"""Of each pass whether it is about sure detections, the buffer, and the least overlap of the enlarged
boxes."""

_SAME, _INSIDE = 0.55, 0.8
"""Overlap (IoU) of two boxes of a kind, or part of the smaller within the larger, from which they are one
thing: a car that is also called a truck, a person and their upper half."""

_APART, _CROWDED = 0.1, 0.4
"""What overlaps by more than the one with a thing that is followed must be seen at two looks running (as in
ByteTrack everything must); by more than the other it is no thing of its own until they come apart."""


def kind_of(label: str) -> str:
    """What tells the labels between which nothing goes on from the others."""
    return _KIND_OF.get(label, label)


class BufferedTracker:
    """Implements agent.ports.ObjectTracker, within each kind of thing."""

    def __init__(self, lost_after_s: float = 2.0) -> None:
        """A thing that was not seen for longer than `lost_after_s` has gone."""
        self._lost_after_s = lost_after_s
        self._tracks: Dict[str, List[Track]] = {}
        self._last = 0

    def look(self, detections: Sequence[Detection], at: float) -> List[Tracked]:
        """See agent.ports.ObjectTracker. Of several detections of one thing only the surest comes back."""
        by_kind: Dict[str, List[Detection]] = {}
        for one in sorted(detections, key=_surest_first):
            by_kind.setdefault(kind_of(one.label), []).append(one)
        alive: Dict[str, List[Track]] = {}
        tracked: List[Tracked] = []
        for kind in sorted({*self._tracks, *by_kind}):
            tracks = [one for one in self._tracks.get(kind, []) if at - one.seen <= self._lost_after_s]
            alive[kind], seen = _follow(tracks, by_kind.get(kind, []), at)
            tracked += [Tracked(self._number(track), track.label, one) for track, one in seen]
        self._tracks = {kind: tracks for kind, tracks in alive.items() if tracks}
        return tracked

    def _number(self, track: Track) -> int:
        if track.number is None:
            self._last += 1
            track.number = self._last
        return track.number


def _follow(
    tracks: Sequence[Track], detections: Sequence[Detection], at: float
) -> Tuple[List[Track], List[Tuple[Track, Detection]]]:
    """The tracks of one kind from now on, and which of them are seen at this look; `detections` with the
    surest first."""
    boxes = np.array([corners(one.box) for one in detections]).reshape(-1, 4)
    kept = distinct(boxes, _SAME, _INSIDE)
    found, boxes = [detections[index] for index in kept], boxes[kept]
    scores = np.array([one.score for one in found])
    joined = _joined(tracks, boxes, scores, at)
    for index, track in joined.items():
        track.take(found[index], at)
    alive = [track for track in tracks if track.confirmed]
    hidden = overlaps(boxes, boxes[list(joined)]).max(axis=1, initial=0.0)  # 1 of those that are followed
    for index in np.flatnonzero((scores >= _SURE) & (hidden <= _CROWDED)).tolist():
        joined[index] = Track(found[index], at, confirmed=bool(hidden[index] <= _APART))
        alive.append(joined[index])
    return alive, [(track, found[index]) for index, track in joined.items() if track.confirmed]


def _joined(tracks: Sequence[Track], boxes: Corners, scores: Scores, at: float) -> Dict[int, Track]:
    """The track of each detection that carries one on, by index."""
    joined: Dict[int, Track] = {}
    if not tracks or not len(boxes):
        return joined
    known = np.stack([track.expected(at) for track in tracks] + [track.latest for track in tracks])
    free = np.ones(len(tracks), bool)
    for sure, buffer, least in _PASSES:
        likeness = overlaps(known, boxes, buffer).reshape(2, len(tracks), len(boxes)).max(axis=0)
        likeness[~free] = 0.0
        likeness[:, (scores >= _SURE) != sure] = 0.0
        likeness[:, list(joined)] = 0.0
        for row, index in pairs(likeness, least):
            free[row] = False
            joined[index] = tracks[row]
    return joined


def _surest_first(one: Detection) -> Tuple[float, str, float, float, float, float]:
    box = one.box
    return -one.score, one.label, box.left, box.top, box.right, box.bottom
