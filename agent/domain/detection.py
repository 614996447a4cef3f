"""Things that a detector boxes in a picture, and which of successive looks are one thing."""

from __future__ import annotations

from dataclasses import dataclass

from agent.domain.box import Box


@dataclass(frozen=True)
class Detection:
    """Something with a name in one picture; `score` is the detector's confidence in 0..1, `box` in shares of
    the picture's width and height."""

    label: str
    score: float
    box: Box


@dataclass(frozen=True)
class Tracked:
    """A detection and the track it belongs to: a number that stays with a thing on one camera and is never
    given again. `label` is the track's, which one look that calls it otherwise does not change."""

    track: int
    label: str
    detection: Detection
