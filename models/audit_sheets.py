"""Contact sheets: pages of small pictures to look at, as JPEG."""

from __future__ import annotations

import random
from pathlib import Path, PurePosixPath
from typing import Dict, List, Sequence, Tuple

import cv2
import numpy as np
from rich.console import Console
from rich.progress import track

from agent.ports import Picture
from models.audit_survey import Facts
from models.data import read_picture

COLUMNS, ROWS = 10, 8
ACROSS = "across-classes"
"""The name of the sheets of pictures that look alike and are labelled otherwise."""
PAIR_PAGES = 4
"""Of them at most, the nearest first."""

_SIDE, _LINE, _GAP = 128, 13, 4  # pixels
_LETTERS = 20  # of a caption, which is as wide as the picture

Cell = Tuple[Path, Sequence[str]]
"""A picture and the lines below it."""


def draw_sheets(
    folder: Path, facts: Sequence[Facts], pairs: Sequence[Sequence[str]], pages: int, seed: int
) -> Dict[str, List[Path]]:
    """Write sheets below `folder`, and say which by name: a label, or ACROSS, of `pairs` side by side.

    Of a label `pages` pages at most, drawn by `seed` where there is more; 0 draws all of it.
    """
    folder.mkdir(parents=True, exist_ok=True)
    cells = {
        label: _cells([one for one in facts if one.item.label == label], pages * COLUMNS * ROWS, seed)
        for label in sorted({one.item.label for one in facts})
    }
    by_name = {one.name: one for one in facts}
    cells[ACROSS] = [
        (by_name[name].item.path, [f"{number}: {by_name[name].item.label}", _stem(name)])
        for number, pair in enumerate(pairs[: PAIR_PAGES * COLUMNS * ROWS // 2], 1)
        for name in pair
    ]
    todo = [
        (name, number, some[start : start + COLUMNS * ROWS])
        for name, some in cells.items()
        for number, start in enumerate(range(0, len(some), COLUMNS * ROWS), 1)
    ]
    written: Dict[str, List[Path]] = {name: [] for name in cells}
    console = Console(stderr=True)
    for name, number, some in track(
        todo, "drawing sheets", console=console, transient=True, disable=not console.is_terminal
    ):
        path = folder / f"{name}-{number:02d}.jpg"
        path.write_bytes(cv2.imencode(".jpg", sheet(some), [cv2.IMWRITE_JPEG_QUALITY, 80])[1].tobytes())
        written[name].append(path)
    return written


def _cells(facts: Sequence[Facts], limit: int, seed: int) -> List[Cell]:
    if 0 < limit < len(facts):
        facts = random.Random(seed).sample(list(facts), limit)
    ordered = sorted(facts, key=lambda one: (one.item.source, one.name))
    return [(one.item.path, [_stem(one.name)]) for one in ordered]


def _stem(name: str) -> str:
    return PurePosixPath(name).stem


def sheet(cells: Sequence[Cell]) -> Picture:
    """One page, BGR, of up to COLUMNS x ROWS cells; pictures that vanished meanwhile leave theirs empty."""
    lines = max(len(text) for _, text in cells)
    wide, high = _SIDE + _GAP, _SIDE + _LINE * lines + _GAP
    rows = -(-len(cells) // COLUMNS)
    page = np.full((rows * high, COLUMNS * wide, 3), 255, np.uint8)
    for index, (path, text) in enumerate(cells):
        x, y = index % COLUMNS * wide, index // COLUMNS * high
        picture = read_picture(path) if path.is_file() else None
        if picture is not None:
            small = _fitted(picture)
            page[y : y + small.shape[0], x : x + small.shape[1]] = small
        for number, line in enumerate(text):
            at = (x + 1, y + _SIDE + _LINE * (number + 1) - 3)
            cv2.putText(page, fitting(line), at, cv2.FONT_HERSHEY_SIMPLEX, 0.34, (0, 0, 0), 1, cv2.LINE_AA)
    return page


def fitting(line: str) -> str:
    """What there is room for below a picture: names differ at their ends, and begin alike."""
    half = _LETTERS // 2 - 1
    return line if len(line) <= _LETTERS else f"{line[:half]}..{line[-half:]}"


def _fitted(picture: Picture) -> Picture:
    """At most _SIDE x _SIDE, its proportions kept."""
    height, width = picture.shape[:2]
    scale = _SIDE / max(height, width)
    size = (max(1, round(width * scale)), max(1, round(height * scale)))
    return np.asarray(cv2.resize(picture, size, interpolation=cv2.INTER_AREA), np.uint8)
