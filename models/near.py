"""Which pictures look alike: perceptual hashes that the manifests of two folders have."""

from __future__ import annotations

import csv
from pathlib import Path
from typing import Dict, Iterable, List, Mapping

import numpy as np
import numpy.typing as npt

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
