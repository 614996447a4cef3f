"""A fire detector that reads colours: red is fire, grey-white is smoke, all else is calm."""

from __future__ import annotations

from typing import List, Optional, Sequence

import numpy as np

from agent.domain.evidence import FireScores, ModelInfo
from agent.errors import InferenceError
from agent.ports import Picture, StreamPicture
from tests.fakes.looks import CALM, FLAMES, SMOKE

MODEL = ModelInfo(
    "fake", "0" * 64, "fake", "fp32", {"open_above": 0.6, "close_below": 0.3, "fire_above": 0.5}
)


def picture(colour: Sequence[int], size: Sequence[int] = (36, 64)) -> Picture:
    """One colour (BGR) all over; height x width."""
    return np.full((*size, 3), colour, np.uint8)


RED = (0, 0, 255)
GREY = (200, 200, 200)
GREEN = (0, 90, 0)


class FakeFireDetector:
    """Implements agent.ports.FireDetector. `failures` looks fail first, as a lost device would."""

    def __init__(self, failures: int = 0) -> None:
        self.model = MODEL
        self.batches: List[int] = []
        self.before: List[Sequence[Optional[Picture]]] = []
        """What it was told of the looks before, look by look."""
        self.closed = False
        self._failures = failures

    def look(self, pictures: Sequence[Picture], before: Sequence[Optional[Picture]] = ()) -> List[FireScores]:
        if self._failures:
            self._failures -= 1
            raise InferenceError("the device is gone")
        self.batches.append(len(pictures))
        self.before.append(before)
        return [_scores(tuple(int(v) for v in p.mean(axis=(0, 1)))) for p in pictures]

    def close(self) -> None:
        self.closed = True


def _scores(colour: Sequence[int]) -> FireScores:
    blue, green, red = colour
    if red > 150 > green:
        return FLAMES
    if min(blue, green, red) > 150:
        return SMOKE
    return CALM


class ScriptedStream:
    """Implements agent.ports.Stream: pictures at a fixed rate, then an error or the end."""

    def __init__(self, pictures: Sequence[Picture], fps: float, error: Optional[Exception] = None) -> None:
        self._pictures = list(pictures)
        self._gap_s = 1.0 / fps
        self._error = error
        self._given = 0
        self.closed = False

    def read(self) -> Optional[StreamPicture]:
        if self._given == len(self._pictures):
            if self._error is not None:
                raise self._error
            return None
        self._given += 1
        return StreamPicture(self._pictures[self._given - 1], (self._given - 1) * self._gap_s)

    def close(self) -> None:
        self.closed = True
