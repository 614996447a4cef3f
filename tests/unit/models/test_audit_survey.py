"""What each picture of a folder is like."""

from __future__ import annotations

from pathlib import Path
from typing import Dict, Tuple

import numpy as np
import pytest

from models.audit_survey import Survey, measured, survey
from models.data import Item
from tests.fakes import class_folders


def surveyed(root: Path) -> Survey:
    paths = sorted(path for path in root.rglob("*") if path.suffix)
    return survey(root, [Item(path, path.parent.name, str(path), "s") for path in paths])


def test_measures_of_plain_pictures() -> None:
    found = measured(np.full((20, 30, 3), 128, np.uint8))
    assert found == {
        "width": 30,
        "height": 20,
        "brightness": 128,
        "contrast": 0,
        "saturation": 0,
        "warm": 0,
    }


@pytest.mark.parametrize(
    ("colour", "warm"), [((0, 80, 255), 1), ((0, 200, 255), 1), ((255, 80, 0), 0), ((0, 20, 70), 0)]
)
def test_flames_are_warm_and_dark_or_blue_is_not(colour: Tuple[int, int, int], warm: float) -> None:
    assert measured(np.full((8, 8, 3), colour, np.uint8))["warm"] == warm


def test_why_pictures_cannot_be_read(tmp_path: Path) -> None:
    root = class_folders.make(tmp_path, 1)
    files: Dict[str, bytes] = {
        "empty.jpg": b"",
        "page.png": b"<html>not found</html>",
        "torn.png": b"\x89PNG\r\n\x1a\n",
        "rotten.jpg": b"\xff\xd8\xff\xe0 rotten \xff\xd9",
    }
    for name, content in files.items():
        (root / "fire" / name).write_bytes(content)
    (root / "fire" / "folder.jpg").mkdir()
    found = surveyed(root)
    assert len(found.facts) == 3
    assert dict(found.unreadable) == {
        "fire/empty.jpg": "the file is empty",
        "fire/folder.jpg": "cannot be opened: Is a directory",
        "fire/page.png": "no picture: begins with b'<html>no'",
        "fire/rotten.jpg": "damaged JPEG",
        "fire/torn.png": "cut short: the end of the PNG is missing",
    }
