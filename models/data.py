"""Class folders of pictures, their committed split, and the pictures themselves in memory."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from pathlib import Path
from typing import Dict, List, Optional, Sequence

import cv2
import numpy as np
import numpy.typing as npt
from rich.progress import track

from agent.errors import BeffroiError
from agent.ports import Picture
from agent.vision.preprocess import resized

SUFFIXES = (".jpg", ".jpeg", ".png", ".bmp", ".webp")


class DataError(BeffroiError):
    """The pictures are not laid out as a verb needs them."""

    exit_code = 8


@dataclass(frozen=True)
class Item:
    """A labelled picture; `group` holds together what must not straddle a split, `source` is its origin and
    `licence` what that states."""

    path: Path
    label: str
    group: str
    source: str
    licence: str = "not stated"


def read_folder(root: Path, labels: Sequence[str]) -> List[Item]:
    """Every picture below `root`/<label>, sorted; group, source and licence come from `root`/manifest.csv
    where it is there (columns file, group, source_repo, license), else each picture is a group of its own.

    Raises DataError for a missing folder, a folder that is no label, or no pictures.
    """
    if not root.is_dir():
        raise DataError(f"{root} is not a folder: give one that holds {', '.join(labels)}")
    folders = [entry.name for entry in sorted(root.iterdir()) if entry.is_dir()]
    unknown = [name for name in folders if name not in labels]
    if unknown:
        raise DataError(f"{root}: {', '.join(unknown)} is no label of the model: use {', '.join(labels)}")
    rows = _manifest(root)
    items = []
    for label in labels:
        for path in sorted((root / label).rglob("*")):
            if path.suffix.lower() in SUFFIXES:
                row = rows.get(path.relative_to(root).as_posix(), {})
                items.append(
                    Item(
                        path,
                        label,
                        row.get("group", str(path)),
                        row.get("source_repo", root.name),
                        row.get("license", "not stated"),
                    )
                )
    if not items:
        raise DataError(f"{root}: no pictures in {', '.join(labels)} (looked for {', '.join(SUFFIXES)})")
    return items


def class_names(root: Path) -> List[str]:
    """The folders in `root`, sorted. Raises DataError where there is none."""
    if not root.is_dir():
        raise DataError(f"{root} is not a folder: give one that holds a folder of pictures per class")
    names = [entry.name for entry in sorted(root.iterdir()) if entry.is_dir()]
    if not names:
        raise DataError(f"{root}: no folder in it, where one of pictures per class is wanted")
    return names


def _manifest(root: Path) -> Dict[str, Dict[str, str]]:
    path = root / "manifest.csv"
    if not path.is_file():
        return {}
    with path.open(newline="", encoding="utf-8") as file:
        return {row["file"]: row for row in csv.DictReader(file)}


def read_picture(path: Path) -> Optional[Picture]:
    """H x W x 3, BGR, uint8; None where the file cannot be decoded."""
    data = np.fromfile(str(path), np.uint8)
    picture = cv2.imdecode(data, cv2.IMREAD_COLOR) if data.size else None
    return None if picture is None else np.asarray(picture, np.uint8)


def picture_of(path: Path) -> Picture:
    """As `read_picture`; raises DataError for what cannot be decoded."""
    picture = read_picture(path)
    if picture is None:
        raise DataError(f"{path} cannot be decoded: replace it or take it out")
    return picture


def load_square(items: Sequence[Item], side: int) -> npt.NDArray[np.uint8]:
    """All pictures resized to `side` x `side`: N x side x side x 3, BGR; raises DataError for a bad one."""
    pictures = np.empty((len(items), side, side, 3), np.uint8)
    for index, item in enumerate(track(items, description="reading pictures", transient=True)):
        pictures[index] = resized(picture_of(item.path), side, side)
    return pictures
