"""Pictures whose things somebody boxed: COCO's JSON, or a folder in the layout of YOLO."""

from __future__ import annotations

import csv
import json
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Dict, FrozenSet, List, Optional, Tuple

from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError

from agent.domain.box import Box
from models.data import SUFFIXES, DataError


@dataclass(frozen=True)
class Thing:
    """Something in a picture: its box in shares of it; a `crowd` is many of them under one box."""

    label: str
    box: Box
    crowd: bool = False


@dataclass(frozen=True)
class Scene:
    """A picture and what is in it, as far as somebody looked for it: things of a label that is not among
    `labelled` may be there without a box."""

    path: Path
    things: Tuple[Thing, ...]
    labelled: FrozenSet[str]


def read_scenes(coco: Optional[Path], images: Optional[Path], yolo: Optional[Path]) -> List[Scene]:
    """By either layout, as `--coco` with `--images`, or `--yolo`, name it. Raises DataError."""
    if yolo is not None and coco is None:
        return read_yolo(yolo)
    if coco is not None and images is not None and yolo is None:
        return read_coco(coco, images)
    raise DataError("say where pictures with boxes are: --coco ANNOTATIONS.json --images DIR, or --yolo DIR")


def read_coco(annotations: Path, images: Path) -> List[Scene]:
    """The pictures of a COCO file of boxes, found below `images`; every category of the file is labelled.

    Raises DataError where the file is none.
    """
    try:
        document = json.loads(_text(annotations))
        names = {one["id"]: str(one["name"]) for one in document["categories"]}
        boxed: Dict[Any, List[Thing]] = {one["id"]: [] for one in document["images"]}
        size = {one["id"]: (float(one["width"]), float(one["height"])) for one in document["images"]}
        for one in document["annotations"]:
            (left, top, width, height), (across, down) = one["bbox"], size[one["image_id"]]
            box = Box(left / across, top / down, (left + width) / across, (top + height) / down)
            thing = Thing(names[one["category_id"]], box, bool(one.get("iscrowd", 0)))
            boxed[one["image_id"]].append(thing)
        every = frozenset(names.values())
        return [
            Scene(images / one["file_name"], tuple(boxed[one["id"]]), every) for one in document["images"]
        ]
    except (KeyError, TypeError, ValueError, ZeroDivisionError) as error:
        raise DataError(f"{annotations} is no COCO file of boxes: {error!r}") from error


def read_yolo(root: Path) -> List[Scene]:
    """The pictures in `root`/images, whose boxes `root`/labels has by the same name (class, middle, width and
    height in shares, a line a box; no file: nothing is there), and `root`/data.yaml the names of the classes.

    Where `root`/manifest.csv has the columns file and labelled_classes, a picture is labelled for those that
    it names (`fire`, `fire+smoke`); a note in brackets says that the others are not there. Raises DataError.
    """
    names = _names(root / "data.yaml")
    partly = _labelled(root / "manifest.csv", frozenset(names.values()))
    images = root / "images"
    scenes = []
    for path in sorted(images.rglob("*")):
        if path.suffix.lower() in SUFFIXES:
            boxes = (root / "labels" / path.relative_to(images)).with_suffix(".txt")
            things = _boxes(boxes, names) if boxes.exists() else ()
            labelled = partly.get(path.relative_to(root).as_posix(), frozenset(names.values()))
            scenes.append(Scene(path, things, labelled))
    if not scenes:
        raise DataError(f"{images} holds no pictures (looked for {', '.join(SUFFIXES)})")
    return scenes


def _names(path: Path) -> Dict[int, str]:
    try:
        names = YAML(typ="safe").load(_text(path))["names"]
        pairs = names.items() if isinstance(names, dict) else enumerate(names)
        return {int(number): str(name) for number, name in pairs}
    except (YAMLError, KeyError, TypeError, ValueError) as error:
        raise DataError(f"{path} has no `names`, a name for each class: {error!r}") from error


def _labelled(path: Path, every: FrozenSet[str]) -> Dict[str, FrozenSet[str]]:
    if not path.is_file():
        return {}
    with path.open(newline="", encoding="utf-8") as file:
        said = {
            row["file"]: row["labelled_classes"] for row in csv.DictReader(file) if "labelled_classes" in row
        }
    return {file: every if "(" in text else frozenset(text.split("+")) & every for file, text in said.items()}


def _boxes(path: Path, names: Dict[int, str]) -> Tuple[Thing, ...]:
    things = []
    for number, line in enumerate(_text(path).splitlines(), 1):
        if not line.strip():
            continue
        try:
            kind, x, y, width, height = (float(part) for part in line.split())
            box = Box(x - width / 2, y - height / 2, x + width / 2, y + height / 2)
            things.append(Thing(names[int(kind)], box))
        except (KeyError, ValueError) as error:
            raise DataError(
                f"{path}:{number}: {line!r} is no box: write class, x, y, width, height in shares"
            ) from error
    return tuple(things)


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except OSError as error:
        raise DataError(f"{path} cannot be read: {os.strerror(error.errno or 0)}") from error
