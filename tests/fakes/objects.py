"""Things that are coloured rectangles: what each is, its colour says; who boxes and follows reads that."""

from __future__ import annotations

from typing import Dict, List, Sequence, Tuple

import cv2
import numpy as np

from agent.domain.box import Box
from agent.domain.detection import Detection, Tracked
from agent.domain.evidence import ModelInfo
from agent.errors import InferenceError
from agent.ports import Picture

BOXER = ModelInfo("fake-boxer", "3" * 64, "fake", "fp32", {"score": 0.3, "overlap": 0.5})

_COLOURS: Dict[str, Tuple[int, int, int]] = {
    "person": (40, 220, 40),
    "car": (220, 60, 40),
    "backpack": (40, 160, 240),
}
_SCORE = 0.9


def place(
    picture: Picture, label: str, x: float, y: float, width: float = 0.1, height: float = 0.3
) -> Picture:
    """Put a thing into the picture: (x, y) is where it stands, the middle of its lower edge; all are shares
    of the picture. Returns it."""
    tall, wide = picture.shape[:2]
    left, right = round((x - width / 2) * wide), round((x + width / 2) * wide)
    picture[max(0, round((y - height) * tall)) : round(y * tall), max(0, left) : right] = _COLOURS[label]
    return picture


class FakeObjectDetector:
    """Implements agent.ports.ObjectDetector: finds the rectangles. `failures` calls fail first."""

    def __init__(self, failures: int = 0) -> None:
        self.model = BOXER
        self.seen: List[Picture] = []
        self.closed = False
        self._failures = failures

    def find(self, pictures: Sequence[Picture]) -> List[List[Detection]]:
        if self._failures:
            self._failures -= 1
            raise InferenceError("the device is gone")
        self.seen += pictures
        return [_things(picture) for picture in pictures]

    def close(self) -> None:
        self.closed = True


class FakeTracker:
    """Implements agent.ports.ObjectTracker: there is one thing of each label, and it stays the same."""

    def __init__(self) -> None:
        self.times: List[float] = []

    def look(self, detections: Sequence[Detection], at: float) -> List[Tracked]:
        self.times.append(at)
        numbers = {label: number for number, label in enumerate(_COLOURS, 1)}
        return [Tracked(numbers[one.label], one.label, one) for one in detections]


def _things(picture: Picture) -> List[Detection]:
    height, width = picture.shape[:2]
    found = []
    for label, colour in _COLOURS.items():
        near = np.abs(picture.astype(int) - colour) < 30
        shown = np.asarray(near.all(axis=2), np.uint8)
        count, _, stats, _ = cv2.connectedComponentsWithStats(shown)
        for left, top, wide, tall, area in stats[1:count].astype(float).tolist():
            if area >= 64:
                box = Box(left / width, top / height, (left + wide) / width, (top + tall) / height)
                found.append(Detection(label, _SCORE, box))
    return found
