"""Pictures to veil: faces of known people pasted into scenes, frames of clips, and fires without anybody."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from pathlib import Path
from typing import Dict, Iterator, List, Sequence, Tuple

import av
import cv2
import numpy as np
import numpy.typing as npt

from agent.domain.box import Box
from agent.ports import Face, Picture
from agent.vision.preprocess import resized

SIZES = (20, 30, 40, 60, 80, 120, 160, 200)
"""Widths of pasted faces, pixels."""

WIDTH, HEIGHT = 1280, 720
_BESIDE, _ABOVE, _BELOW = 0.35, 0.5, 0.3


@dataclass(frozen=True)
class Portrait:
    """A picture of one person, and where their face is."""

    picture: Picture
    face: Face


@dataclass(frozen=True)
class Pasted:
    """Where a portrait was put: its number, and the box of its face in the scene."""

    portrait: int
    size: int
    box: Box


Scene = Tuple[Picture, List[Pasted]]


def people(folder: Path) -> Dict[str, List[str]]:
    """The pictures of each person of ../shared/faces/identification.csv, relative to `folder`."""
    found: Dict[str, List[str]] = {}
    with (folder / "identification.csv").open(newline="", encoding="utf-8") as file:
        for row in csv.DictReader(file):
            found.setdefault(row["identity"], []).append(row["file"])
    return found


def read(path: Path) -> Picture:
    """A picture file; raises ValueError where it is none."""
    decoded = cv2.imread(str(path))
    if decoded is None:
        raise ValueError(f"{path} is no picture")
    return np.asarray(decoded, np.uint8)


def scenes(
    backgrounds: Sequence[Path], portraits: Sequence[Portrait], draw: np.random.Generator
) -> Iterator[Scene]:
    """Each portrait once in every size, each scene with faces of one size, apart from each other."""
    for size in SIZES:
        waiting = list(draw.permutation(len(portraits)))
        while waiting:
            path = backgrounds[int(draw.integers(len(backgrounds)))]
            canvas = resized(read(path), WIDTH, HEIGHT)
            put: List[Pasted] = []
            for place in _places(size, draw):
                if not waiting:
                    break
                number = int(waiting.pop())
                put.append(Pasted(number, size, paste(canvas, portraits[number], size, place)))
            yield canvas, put


def frames(clip: Path, every: int) -> Iterator[Picture]:
    """Every so many frames of a film."""
    with av.open(str(clip)) as container:
        for index, frame in enumerate(container.decode(video=0)):
            if index % every == 0:
                yield np.ascontiguousarray(frame.to_ndarray(format="bgr24"), np.uint8)


def fires(folder: Path) -> List[Tuple[Path, npt.NDArray[np.float64]]]:
    """The pictures of ../shared/data/fire-det with fire in them, and its boxes: N x 4, x, y, width, height
    of each box in shares of the picture."""
    found = []
    for label in sorted((folder / "labels").glob("*.txt")):
        rows = [line.split() for line in label.read_text().splitlines()]
        boxes = [[float(value) for value in row[1:5]] for row in rows if row and row[0] == "0"]
        if boxes:
            found.append((folder / "images" / f"{label.stem}.jpg", np.array(boxes)))
    return found


def _places(size: int, draw: np.random.Generator) -> List[Tuple[int, int]]:
    """Left top corners for faces of that size: a loose grid, six to a scene at most."""
    step = round(size * 2.2)
    lefts = range(size, WIDTH - 2 * size, step)
    tops = range(size, HEIGHT - 2 * size, step)
    places = [(left, top) for top in tops for left in lefts]
    chosen = draw.permutation(len(places))[:6]
    return [places[index] for index in chosen]


def paste(canvas: Picture, portrait: Portrait, size: int, place: Tuple[int, int]) -> Box:
    """Put the head into the scene, soft at its edges; the box of its face there."""
    face, (rows, columns) = portrait.face.box, portrait.picture.shape[:2]
    left, right = max(0, face.left - _BESIDE * face.width), min(columns, face.right + _BESIDE * face.width)
    top, bottom = max(0, face.top - _ABOVE * face.height), min(rows, face.bottom + _BELOW * face.height)
    head = portrait.picture[round(top) : round(bottom), round(left) : round(right)]
    scale = size / face.width
    width, height = max(4, round(head.shape[1] * scale)), max(4, round(head.shape[0] * scale))
    shown = resized(head, width, height)
    x = min(max(0, round(place[0] - (face.left - left) * scale)), canvas.shape[1] - width)
    y = min(max(0, round(place[1] - (face.top - top) * scale)), canvas.shape[0] - height)
    soft = np.zeros((height, width), np.float32)
    edge = max(1, min(width, height) // 12)
    soft[edge:-edge, edge:-edge] = 1.0
    soft = cv2.blur(soft, (2 * edge + 1, 2 * edge + 1))[..., None]
    under = canvas[y : y + height, x : x + width]
    canvas[y : y + height, x : x + width] = (soft * shown + (1 - soft) * under).astype(np.uint8)
    corner = (x + (face.left - left) * scale, y + (face.top - top) * scale)
    return Box(corner[0], corner[1], corner[0] + size, corner[1] + face.height * scale)
