"""The pictures that a detector learns from: boxed ones by part of a split, and some that hold nothing."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Dict, FrozenSet, List, Optional, Sequence, Tuple

import numpy as np
import numpy.typing as npt

from agent.inference.manifest import FIRE_LABELS
from agent.ports import Picture
from agent.vision.preprocess import resized
from models import split
from models.boxed_pictures import Scene, read_yolo
from models.data import Item, picture_of, read_folder
from models.near import hashes, manifest_rows, unlike

PADDING = 114
"""Grey around a picture, as the parent was trained with."""

NEW_LABELS = ("fire", "smoke")
"""What the data has boxes of; the other labels are taught by the parent."""

BURNING_CLASSES = {"fire": (0,), "start-fire": (0, 1)}
"""Class folders of pictures that burn, and of which of NEW_LABELS one is in each."""

Boxes = npt.NDArray[np.float32]


@dataclass(frozen=True)
class Sample:
    """A picture (H x W x 3, BGR, uint8), its boxes (N x 5: index in NEW_LABELS, then left, top, right,
    bottom in pixels), which of NEW_LABELS were looked for in it, and, where it is known to burn without
    anybody having boxed where, the labels of which one is there."""

    picture: Picture
    boxes: Boxes
    labelled: FrozenSet[str]
    burning: Tuple[int, ...] = ()


def scenes_by_part(root: Path, file: Optional[Path], seed: int) -> Dict[str, List[Scene]]:
    """part -> the scenes of the folder `root` (YOLO's layout), by the split in `file` or one made by group.

    Raises DataError.
    """
    scenes = read_yolo(root)
    by_path = {scene.path: scene for scene in scenes}
    parts = split.parted(items(root, scenes), file, seed)
    return {part: [by_path[item.path] for item in chosen] for part, chosen in parts.items()}


def items(root: Path, scenes: Sequence[Scene]) -> List[Item]:
    """The scenes as a split sees them: what is there, near-duplicate group and source."""
    rows = manifest_rows(root)
    return [
        Item(
            scene.path,
            "+".join(sorted({thing.label for thing in scene.things})) or "none",
            row.get("group", str(scene.path)),
            row.get("source_repo", root.name),
            row.get("license", "not stated"),
        )
        for scene in scenes
        for row in [rows.get(scene.path.relative_to(root).as_posix(), {})]
    ]


def empty_scenes(
    root: Path, file: Optional[Path], seed: int, apart: Path, part: str = "train"
) -> List[Scene]:
    """Pictures of a part of the class folders' `no-fire`, without boxes and labelled for fire and smoke.

    Those that look like a picture of the boxed folder `apart` are left out, for they may be in another part
    of it.
    """
    calm = _unboxed(root, file, seed, apart, part, "no-fire")
    return [Scene(path, (), frozenset(NEW_LABELS)) for path in calm]


def burning_scenes(
    root: Path, file: Optional[Path], seed: int, apart: Path
) -> List[Tuple[Scene, Tuple[int, ...]]]:
    """As `empty_scenes`, to train on, of BURNING_CLASSES, with what may burn: nobody says where."""
    return [
        (Scene(path, (), frozenset()), burning)
        for label, burning in BURNING_CLASSES.items()
        for path in _unboxed(root, file, seed, apart, "train", label)
    ]


def _unboxed(root: Path, file: Optional[Path], seed: int, apart: Path, part: str, label: str) -> List[Path]:
    chosen = split.parted(read_folder(root, FIRE_LABELS), file, seed)[part]
    taken = hashes(manifest_rows(apart).values())
    return [item.path for item in unlike([one for one in chosen if one.label == label], root, taken)]


def load(scene: Scene, side: int) -> Sample:
    """The scene as large as fits into `side` x `side`; DataError where its picture cannot be decoded."""
    picture = picture_of(scene.path)
    scale = side / max(picture.shape[:2])
    height, width = (max(1, round(edge * scale)) for edge in picture.shape[:2])
    boxes = [
        (
            NEW_LABELS.index(thing.label),
            thing.box.left * width,
            thing.box.top * height,
            thing.box.right * width,
            thing.box.bottom * height,
        )
        for thing in scene.things
        if thing.label in NEW_LABELS
    ]
    return Sample(
        resized(picture, width, height),
        np.array(boxes, np.float32).reshape(-1, 5),
        scene.labelled & frozenset(NEW_LABELS),
    )
