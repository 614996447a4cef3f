"""Which pictures look alike: by perceptual hashes, those that manifests have and those made here."""

from __future__ import annotations

import csv
from pathlib import Path
from typing import Dict, Iterable, List, Mapping, Tuple

import cv2
import numpy as np
import numpy.typing as npt

from agent.ports import Picture
from models.data import Item

NEAR = 8
"""Bits by which the perceptual hashes of two pictures of one scene may differ, of 64."""

Hashes = npt.NDArray[np.uint8]
"""N x 64 bits."""


def manifest_rows(root: Path) -> Dict[str, Dict[str, str]]:
    """The lines of `root`/manifest.csv by their column `file`; none where there is no such file."""
    path = root / "manifest.csv"
    if not path.is_file():
        return {}
    with path.open(newline="", encoding="utf-8") as file:
        return {row["file"]: row for row in csv.DictReader(file)}


def hashes(rows: Iterable[Mapping[str, str]]) -> Hashes:
    """Those of the column `phash` (16 hexadecimal digits), where there is one."""
    bits = [list(bytes.fromhex(row["phash"])) for row in rows if row.get("phash")]
    return np.unpackbits(np.array(bits, np.uint8).reshape(-1, 8), axis=1)


def hashes_of(items: Iterable[Item], root: Path) -> Hashes:
    """Those that the manifest of the folder `root` has of `items`, which lie below it."""
    rows = manifest_rows(root)
    return hashes(rows.get(item.path.relative_to(root).as_posix(), {}) for item in items)


def near(mine: Hashes, taken: Hashes) -> bool:
    """Whether the picture of the one hash `mine` (or none) looks like any of `taken`."""
    return bool(len(mine) and len(taken) and ((taken != mine).sum(axis=1) <= NEAR).any())


def unlike(items: Iterable[Item], root: Path, taken: Hashes) -> List[Item]:
    """Those of the folder `root` that look like none of `taken`, by its manifest."""
    rows = manifest_rows(root)
    return [
        item
        for item in items
        if not near(hashes([rows.get(item.path.relative_to(root).as_posix(), {})]), taken)
    ]


def perceptual_hash(picture: Picture) -> Hashes:
    """The hash of an H x W x 3 BGR picture: 1 x 64. Which of the 8 x 8 lowest cosine frequencies of the grey
    picture, shrunk to 32 x 32, are above their median (pHash, Zauner 2010)."""
    grey = cv2.cvtColor(picture, cv2.COLOR_BGR2GRAY)
    small = cv2.resize(grey, (32, 32), interpolation=cv2.INTER_AREA).astype(np.float32)
    lowest = cv2.dct(small)[:8, :8].ravel()
    return np.asarray(lowest > np.median(lowest), np.uint8)[None]


def near_pairs(all_: Hashes, block: int = 1024) -> List[Tuple[int, int, int]]:
    """(i, j, bits by which they differ) of each pair that is near, i < j, the nearest first. Compared `block`
    rows at a time, which bounds the memory and not the time: that grows with the square of the pictures."""
    signs = 1 - 2 * all_.astype(np.float32)
    found = []
    for start in range(0, len(all_), block):
        apart = (all_.shape[1] - signs[start : start + block] @ signs.T) / 2
        for i, j in zip(*np.nonzero(apart <= NEAR)):
            if start + i < j:
                found.append((int(start + i), int(j), int(apart[i, j])))
    return sorted(found, key=lambda pair: (pair[2], pair[:2]))
