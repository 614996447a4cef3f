"""What an audit says of a folder."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Dict, List, Tuple

import cv2
import numpy as np
import pytest

from models.audit_findings import contradictions, document
from models.audit_survey import survey
from models.data import class_names, read_folder, read_picture
from models.near import manifest_rows, near_pairs
from tests.fakes import class_folders


def audited(root: Path) -> Dict[str, Any]:
    labels = class_names(root)
    found = survey(root, read_folder(root, labels))
    pairs = near_pairs(np.concatenate([one.bits for one in found.facts]))
    return document(root, labels, found, pairs, manifest_rows(root), [one.item for one in found.facts])


def brighter(path: Path) -> bytes:
    """The picture as PNG, one grey level brighter: a near-duplicate that is no copy."""
    picture = read_picture(path)
    assert picture is not None
    return cv2.imencode(".png", cv2.add(picture, np.full_like(picture, 1)))[1].tobytes()


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return class_folders.make(tmp_path / "data", 3)


def test_pictures_that_differ_are_no_duplicates(root: Path) -> None:
    found = audited(root)
    assert found["copies"] == []
    assert found["near"] == {"up_to_bits": 8, "within": 0, "across": 0, "pairs": []}
    assert found["groups"] == {"groups": 9, "of_one": 9, "largest": 1, "of_several_labels": 0}
    assert contradictions(found) == []


def test_copies_and_near_duplicates_within_and_across_classes(root: Path) -> None:
    first = root / "fire" / "000.png"
    (root / "no-fire" / "copy.png").write_bytes(first.read_bytes())
    (root / "fire" / "again.png").write_bytes(brighter(first))
    found = audited(root)
    assert found["copies"] == [{"files": ["fire/000.png", "no-fire/copy.png"], "across": True}]
    assert (found["near"]["within"], found["near"]["across"]) == (1, 1)
    assert contradictions(found) == [
        ["fire/000.png", "no-fire/copy.png"],
        ["fire/again.png", "no-fire/copy.png"],
    ]


def test_sources_and_licences_are_counted_by_class(root: Path) -> None:
    (root / "manifest.csv").write_text("file,source_repo,license\nfire/000.png,web,MIT\n")
    assert audited(root)["sources"] == [
        {"source": "data", "licence": "not stated", "labels": {"fire": 2, "no-fire": 3, "start-fire": 3}},
        {"source": "web", "licence": "MIT", "labels": {"fire": 1, "no-fire": 0, "start-fire": 0}},
    ]


def test_a_manifest_that_is_not_of_the_folder_is_told(root: Path) -> None:
    (root / "fire" / "001.png").write_bytes(b"")
    (root / "manifest.csv").write_text("file,sha256\nfire/000.png,ff\nfire/001.png,ff\nfire/gone.png,ff\n")
    found = audited(root)["manifest"]
    assert found["rows"] == 3
    assert found["missing"] == ["fire/gone.png"]
    assert found["changed"] == ["fire/000.png"]
    assert "fire/002.png" in found["unlisted"]
    assert "fire/001.png" not in found["unlisted"]


def test_statistics_by_class_and_source(root: Path) -> None:
    rows: List[Tuple[str, int]] = [(one["label"], one["n"]) for one in audited(root)["statistics"]]
    assert rows == [("fire", 3), ("no-fire", 3), ("start-fire", 3)]
    fire = audited(root)["statistics"][0]
    assert fire["width"] == [48, 48, 48]
    low, middle, high = fire["saturation"]
    assert 0 < low <= middle <= high <= 1
