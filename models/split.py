"""Which picture trains, which chooses thresholds, which is only looked at in the end."""

from __future__ import annotations

import csv
import random
import re
from collections import defaultdict
from pathlib import Path
from typing import Dict, FrozenSet, List, Optional, Sequence, Tuple, TypeVar

from typing_extensions import Protocol

from agent.inference.bundle import sha256_of
from models.data import DataError, Item

PARTS = ("train", "val", "test")
VAL_SHARE, TEST_SHARE = 0.15, 0.15
LEFT_OUT = "left-out"
"""In a split's file, what belongs to no part."""


def split_by_group(items: Sequence[Item], seed: int) -> Dict[str, str]:
    """group -> part, 70 / 15 / 15 %, stratified by label and source; a group never straddles two parts."""
    strata: Dict[Tuple[str, str], List[str]] = defaultdict(list)
    seen = set()
    for item in items:
        if item.group not in seen:
            seen.add(item.group)
            strata[item.label, item.source].append(item.group)
    rng = random.Random(seed)
    parts: Dict[str, str] = {}
    for key in sorted(strata):
        groups = sorted(strata[key])
        rng.shuffle(groups)
        test, held = round(len(groups) * TEST_SHARE), round(len(groups) * (TEST_SHARE + VAL_SHARE))
        for index, group in enumerate(groups):
            parts[group] = "test" if index < test else "val" if index < held else "train"
    return parts


def without_source(items: Sequence[Item], source: str, seed: int) -> List[str]:
    """The part of each item where the whole of `source` is the test part.

    The rest trains and chooses thresholds, by group and stratified as above; what shares a group with a
    picture of `source` is left out.
    """
    tainted = {item.group for item in items if item.source == source}
    by_group = split_by_group([item for item in items if item.group not in tainted], seed)
    parts = []
    for item in items:
        if item.source == source:
            parts.append("test")
        elif item.group in tainted:
            parts.append(LEFT_OUT)
        else:
            parts.append("val" if by_group[item.group] == "val" else "train")
    return parts


def in_file_names(source: str) -> str:
    """A source as the files of splits are named after it."""
    return re.sub("[^A-Za-z0-9._-]+", "-", source)


def write(path: Path, items: Sequence[Item], parts: Dict[str, str]) -> None:
    """One line a picture, by content, so that a split outlives renaming."""
    write_parts(path, items, [parts[item.group] for item in items])


def write_parts(path: Path, items: Sequence[Item], parts: Sequence[str]) -> None:
    """The same where the part of each item is given."""
    rows = sorted((sha256_of(item.path), item.label, item.group, part) for item, part in zip(items, parts))
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(["sha256", "label", "group", "part"])
        writer.writerows(rows)


def read(path: Path, items: Sequence[Item]) -> List[str]:
    """The part of each item, in order. Raises DataError for a picture that the file does not know."""
    with path.open(newline="", encoding="utf-8") as file:
        known = {row["sha256"]: row["part"] for row in csv.DictReader(file)}
    try:
        return [known[sha256_of(item.path)] for item in items]
    except KeyError as error:
        raise DataError(
            f"{path}: a picture with sha256 {error} is not in it: it belongs to other data; leave --split out"
        ) from error


def contents(path: Path, part: str) -> FrozenSet[str]:
    """The sha256 of every picture of that part."""
    with path.open(newline="", encoding="utf-8") as file:
        return frozenset(row["sha256"] for row in csv.DictReader(file) if row["part"] == part)


class OnDisk(Protocol):
    """Anything that is about one picture."""

    @property
    def path(self) -> Path: ...


One = TypeVar("One", bound=OnDisk)


def of_part(items: Sequence[One], file: Optional[Path], part: str) -> List[One]:
    """Those that `file` has in that part; without a file all of them. Raises DataError where none is left."""
    if file is None:
        return list(items)
    if part not in PARTS:
        raise DataError(f"--part {part}: the parts of a split are {', '.join(PARTS)}")
    if not file.is_file():
        raise DataError(f"{file} is no file: name a split such as models/splits/fire-cls.csv")
    known = contents(file, part)
    left = [item for item in items if sha256_of(item.path) in known]
    if not left:
        raise DataError(f"none of the {len(items)} pictures is in the part {part} of {file}")
    return left


def parted(items: Sequence[Item], file: Optional[Path], seed: int) -> Dict[str, List[Item]]:
    """part -> its items: by the split in `file`, or else one made by group. Raises DataError."""
    if file is not None:
        parts = read(file, items)
    else:
        by_group = split_by_group(items, seed)
        parts = [by_group[item.group] for item in items]
    return {name: [item for item, part in zip(items, parts) if part == name] for name in PARTS}


def doubtful(file: Path) -> Dict[str, FrozenSet[str]]:
    """Of the pictures (by sha256) whose label a second look does not confirm, the labels that it allows.

    `file` has the columns sha256, name, label, reason, seen; labels in `seen` are parted by |.
    """
    with file.open(newline="", encoding="utf-8") as opened:
        return {row["sha256"]: frozenset(row["seen"].split("|")) for row in csv.DictReader(opened)}
