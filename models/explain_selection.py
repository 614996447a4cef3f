"""Which pictures `explain` looks at: a part of a folder; of it, those to show and those to measure with."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Dict, List, Optional, Sequence

import numpy as np
import numpy.typing as npt

from models import split
from models.data import DataError, Item, read_folder

Indices = List[int]


def items_of(
    data: Path, labels: Sequence[str], config: Dict[str, Any], file: Optional[Path], part: Optional[str]
) -> List[Item]:
    """The pictures of a part of `data`, by the split in `file` or else the run's own; all of them without a
    part. Raises DataError for an unknown part, a part without pictures, or a split that is not there.
    """
    items = read_folder(data, labels)
    if part is None:
        return items
    if part not in ("val", "test"):
        raise DataError(f"{part!r} is no part to look at: use val or test")
    if file is None and config["split"] is not None:
        file = Path(config["split"])
    if file is not None and not file.is_file():
        raise DataError(f"{file} is not there: name the split by --split")
    found = split.parted(items, file, config["seed"])[part]
    if not found:
        raise DataError(f"{data}: no pictures in its part {part}")
    return found


def shown(
    items: Sequence[Item], right: npt.NDArray[np.bool_], labels: Sequence[str], number: int, seed: int
) -> Indices:
    """Of each label up to `number` cases that were judged right, then as many wrong ones, drawn by chance."""
    found: Indices = []
    for label in labels:
        for wanted in (True, False):
            among = [i for i, item in enumerate(items) if item.label == label and right[i] == wanted]
            found += _apart(items, among, seed)[:number]
    return found


def drawn(items: Sequence[Item], number: int, seed: int) -> Indices:
    """Up to `number` pictures by chance, whatever they were judged: what a mean is to stand for."""
    return _apart(items, range(len(items)), seed)[:number]


def _apart(items: Sequence[Item], among: Sequence[int], seed: int) -> Indices:
    """In an order of chance, one picture of each group, so that no scene counts twice."""
    one_each: Dict[str, int] = {}
    for place in np.random.default_rng(seed).permutation(len(among)).tolist():
        one_each.setdefault(items[among[place]].group, among[place])
    return list(one_each.values())
