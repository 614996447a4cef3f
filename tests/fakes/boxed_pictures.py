"""Pictures with coloured cells, as a COCO file and as a folder in YOLO's layout."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, Dict, List, Sequence, Tuple

import cv2
import numpy as np

from agent.ports import Picture
from tests.fakes.object_bundles import SIDE

NAMES = ["person", "dog", "sheep"]
_COLOURS = {"person": (0, 0, 255), "dog": (0, 255, 0), "sheep": (255, 255, 255)}

Cell = Tuple[str, int, int]
"""What is there, in which column and row of 8 pixels."""


def drawn(cells: Sequence[Cell]) -> Picture:
    picture: Picture = np.zeros((SIDE, SIDE, 3), np.uint8)
    for label, column, row in cells:
        picture[8 * row : 8 * row + 8, 8 * column : 8 * column + 8] = _COLOURS[label]
    return picture


def coco(folder: Path, pictures: Sequence[Sequence[Cell]]) -> Tuple[Path, Path]:
    """Write them; returns the JSON file and the folder of the pictures."""
    images = folder / "pictures"
    images.mkdir(parents=True)
    boxes: List[Dict[str, Any]] = []
    for number, cells in enumerate(pictures):
        cv2.imwrite(str(images / f"{number}.png"), drawn(cells))
        for label, column, row in cells:
            one = {"image_id": number, "category_id": 10 + NAMES.index(label), "iscrowd": 0}
            boxes.append({**one, "bbox": [8 * column, 8 * row, 8, 8], "id": len(boxes)})
    document = {
        "images": [
            {"id": number, "file_name": f"{number}.png", "width": SIDE, "height": SIDE}
            for number in range(len(pictures))
        ],
        "categories": [{"id": 10 + number, "name": name} for number, name in enumerate(NAMES)],
        "annotations": boxes,
    }
    (folder / "boxes.json").write_text(json.dumps(document))
    return folder / "boxes.json", images


def yolo(root: Path, pictures: Sequence[Sequence[Cell]]) -> Path:
    """Write them; a picture without things gets no file of labels. Returns the folder."""
    (root / "images" / "day").mkdir(parents=True)
    (root / "labels" / "day").mkdir(parents=True)
    for number, cells in enumerate(pictures):
        cv2.imwrite(str(root / "images" / "day" / f"{number}.png"), drawn(cells))
        lines = [
            f"{NAMES.index(label)} {(column + 0.5) / 8} {(row + 0.5) / 8} 0.125 0.125\n"
            for label, column, row in cells
        ]
        if lines:
            (root / "labels" / "day" / f"{number}.txt").write_text("".join(lines))
    (root / "data.yaml").write_text(f"path: .\nnames: {json.dumps(NAMES)}\n")
    return root
