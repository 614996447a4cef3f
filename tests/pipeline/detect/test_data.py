"""Which boxed pictures train, which hold nothing, and how one is read."""

from __future__ import annotations

import csv
from pathlib import Path
from typing import Sequence

import cv2
import numpy as np
import pytest

from agent.domain.box import Box
from models.boxed_pictures import Scene, Thing
from models.data import DataError
from models.detect import data

COLUMNS = ("file", "source_repo", "group", "phash", "labelled_classes")


def picture(path: Path, shade: int) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    cv2.imwrite(str(path), np.full((40, 80, 3), shade, np.uint8))


def manifest(root: Path, rows: Sequence[tuple[str, ...]]) -> None:
    with (root / "manifest.csv").open("w", newline="") as file:
        csv.writer(file).writerows([COLUMNS, *rows])


@pytest.fixture
def boxed(tmp_path: Path) -> Path:
    """Forty pictures in twenty groups."""
    root = tmp_path / "boxed"
    (root / "labels").mkdir(parents=True)
    (root / "data.yaml").write_text("names: [fire, smoke]\n")
    rows = []
    for number in range(40):
        picture(root / "images" / f"{number:02}.png", number)
        (root / "labels" / f"{number:02}.txt").write_text("0 0.5 0.5 0.5 0.5\n" if number % 2 else "")
        rows.append((f"images/{number:02}.png", "somewhere", f"g{number // 2}", f"{number:016x}", "fire"))
    manifest(root, rows)
    return root


def test_a_group_is_in_one_part(boxed: Path) -> None:
    parts = data.scenes_by_part(boxed, None, 3)
    groups = {part: {int(scene.path.stem) // 2 for scene in scenes} for part, scenes in parts.items()}
    assert sum(map(len, parts.values())) == 40
    assert all(groups.values())
    assert not groups["train"] & groups["val"]
    assert not groups["train"] & groups["test"]


def test_pictures_without_a_manifest_are_groups_of_their_own(boxed: Path) -> None:
    (boxed / "manifest.csv").unlink()
    parts = data.scenes_by_part(boxed, None, 3)
    assert all(scene.labelled == {"fire", "smoke"} for scene in parts["train"])


def test_pictures_without_boxes_are_those_unlike_a_boxed_one(boxed: Path, tmp_path: Path) -> None:
    root = tmp_path / "classes"
    rows = []
    for number in range(10):
        picture(root / "no-fire" / f"{number}.png", 100 + number)
        alike = "0000000000000001" if number % 2 else "ffffffffffffffff"
        rows.append((f"no-fire/{number}.png", "elsewhere", f"n{number}", alike, ""))
        for label in ("fire", "start-fire"):
            picture(root / label / f"{number}.png", 200 + number)
            rows.append((f"{label}/{number}.png", "elsewhere", f"{label}{number}", alike, ""))
    manifest(root, rows)
    scenes = data.empty_scenes(root, None, 1, boxed)
    assert 0 < len(scenes) <= 5
    assert all(scene.path.parent.name == "no-fire" and int(scene.path.stem) % 2 == 0 for scene in scenes)
    assert all(scene.labelled == {"fire", "smoke"} and not scene.things for scene in scenes)
    burning = data.burning_scenes(root, None, 1, boxed)
    assert all(int(scene.path.stem) % 2 == 0 for scene, _ in burning)
    assert {(scene.path.parent.name, labels) for scene, labels in burning} == {
        ("fire", (0,)),
        ("start-fire", (0, 1)),
    }
    assert not any(scene.labelled or scene.things for scene, _ in burning)


def test_a_scene_is_read_as_large_as_fits(tmp_path: Path) -> None:
    picture(tmp_path / "one.png", 7)
    things = (Thing("smoke", Box(0.25, 0.5, 0.5, 1.0)), Thing("cat", Box(0, 0, 1, 1)))
    sample = data.load(Scene(tmp_path / "one.png", things, frozenset({"smoke", "cat"})), 160)
    assert sample.picture.shape == (80, 160, 3)
    assert sample.boxes.tolist() == [[1, 40, 40, 80, 80]]
    assert sample.labelled == {"smoke"}


def test_a_picture_that_is_none_is_said(tmp_path: Path) -> None:
    (tmp_path / "one.png").write_text("no picture")
    with pytest.raises(DataError, match=r"one\.png cannot be decoded"):
        data.load(Scene(tmp_path / "one.png", (), frozenset()), 160)
