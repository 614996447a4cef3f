"""What tracking is judged by: boxes and counts by hand (tests/golden/tracking), and what a detector says."""

from __future__ import annotations

import csv
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Dict, Iterator, List, Tuple

from agent.clock import SystemClock
from agent.domain.box import Box
from agent.domain.detection import Detection
from agent.ports import ObjectDetector
from agent.sources.registry import Options, source_of

FOLDER = Path(__file__).parents[1] / "tests" / "golden" / "tracking"

LOOK_S = 0.2


@dataclass(frozen=True)
class Clip:
    """A stretch of a film. What stands above `judged_below`, a share of the picture's height, is too small
    to be told apart and not judged; `aspect` is the picture's width by its height."""

    name: str
    frames_per_second: float
    aspect: float
    judged_below: float = 0.0


CLIPS = (
    Clip("nofire_pedestrians_vtest", 10.0, 640 / 480),
    Clip("nofire_traffic_street", 24.0, 640 / 352, judged_below=0.36),
)


@dataclass(frozen=True)
class Annotation:
    """A thing that a person boxed in one frame, and who it is."""

    identity: int
    label: str
    box: Box


@dataclass(frozen=True)
class Look:
    """What a detector says of one frame, at `at` seconds of the film."""

    frame: int
    at: float
    detections: List[Detection]


@dataclass(frozen=True)
class Count:
    """How often a rule held in the whole film, and whatever was there has gone at its end."""

    kind: str
    place: str
    labels: Tuple[str, ...]
    points: Tuple[Tuple[float, float], ...]
    direction: str
    count: int


def boxes_by_hand(clip: Clip) -> Dict[int, List[Annotation]]:
    """By frame; frames in between were not looked at."""
    found: Dict[int, List[Annotation]] = {}
    for row in _rows("boxes.csv", clip):
        box = Box(*(float(row[side]) for side in ("left", "top", "right", "bottom")))
        found.setdefault(int(row["frame"]), []).append(Annotation(int(row["identity"]), row["label"], box))
    return found


def counts(clip: Clip) -> List[Count]:
    """One row for each rule and direction."""
    return [
        Count(
            row["kind"],
            row["place"],
            tuple(label.strip() for label in row["labels"].split(",")),
            tuple((float(x), float(y)) for x, y in (point.split(",") for point in row["points"].split())),
            row["direction"],
            int(row["count"]),
        )
        for row in _rows("counts.csv", clip)
    ]


def looks(film: Path, detector: ObjectDetector) -> Iterator[Look]:
    """Five looks a second over the whole film. Raises SourceError, InferenceError."""
    with closing(source_of(str(film), Options(SystemClock(), real_time=False)).open()) as stream:
        frame, due = 0, 0
        picture = stream.read()
        while picture is not None:
            if picture.media_s >= due * LOOK_S - 1e-6:
                due += 1
                yield Look(frame, picture.media_s, detector.find([picture.pixels])[0])
            frame, picture = frame + 1, stream.read()


def _rows(name: str, clip: Clip) -> List[Dict[str, str]]:
    with (FOLDER / name).open(newline="", encoding="utf-8") as file:
        return [row for row in csv.DictReader(file) if row["clip"] == clip.name]
