"""Whether a picture is worth a look for things: what has not changed is seen without looking."""

from __future__ import annotations

from collections import Counter
from typing import Dict, FrozenSet, List, Optional, Sequence, Tuple

from agent.domain.detection import Detection, Tracked
from agent.ports import Frame
from agent.vision.motion import MotionGauge

_SETTLED_AFTER_S = 1.0
"""Looks go on for so long after anything moved, was newly seen, or missed: a tracker and the rules want
more than one look before they believe it."""

_SURE = 0.4
"""What is less sure comes and goes in a still picture; it is no news."""

_Seen = Tuple[FrozenSet[int], Dict[str, int]]


class MotionGate:
    """The gate of one camera: shut while its picture is still and its last looks agreed, yet never for longer
    than `still_look_every_s`. Not thread-safe.

    While it is shut the last look's detections are held as seen again. So tracks go on, and rules of which
    time decides count the seconds, as if somebody had looked.
    """

    def __init__(self, still_look_every_s: float) -> None:
        """A picture so long after the last look is looked at, whatever it shows."""
        self._every_s = still_look_every_s
        self._gauge = MotionGauge()
        self._found: List[Detection] = []
        self._seen: Optional[_Seen] = None
        self._looked = self._stirred = float("-inf")

    def held(self, frame: Frame) -> Optional[List[Detection]]:
        """What is still to be seen in this frame; None where that takes a look. Frames in order of time."""
        at = frame.at.monotonic
        if self._gauge.moved(frame.pixels):
            self._stirred = at
        still = at - self._stirred >= _SETTLED_AFTER_S
        return self._found if still and at - self._looked < self._every_s else None

    def looked(self, frame: Frame, found: List[Detection], tracked: Sequence[Tracked]) -> None:
        """The frame asked about last was looked at: what was found, and which tracks it belongs to."""
        self._gauge.keep()
        self._found, self._looked = found, frame.at.monotonic
        sure = Counter(one.label for one in found if one.score >= _SURE)
        before, self._seen = self._seen, (frozenset(one.track for one in tracked), sure)
        if self._seen != before:
            self._stirred = frame.at.monotonic
