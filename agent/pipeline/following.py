"""Which detections of successive looks are one thing: by where they are, and what they may be taken for."""

from __future__ import annotations

from typing import Dict, List, Sequence, Tuple

from agent.domain.detection import Detection, Tracked
from agent.domain.track import Tracker

_KINDS: Tuple[Tuple[str, ...], ...] = (
    ("bicycle", "motorcycle"),
    ("car", "bus", "truck", "train"),
    ("dog", "cat", "bird"),
    ("backpack", "handbag", "suitcase"),
)
"""Labels that a detector takes one for the other, as a van for a truck; all else is of a kind of its own."""

_KIND_OF = {label: kind[0] for kind in _KINDS for label in kind}

_SURE = 0.4
"""What was never seen with this score belongs to no track: it is doubtful."""

_Key = Tuple[str, int]


class NearestThings:
    """Implements agent.ports.ObjectTracker: within a kind, the nearest boxes of two looks are one thing; see
    agent.domain.track. Its label is the one that it was given most surely so far."""

    def __init__(self, lost_after_s: float = 2.0) -> None:
        """A thing that was not seen for `lost_after_s` has gone."""
        self._lost_after_s = lost_after_s
        self._trackers: Dict[str, Tracker] = {}
        self._numbers: Dict[_Key, int] = {}
        self._votes: Dict[_Key, Dict[str, float]] = {}
        self._last = 0

    def look(self, detections: Sequence[Detection], at: float) -> List[Tracked]:
        """See agent.ports.ObjectTracker."""
        by_kind: Dict[str, List[Detection]] = {kind: [] for kind in self._trackers}
        for one in detections:
            by_kind.setdefault(_KIND_OF.get(one.label, one.label), []).append(one)
        tracked: List[Tracked] = []
        for kind, found in by_kind.items():
            tracker = self._trackers.setdefault(kind, Tracker(self._lost_after_s))
            for number, one in zip(tracker.look([one.box for one in found], at), found):
                tracked += self._take((kind, number), one)
        self._forget()
        return tracked

    def _take(self, key: _Key, one: Detection) -> List[Tracked]:
        """None while it is doubtful."""
        votes = self._votes.setdefault(key, {})
        votes[one.label] = votes.get(one.label, 0.0) + one.score
        if key not in self._numbers:
            if one.score < _SURE:
                return []
            self._last += 1
            self._numbers[key] = self._last
        return [Tracked(self._numbers[key], max(votes, key=lambda label: votes[label]), one)]

    def _forget(self) -> None:
        alive = {(kind, number) for kind, tracker in self._trackers.items() for number in tracker.tracks}
        for key in set(self._votes) - alive:
            del self._votes[key]
            self._numbers.pop(key, None)
