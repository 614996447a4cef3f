"""One thing over its looks: where it was, where it will be, what it is called."""

from __future__ import annotations

from collections import deque
from typing import Deque, Dict, Optional, Tuple

import numpy as np

from agent.domain.box import Box
from agent.domain.detection import Detection
from agent.vision.tracking.association import Corners

_WINDOW_S = 1.0
"""Its speed is the mean over so long, as in Yang et al. 2023: a box trembles more than a thing turns."""

_LEAST_SPAN_S = 0.6
"""Two looks that are nearer than that are taken for so far apart: what has just appeared is slow."""


def corners(box: Box) -> Corners:
    """The box as 4 numbers."""
    return np.array([box.left, box.top, box.right, box.bottom])


class Track:
    """Times are in seconds that never go back. `number` is None until it is told of; once it was seen twice
    it is `confirmed`."""

    def __init__(self, detection: Detection, at: float, confirmed: bool = True) -> None:
        self.number: Optional[int] = None
        self._recent: Deque[Tuple[float, Corners]] = deque()
        self._votes: Dict[str, float] = {}
        self.take(detection, at)
        self.confirmed = confirmed

    def take(self, detection: Detection, at: float) -> None:
        """It was seen."""
        self._recent.append((at, corners(detection.box)))
        while len(self._recent) > 2 and at - self._recent[0][0] > _WINDOW_S:
            self._recent.popleft()
        self._votes[detection.label] = self._votes.get(detection.label, 0.0) + detection.score
        self.confirmed = True

    @property
    def seen(self) -> float:
        """When it was seen last."""
        return self._recent[-1][0]

    @property
    def latest(self) -> Corners:
        """The 4 corners as they were seen last."""
        return self._recent[-1][1]

    @property
    def label(self) -> str:
        """What it was called most surely so far: the label with the highest sum of scores."""
        return max(self._votes, key=lambda label: self._votes[label])

    def expected(self, at: float) -> Corners:
        """The 4 corners of a box of the latest size that went on at constant velocity."""
        (start, first), (end, last) = self._recent[0], self._recent[-1]
        moved = last - first
        way = (moved[:2] + moved[2:]) / 2
        return np.asarray(last + np.tile(way, 2) * (at - end) / max(end - start, _LEAST_SPAN_S))
