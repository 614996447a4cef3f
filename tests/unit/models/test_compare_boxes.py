"""`python -m models compare` on real bundles that box coloured cells."""

from __future__ import annotations

import csv
import json
import re
from pathlib import Path
from typing import Any, Dict, List

import numpy as np
import pytest
from typer import Typer

from models.compare import compare
from models.data import DataError
from tests.fakes import boxed_pictures
from tests.fakes.boxed_pictures import Cell
from tests.fakes.bundles import colour_bundle, embedding_bundle, write_bundle
from tests.fakes.cli import runner
from tests.fakes.object_bundles import cell_network, description, object_bundle

app = Typer()
app.command()(compare)

PICTURES: List[List[Cell]] = [[("person", 1, 2), ("dog", 7, 0)], [("person", 4, 4)], []]


@pytest.fixture(autouse=True)
def _pycocotools() -> None:
    pytest.importorskip("pycocotools", reason="pycocotools is not installed")


def ask(*arguments: object) -> str:
    ran = runner().invoke(app, [str(one) for one in arguments], catch_exceptions=False)
    assert ran.exit_code == 0
    return ran.stdout


def test_bundles_that_box_are_held_against_the_first(tmp_path: Path) -> None:
    file, images = boxed_pictures.coco(tmp_path / "coco", PICTURES)
    sees = object_bundle(tmp_path / "sees", name="sees")
    weights = 0.1 * np.eye(3, dtype=np.float32)[[2, 1, 0]]  # a green dog is a car to it
    swaps = write_bundle(tmp_path / "swaps", cell_network(weights), description(name="swaps"))
    out = tmp_path / "out"
    said = ask(sees, swaps, "--coco", file, "--images", images, "--out", out, "--rounds", 2)
    assert "mAP50" in said
    found: Dict[str, Any] = json.loads((out / "compare.json").read_text())
    first, second = found["bundles"]
    assert found["conditions"]["counts"] == {"boxes of person": 2, "boxes of dog": 1}
    assert first["quality"]["map50"] == pytest.approx(1.0)
    assert second["quality"]["map50"] == pytest.approx(0.5)
    assert second["quality"]["labels"]["dog"]["ap50"] == 0.0
    assert first["file_bytes"] > 100
    assert set(first["threads"]) == {"1", "2"}
    text = (out / "compare.md").read_text()
    assert re.search(r"^\| dog \| 1 \| 1\.000 \(.*\) \| 1\.000 \| 0\.000 ", text, re.MULTILINE)
    assert re.search(r"^\| swaps \| -0\.500 \| -0\.500 \|", text, re.MULTILINE)
    page = (out / "compare.html").read_text()
    assert page.count("data:image/png;base64,") == 2
    assert "Detectors compared" in page
    with (out / "compare.csv").open(newline="") as opened:
        rows = list(csv.DictReader(opened))
    assert [float(row["quality.labels.dog.ap50"]) for row in rows] == pytest.approx([1.0, 0.0])


def test_what_is_asked_wrongly_is_told_before_anything_is_measured(tmp_path: Path) -> None:
    root = boxed_pictures.yolo(tmp_path / "yolo", PICTURES)
    sees = object_bundle(tmp_path / "sees")
    cars = object_bundle(tmp_path / "cars", name="cars", labels=["bicycle", "truck", "cat"])
    out = ("--out", tmp_path / "out", "--rounds", 2)
    for arguments, message in (
        ((sees,), "say where pictures with boxes are"),
        ((sees, "--yolo", root, "--run", f"squares={tmp_path}"), "--run is for bundles for fire"),
        ((sees, cars, "--yolo", root), "no label that all of the bundles have"),
        ((colour_bundle(tmp_path / "colours"),), "name by --data"),
        ((embedding_bundle(tmp_path / "face"),), "is a bundle for face-embedding"),
    ):
        with pytest.raises(DataError, match=message):
            ask(*arguments, *out)
    assert not (tmp_path / "out").exists()
