"""Look for faces where people are: closely, so that small ones are found, and nowhere else."""

from __future__ import annotations

from typing import List, Sequence

import numpy as np

from agent.domain.box import Box
from agent.domain.detection import Detection
from agent.domain.evidence import ModelInfo
from agent.ports import Face, FaceDetector, ObjectDetector, Picture

_PERSON, _LEAST_SCORE = "person", 0.3
_MOST = 6
"""So many people of a picture, the largest, are looked at: each costs a look for faces."""

_HEAD, _ABOVE, _BESIDE = 0.5, 0.15, 0.25
"""How far down a person's box a face may be, and how much is seen above and beside it: shares of the box."""

_LEAST_SIDE = 32
_SAME = 0.4


class AmongPeople:
    """Implements agent.ports.FaceDetector with a detector of objects, which boxes people, and one of faces,
    which looks at where their heads may be. It owns both; its model is that of faces."""

    def __init__(self, people: ObjectDetector, faces: FaceDetector) -> None:
        self._people, self._faces = people, faces

    @property
    def model(self) -> ModelInfo:
        return self._faces.model

    def find(self, pictures: Sequence[Picture]) -> List[List[Face]]:
        parts = [_heads(picture, found) for picture, found in zip(pictures, self._people.find(pictures))]
        seen = [
            picture[int(part.top) : int(part.bottom), int(part.left) : int(part.right)]
            for picture, of_picture in zip(pictures, parts)
            for part in of_picture
        ]
        found = iter(self._faces.find(seen))
        return [_distinct([_moved(face, part) for part in some for face in next(found)]) for some in parts]

    def close(self) -> None:
        self._people.close()
        self._faces.close()


def _heads(picture: Picture, found: Sequence[Detection]) -> List[Box]:
    """Where heads may be, in whole pixels within the picture."""
    people = [one.box for one in found if one.label == _PERSON and one.score >= _LEAST_SCORE]
    largest = sorted(people, key=lambda box: box.area, reverse=True)[:_MOST]
    height, width = picture.shape[:2]
    parts = [
        Box(
            max(0, round((box.left - _BESIDE * box.width) * width)),
            max(0, round((box.top - _ABOVE * box.height) * height)),
            min(width, round((box.right + _BESIDE * box.width) * width)),
            min(height, round((box.top + _HEAD * box.height) * height)),
        )
        for box in largest
    ]
    return [part for part in parts if min(part.width, part.height) >= _LEAST_SIDE]


def _moved(face: Face, part: Box) -> Face:
    corner = np.array([part.left, part.top], np.float32)
    return Face(face.box.moved(part.left, part.top), face.score, face.landmarks + corner)


def _distinct(faces: Sequence[Face]) -> List[Face]:
    """Without those that are seen in two parts, the largest first."""
    kept: List[Face] = []
    for face in sorted(faces, key=lambda one: one.score, reverse=True):
        if all(face.box.overlap(other.box) <= _SAME for other in kept):
            kept.append(face)
    return sorted(kept, key=lambda face: face.box.area, reverse=True)
