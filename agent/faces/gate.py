"""The gate before the gallery: whether a picture shows one face well enough to know somebody by it.

The limits were chosen by benchmarks/enrolment_gate.py on people who are not judged there (docs/enrolment.md).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import List, Optional

import cv2
import numpy as np
import numpy.typing as npt

from agent.enrolments import Reason
from agent.faces.gate_cover import cover
from agent.faces.reader import FaceRead, FaceReader
from agent.ports import Face, Picture

LEAST_WIDTH = 60.0
"""Pixels of the face's box; the chip shows a face about 90 pixels wide, and what is smaller is made up."""

SECOND_FACE = 0.4
"""A second face this wide, beside the first, is somebody; smaller ones are passers-by far behind."""

LEAST_SCORE = 0.7
"""Of a second face: what the detector is less sure of is as often none."""

LEAST_SHARPNESS = 0.18
"""See `sharpness`: 98 % of good portraits have more, 98 % of those out of focus or shaken less."""

NEAREST_EDGE = 0.12
"""Distances between the eyes, from an eye, the nose or the mouth to the edge of the picture: portraits that
end at the face have 0.13 and more, faces that go on beyond the edge less than 0.1."""

DARKEST = 60.0
"""Grey level that a tenth of the middle of the chip reaches: the brightest skin, so that dark skin in good
light (77 and more) is not called dark."""

BRIGHTEST = 215.0
"""Median grey level of the middle of the chip."""

MOST_BURNT = 0.15
"""The share of the middle of the chip that is white."""

MOST_TURNED = 0.32
"""How far aside of the middle of eyes and mouth the nose may be, in distances between the eyes: 0.29 at most
in portraits from the front or nearly, more from about 35 degrees on."""

MOST_ROLLED = 35.0
"""Degrees between the line of the eyes and the horizon."""

COVERED_ABOVE = 0.5
"""Log odds of a cover: 1 % of good portraits have more, 95 % of covered ones."""

_MIDDLE = (slice(35, 125), slice(35, 115))
_FEATURES = (slice(30, 125), slice(30, 120))
_BLUR = 2.0


@dataclass(frozen=True, eq=False)
class Judged:
    """What the gate says of a picture; `read` is the face where it is good, else None."""

    reason: Reason
    read: Optional[FaceRead]


def judge(reader: FaceReader, picture: Picture) -> Judged:
    """Whether the picture does. Raises InferenceError."""
    faces = _beside_each_other(reader.find([picture])[0])
    if not faces:
        return Judged(Reason.NO_FACE, None)
    if len(faces) > 1:
        return Judged(Reason.SEVERAL, None)
    (face,) = faces
    reason = _whole(picture, face) or _seen(face)
    if reason is None:
        chip = reader.chip(picture, face)
        reason = _lit(chip) or _clear(chip)
    if reason is not None:
        return Judged(reason, None)
    return Judged(Reason.ACCEPTED, reader.embed(picture, [face])[0])


def _beside_each_other(faces: List[Face]) -> List[Face]:
    """The largest face and those that count beside it."""
    if not faces:
        return []
    largest = max(faces, key=lambda face: face.box.area)
    others = [
        face
        for face in faces
        if face is not largest
        and face.box.width >= SECOND_FACE * largest.box.width
        and face.score >= LEAST_SCORE
    ]
    return [largest, *others]


def _whole(picture: Picture, face: Face) -> Optional[Reason]:
    """Whether the picture goes on around the face."""
    points, (height, width) = face.landmarks, picture.shape[:2]
    apart = float(np.linalg.norm(points[1] - points[0]))
    edge = min(float(points.min()), float((np.array([width, height]) - 1 - points).min()))
    return Reason.CUT_OFF if edge < NEAREST_EDGE * apart else None


def _seen(face: Face) -> Optional[Reason]:
    """Whether it is large and looks at the camera."""
    if face.box.width < LEAST_WIDTH:
        return Reason.SMALL
    right, left, nose = (np.asarray(face.landmarks[index], np.float64) for index in range(3))
    mouth = face.landmarks[3:].mean(axis=0)
    across = left - right
    apart = max(float(np.linalg.norm(across)), 1e-6)
    rolled = abs(float(np.degrees(np.arctan2(across[1], across[0]))))
    middle = (right + left + 2 * mouth) / 4
    aside = abs(float((nose - middle) @ across)) / apart**2
    return Reason.TURNED if aside > MOST_TURNED or rolled > MOST_ROLLED else None


def _lit(chip: Picture) -> Optional[Reason]:
    grey = cv2.cvtColor(chip, cv2.COLOR_BGR2GRAY)[_MIDDLE]
    if float(np.percentile(grey, 90)) < DARKEST:
        return Reason.DARK
    if float(np.median(grey)) > BRIGHTEST or float((grey >= 250).mean()) > MOST_BURNT:
        return Reason.BURNT
    return None


def _clear(chip: Picture) -> Optional[Reason]:
    if sharpness(chip) < LEAST_SHARPNESS:
        return Reason.BLURRED
    return Reason.COVERED if cover(chip) > COVERED_ABOVE else None


def sharpness(chip: Picture) -> float:
    """How much of the steps between neighbours a blur takes away, in 0..1, along the axis that has least of
    it, so that a shaken picture is told too: a blurred chip (150 x 150 x 3, BGR) loses little (Crete et al.
    2007)."""
    grey = cv2.cvtColor(chip, cv2.COLOR_BGR2GRAY).astype(np.float32)[_FEATURES]
    return min(_lost(grey), _lost(np.ascontiguousarray(grey.T)))


def _lost(grey: npt.NDArray[np.float32]) -> float:
    blurred = cv2.GaussianBlur(grey, (0, 0), sigmaX=_BLUR, sigmaY=0.01)
    steps = float(np.abs(np.diff(grey, axis=1)).mean())
    return 1.0 - float(np.abs(np.diff(blurred, axis=1)).mean()) / max(steps, 1e-6)
