"""City frames without fire, what is pasted into them, and how: flames and smoke at a share of the picture."""

from __future__ import annotations

import csv
from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path
from typing import Dict, List, NamedTuple, Sequence, Tuple

import av
import cv2
import numpy as np
import numpy.typing as npt

from agent.domain.box import Box
from agent.inference.manifest import FIRE_LABELS
from agent.ports import Picture
from agent.sources.scene.noise import fractal
from agent.vision.parts import cut_out
from agent.vision.preprocess import resized
from models import split
from models.boxed_pictures import read_yolo
from models.data import DataError, Item, picture_of, read_folder
from models.detect.data import items
from models.near import hashes_of, unlike
from models.pasting import coloured

CITIES = Path(__file__).with_name("fire_size_cities.csv")
"""The frames (columns file; at_s, of a clip), chosen by eye: streets, shops and squares without fire."""

LEAST_PX = 48 * 48
"""Boxes of fewer pixels are left out: enlarged to a tenth of a picture they are a smear."""
_ASPECT = {"fire": 2.5, "smoke": 4.0}
"""How much longer one side of a box may be, so that a tenth of the picture still fits in."""
_COLOURED = 0.25
"""Flames with a smaller share of pixels in the colours of fire are pale."""
_CORE = 0.7
"""The share of the ellipse's radius within which the pasted covers all that is under it."""
_RAGGED = 0.8
"""How far noise takes the rim inwards, so that what is pasted is no disc."""
_FINE = 256
_PLACES = 40
_QUALITY = 85


@dataclass(frozen=True)
class Frame:
    """A picture of 16:9 without fire, as large as its source has it; `scene` names the clip or picture."""

    scene: str
    pixels: Picture


@dataclass(frozen=True)
class Patch:
    """Something to paste, of the picture `origin`. Kinds: flames; pale, which are flames that the camera did
    not show in the colours of fire (infra-red, washed out); smoke; control, which is no fire."""

    kind: str
    origin: str
    pixels: Picture


class Spot(NamedTuple):
    """A place for something to be laid: its corner in pixels, and how much of it covers what is there (rows x
    columns x 1, 0..1)."""

    top: int
    left: int
    cover: npt.NDArray[np.float32]


def city_frames(root: Path, listing: Path) -> List[Frame]:
    """The frames of the list, whose files lie below `root`. Raises DataError for one that is not there."""
    with listing.open(newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    wanted: Dict[str, List[float]] = defaultdict(list)
    for row in rows:
        wanted[row["file"]] += [float(row["at_s"])] if row["at_s"] else []
    found = []
    for name, times in wanted.items():
        path = root / name
        if not path.is_file():
            raise DataError(f"{path} is not there: give the folder that holds what {listing.name} names")
        pictures = frames_at(path, times) if times else [picture_of(path)]
        found += [Frame(path.stem, wide(picture)) for picture in pictures]
    return found


def burning(root: Path, file: Path, classes: Path, classes_file: Path, part: str = "test") -> List[Patch]:
    """From each picture of that part of the boxed folder its largest box of flames, or of smoke.

    Flames of pictures that look like one that `classes` trains with, or validates with where the part is
    test, are left out; of smoke too few would remain.
    """
    scenes = {scene.path: scene for scene in read_yolo(root)}
    judged = split.parted(items(root, list(scenes.values())), file, 0)[part]
    parts = split.parted(read_folder(classes, FIRE_LABELS), classes_file, 0)
    known = hashes_of(parts["train"] + (parts["val"] if part == "test" else []), classes)
    fresh = {item.path for item in unlike(judged, root, known)}
    patches = []
    for item in judged:
        for label, aspect in _ASPECT.items():
            boxes = [thing.box for thing in scenes[item.path].things if thing.label == label]
            if boxes and (label == "smoke" or item.path in fresh):
                for cut in _largest(item.path, boxes, aspect):
                    kind = label if label == "smoke" else "flames" if coloured(cut) >= _COLOURED else "pale"
                    patches.append(Patch(kind, item.path.name, cut))
    return patches


def controls(classes: Path, classes_file: Path, most: int, part: str = "test") -> List[Patch]:
    """The middles of so many pictures without fire of that part of the class folders."""
    judged = split.parted(read_folder(classes, FIRE_LABELS), classes_file, 0)[part]
    calm = [item for item in judged if item.label == "no-fire"]
    patches: List[Patch] = []
    for item in _shuffled(calm):
        if len(patches) < most:
            cuts = _largest(item.path, [Box(0.2, 0.2, 0.8, 0.8)], _ASPECT["fire"])
            patches += [Patch("control", item.path.name, cut) for cut in cuts]
    return patches


def enlarged(frame: Frame, height: int) -> Picture:
    """The frame as a camera of so many lines would show it (16:9)."""
    size = (height * 16 // 9, height)
    return np.asarray(cv2.resize(frame.pixels, size, interpolation=cv2.INTER_CUBIC), np.uint8)


def pasted(canvas: Picture, patch: Patch, share: float, rng: np.random.Generator) -> Picture:
    """A copy of the canvas with the patch in it, which covers `share` of it.

    A ragged ellipse of the box is shown, faded out towards its rim. Of some places the one is taken whose
    pixels resemble most what lies at the rim, so that the patch brings no halo of another background.
    """
    return laid(canvas, patch.pixels, spot(canvas, patch.pixels, share, rng))


def spot(canvas: Picture, pixels: Picture, share: float, rng: np.random.Generator) -> Spot:
    """Where in the canvas, how large and in what shape; see `pasted`."""
    height, width = canvas.shape[:2]
    rows, columns = pixels.shape[:2]
    shape = _cover(rng)
    scale = (share / shape.mean() * height * width / (rows * columns)) ** 0.5
    h, w = min(height, round(rows * scale)), min(width, round(columns * scale))
    cover = np.asarray(cv2.resize(shape, (w, h), interpolation=cv2.INTER_AREA), np.float32)[..., None]
    shown = resized(pixels, w, h).astype(np.float32)
    rim = (cover > 0) & (cover < 1)
    colour = shown[rim[..., 0]].mean(axis=0) if rim.any() else shown.mean(axis=(0, 1))
    places = [(int(rng.integers(height - h + 1)), int(rng.integers(width - w + 1))) for _ in range(_PLACES)]
    top, left = min(places, key=lambda at: _apart(canvas[at[0] : at[0] + h, at[1] : at[1] + w], colour))
    return Spot(top, left, cover)


def laid(canvas: Picture, pixels: Picture, where: Spot, lighten: bool = False) -> Picture:
    """A copy of the canvas with those pixels over that spot; with `lighten` only where they are brighter, as
    a flame before a dark background is laid over a street."""
    h, w = where.cover.shape[:2]
    shown = resized(pixels, w, h).astype(np.float32)
    whole: Picture = canvas.copy()
    under = whole[where.top : where.top + h, where.left : where.left + w]
    over = np.maximum(shown, under) if lighten else shown
    under[:] = (where.cover * over + (1 - where.cover) * under + 0.5).astype(np.uint8)
    return whole


def as_streamed(picture: Picture) -> Picture:
    """Compressed once, as a whole, so that nothing in it is sharper or cleaner than the rest by that."""
    data = cv2.imencode(".jpg", picture, [cv2.IMWRITE_JPEG_QUALITY, _QUALITY])[1]
    return np.asarray(cv2.imdecode(data, cv2.IMREAD_COLOR), np.uint8)


def _cover(rng: np.random.Generator) -> npt.NDArray[np.float32]:
    """A square: 1 in the middle, 0 at the ragged rim of the inscribed ellipse and beyond."""
    axis = (np.arange(_FINE, dtype=np.float32) + 0.5) / _FINE * 2 - 1
    radius = np.sqrt(axis[:, None] ** 2 + axis[None] ** 2)
    inwards = _RAGGED * np.maximum(0.0, fractal(rng, _FINE, _FINE, 4, 3) - 0.35)
    share = np.clip((1 - radius * (1 + inwards)) / (1 - _CORE), 0, 1)
    return np.asarray(share * share * (3 - 2 * share), np.float32)


def _apart(pixels: Picture, colour: npt.NDArray[np.float32]) -> float:
    return float(np.abs(pixels[::4, ::4].mean(axis=(0, 1)) - colour).sum())


def _largest(path: Path, boxes: Sequence[Box], aspect: float) -> List[Picture]:
    """One cut or none: of the largest box that is large enough and not too long."""
    picture = picture_of(path)
    fit = []
    for inside in (cut_out(picture, box) for box in boxes):
        h, w = inside.shape[:2]
        if w * h >= LEAST_PX and max(w, h) <= aspect * min(w, h):
            fit.append(inside)
    return [max(fit, key=lambda one: one.size)] if fit else []


def _shuffled(chosen: Sequence[Item]) -> List[Item]:
    return [chosen[index] for index in np.random.default_rng(0).permutation(len(chosen))]


def frames_at(clip: Path, times: Sequence[float]) -> List[Picture]:
    """The first frame at or after each of the times, which grow. Raises DataError where the clip is over."""
    found: List[Picture] = []
    with av.open(str(clip)) as container:
        for frame in container.decode(video=0):
            while len(found) < len(times) and (frame.time or 0.0) >= times[len(found)] - 1e-6:
                found.append(np.ascontiguousarray(frame.to_ndarray(format="bgr24"), np.uint8))
    if len(found) < len(times):
        raise DataError(f"{clip} is shorter than {times[-1]} s")
    return found


def wide(picture: Picture) -> Picture:
    """The middle of it, 16:9."""
    height, width = picture.shape[:2]
    size: Tuple[int, int] = (min(height, round(width * 9 / 16)), min(width, round(height * 16 / 9)))
    top, left = (height - size[0]) // 2, (width - size[1]) // 2
    return picture[top : top + size[0], left : left + size[1]]
