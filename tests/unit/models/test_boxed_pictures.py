from __future__ import annotations

import json
from pathlib import Path
from typing import Any, List

import pytest

from agent.domain.box import Box
from models.boxed_pictures import Scene, Thing, read_coco, read_yolo
from models.data import DataError
from tests.fakes import boxed_pictures
from tests.fakes.boxed_pictures import NAMES, Cell

PICTURES: List[List[Cell]] = [[("person", 1, 2), ("dog", 7, 0)], []]
THINGS = (
    Thing("person", Box(1 / 8, 2 / 8, 2 / 8, 3 / 8)),
    Thing("dog", Box(7 / 8, 0, 1, 1 / 8)),
)

NO_WIDTH = (
    '{"images": [{"id": 1, "width": 0, "height": 9}], "categories": [{"id": 1, "name": "dog"}],'
    '"annotations": [{"image_id": 1, "category_id": 1, "bbox": [0, 0, 1, 1]}]}'
)


def test_a_coco_file_is_read(tmp_path: Path) -> None:
    file, images = boxed_pictures.coco(tmp_path, PICTURES)
    every = frozenset(NAMES)
    assert read_coco(file, images) == [
        Scene(images / "0.png", THINGS, every),
        Scene(images / "1.png", (), every),
    ]


def test_a_crowd_is_told_apart(tmp_path: Path) -> None:
    file, images = boxed_pictures.coco(tmp_path, PICTURES)
    document = json.loads(file.read_text())
    document["annotations"][1]["iscrowd"] = 1
    file.write_text(json.dumps(document))
    assert [thing.crowd for thing in read_coco(file, images)[0].things] == [False, True]


@pytest.mark.parametrize(
    "damaged",
    [
        "no JSON",
        "[]",
        '{"images": [], "categories": []}',
        NO_WIDTH,
    ],
)
def test_what_is_no_coco_file_is_refused(tmp_path: Path, damaged: str) -> None:
    (tmp_path / "boxes.json").write_text(damaged)
    with pytest.raises(DataError, match=r"boxes\.json is no COCO file of boxes"):
        read_coco(tmp_path / "boxes.json", tmp_path)


def test_a_folder_in_the_layout_of_yolo_is_read(tmp_path: Path) -> None:
    root = boxed_pictures.yolo(tmp_path, PICTURES)
    (root / "images" / "notes.md").write_text("no picture")
    lines = root / "labels" / "day" / "0.txt"
    lines.write_text(lines.read_text() + "\n")
    first, second = read_yolo(root)
    assert first == Scene(root / "images" / "day" / "0.png", THINGS, frozenset(NAMES))
    assert second.things == ()


def test_names_may_be_numbered(tmp_path: Path) -> None:
    root = boxed_pictures.yolo(tmp_path, PICTURES)
    (root / "data.yaml").write_text("names:\n  0: car\n  1: cat\n")
    scene = read_yolo(root)[0]
    assert [thing.label for thing in scene.things] == ["car", "cat"]
    assert scene.labelled == {"car", "cat"}


@pytest.mark.parametrize(
    ("said", "labelled"),
    [
        ("person", {"person"}),
        ("dog+person", {"person", "dog"}),
        ("person+cloud", {"person"}),
        ("dog (no person visible)", set(NAMES)),
        ("none (background)", set(NAMES)),
    ],
)
def test_a_manifest_says_what_was_looked_for(tmp_path: Path, said: str, labelled: Any) -> None:
    root = boxed_pictures.yolo(tmp_path, PICTURES)
    (root / "manifest.csv").write_text(f"file,labelled_classes\nimages/day/0.png,{said}\n")
    first, second = read_yolo(root)
    assert first.labelled == labelled
    assert second.labelled == set(NAMES)


def test_a_manifest_of_something_else_says_nothing(tmp_path: Path) -> None:
    root = boxed_pictures.yolo(tmp_path, PICTURES)
    (root / "manifest.csv").write_text("file,group\nimages/day/0.png,7\n")
    assert read_yolo(root)[0].labelled == set(NAMES)


@pytest.mark.parametrize("line", ["9 0.5 0.5 0.1 0.1", "0 0.5 0.5 0.1", "dog 0.5 0.5 0.1 0.1", "0 a b c d"])
def test_a_wrong_line_is_named(tmp_path: Path, line: str) -> None:
    root = boxed_pictures.yolo(tmp_path, PICTURES)
    (root / "labels" / "day" / "0.txt").write_text(f"0 0.5 0.5 0.1 0.1\n{line}\n")
    with pytest.raises(DataError, match=r"0\.txt:2: .* is no box"):
        read_yolo(root)


@pytest.mark.parametrize("text", ["nc: 2", "[1, 2", "names: 5", "names: {a: b}"])
def test_names_must_be_there(tmp_path: Path, text: str) -> None:
    root = boxed_pictures.yolo(tmp_path, PICTURES)
    (root / "data.yaml").write_text(text)
    with pytest.raises(DataError, match=r"data\.yaml has no `names`"):
        read_yolo(root)


def test_what_is_missing_is_named(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"data\.yaml cannot be read: No such file"):
        read_yolo(tmp_path)
    (tmp_path / "data.yaml").write_text("names: [dog]")
    with pytest.raises(DataError, match="images holds no pictures"):
        read_yolo(tmp_path)
    with pytest.raises(DataError, match=r"none\.json cannot be read"):
        read_coco(tmp_path / "none.json", tmp_path)
