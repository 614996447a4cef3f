from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from models.data import DataError, class_names, load_square, read_folder, read_picture
from tests.fakes import class_folders

LABELS = ("fire", "start-fire", "no-fire")


def test_every_picture_of_every_class_is_found(tmp_path: Path) -> None:
    items = read_folder(class_folders.make(tmp_path / "data", 3), LABELS)
    assert [item.label for item in items] == ["fire"] * 3 + ["start-fire"] * 3 + ["no-fire"] * 3
    assert len({item.group for item in items}) == 9


def test_a_manifest_gives_groups_and_sources(tmp_path: Path) -> None:
    root = class_folders.make(tmp_path / "data", 2)
    (root / "manifest.csv").write_text("file,group,source_repo\nfire/000.png,g7,somewhere\n")
    first, second, *_ = read_folder(root, LABELS)
    assert (first.group, first.source) == ("g7", "somewhere")
    assert second.group != "g7"


def test_a_folder_that_is_no_label_is_named(tmp_path: Path) -> None:
    root = class_folders.make(tmp_path / "data", 1)
    (root / "smoke").mkdir()
    with pytest.raises(DataError, match="smoke is no label"):
        read_folder(root, LABELS)


def test_a_missing_folder_and_an_empty_one_say_what_is_wanted(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="not a folder"):
        read_folder(tmp_path / "nowhere", LABELS)
    (tmp_path / "fire").mkdir()
    with pytest.raises(DataError, match="no pictures"):
        read_folder(tmp_path, LABELS)


def test_a_damaged_picture_reads_as_none(tmp_path: Path) -> None:
    (tmp_path / "broken.jpg").write_bytes(b"\xff\xd8\xff not a picture")
    (tmp_path / "empty.jpg").write_bytes(b"")
    assert read_picture(tmp_path / "broken.jpg") is None
    assert read_picture(tmp_path / "empty.jpg") is None


def test_pictures_are_loaded_at_one_size_and_a_damaged_one_is_named(tmp_path: Path) -> None:
    root = class_folders.make(tmp_path / "data", 1)
    pictures = load_square(read_folder(root, LABELS), 32)
    assert pictures.shape == (3, 32, 32, 3)
    assert pictures.dtype == np.uint8
    (root / "fire" / "000.png").write_bytes(b"gone")
    with pytest.raises(DataError, match=r"000\.png cannot be decoded"):
        load_square(read_folder(root, LABELS), 32)


def test_classes_are_the_folders(tmp_path: Path) -> None:
    root = class_folders.make(tmp_path / "data", 1)
    (root / "manifest.csv").write_text("file\n")
    assert class_names(root) == ["fire", "no-fire", "start-fire"]
    with pytest.raises(DataError, match="no folder in it"):
        class_names(root / "fire")
    with pytest.raises(DataError, match="not a folder"):
        class_names(root / "gone")
