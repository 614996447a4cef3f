from __future__ import annotations

import json
from pathlib import Path
from typing import Any, List

import pytest
from typer import Typer

from models.data import DataError
from models.verify import verify
from tests.fakes import boxed_pictures
from tests.fakes.boxed_pictures import Cell
from tests.fakes.bundles import colour_bundle
from tests.fakes.cli import runner
from tests.fakes.object_bundles import object_bundle

app = Typer()
app.command()(verify)

ONE = pytest.approx(1.0)
PICTURES: List[List[Cell]] = [[("person", 1, 2), ("dog", 7, 0)], [("person", 4, 4)], []]


@pytest.fixture(autouse=True)
def _pycocotools() -> None:
    pytest.importorskip("pycocotools", reason="pycocotools is not installed")


@pytest.fixture
def bundle(tmp_path: Path) -> str:
    return str(object_bundle(tmp_path / "squares"))


def run(*arguments: object) -> str:
    ran = runner().invoke(app, [str(one) for one in arguments], catch_exceptions=False)
    assert ran.exit_code == 0
    return ran.stdout


def test_the_document_has_every_figure(tmp_path: Path, bundle: str) -> None:
    file, images = boxed_pictures.coco(tmp_path / "coco", PICTURES)
    found = json.loads(run(bundle, "--coco", file, "--images", images, "--json"))
    assert (found["bundle"], found["n"], found["unreadable"]) == ("squares", 3, [])
    assert (found["map50"], found["map50_95"]) == (ONE, ONE)
    assert set(found["labels"]) == {"person", "dog"}, "not the car: the file does not know it; nor the sheep"
    person = found["labels"]["person"]
    assert person.pop("ap50_interval") == pytest.approx([1.0, 1.0])
    assert person == {"ap50": ONE, "ap50_95": ONE, "boxes": 2, "pictures": 3}
    assert found["median_ms"] > 0


def test_people_get_a_table(tmp_path: Path, bundle: str) -> None:
    root = boxed_pictures.yolo(tmp_path / "yolo", [*PICTURES[:1], []])
    (root / "labels" / "day" / "0.txt").write_text("0 0.1875 0.3125 0.125 0.125\n")
    (root / "images" / "day" / "torn.png").write_bytes(b"\x89PNG")
    said = run(bundle, "--yolo", root)
    assert "squares 1 on 2 pictures" in said
    rows = [[cell.strip() for cell in line.split("│")[1:-1]] for line in said.splitlines()]
    assert ["person", "1", "2", "1.000", "1.000 to 1.000", "1.000"] in rows
    assert ["dog", "0", "2", "-", "-", "-"] in rows
    assert "torn.png" in said


@pytest.mark.parametrize(
    "arguments", [[], ["--coco", "a"], ["--images", "a"], ["--coco", "a", "--images", "b", "--yolo", "c"]]
)
def test_the_pictures_must_be_said_in_one_way(bundle: str, arguments: List[str]) -> None:
    with pytest.raises(DataError, match="say where pictures with boxes are"):
        run(bundle, *arguments)


def test_pictures_of_other_things_prove_nothing(tmp_path: Path, bundle: str) -> None:
    root = boxed_pictures.yolo(tmp_path / "yolo", PICTURES)
    (root / "data.yaml").write_text("names: [sheep, cow]")
    with pytest.raises(DataError, match="labelled for cow, sheep, none of which the model has"):
        run(bundle, "--yolo", root)


def test_where_no_picture_can_be_read_that_is_said(tmp_path: Path, bundle: str) -> None:
    file, images = boxed_pictures.coco(tmp_path / "coco", PICTURES)
    with pytest.raises(DataError, match="none of the 3 pictures can be read"):
        run(bundle, "--coco", file, "--images", images / "elsewhere")


def test_other_bundles_are_told_what_they_need(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="is a bundle for face-detection"):
        run("yunet", tmp_path)
    fire: Any = colour_bundle(tmp_path / "colours")
    with pytest.raises(DataError, match="name the folder that holds a folder of pictures per class"):
        run(fire)
