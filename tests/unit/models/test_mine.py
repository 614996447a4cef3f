"""`python -m models mine` on networks of colours: red is fire to the classifier, blue to the detector."""

from __future__ import annotations

import csv
from pathlib import Path
from typing import Dict, List

import cv2
import numpy as np
import pytest
from typer import Typer

from agent.inference.bundle import sha256_of
from models.data import DataError, read_folder
from models.mine import mine
from tests.fakes.bundles import colour_bundle
from tests.fakes.cli import runner
from tests.fakes.detector import GREEN
from tests.fakes.object_bundles import object_bundle

app = Typer()
app.command()(mine)


@pytest.fixture
def networks(tmp_path: Path) -> List[str]:
    classifier = colour_bundle(tmp_path / "colours")
    boxes = object_bundle(tmp_path / "boxes", labels=["person", "fire", "smoke"])
    return ["--bundle", str(classifier), "--boxes", str(boxes)]


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """A lamp (blue, and red around it) in a green street, a blue bin, and a street; a fire."""
    root = tmp_path / "pictures"
    street = np.full((256, 256, 3), GREEN, np.uint8)
    lamp, bin_ = street.copy(), street.copy()
    lamp[80:144, 80:144] = (0, 0, 255)
    lamp[96:128, 96:128] = (255, 0, 0)
    bin_[96:128, 96:128] = (255, 0, 0)
    for label, pictures in (
        ("no-fire", {"lamp": lamp, "bin": bin_, "street": street}),
        ("fire", {"lit": lamp[::2]}),
    ):
        (root / label).mkdir(parents=True)
        for name, picture in pictures.items():
            cv2.imwrite(str(root / label / f"{name}.png"), picture)
    return root


def run(*arguments: object) -> str:
    ran = runner().invoke(app, [str(one) for one in arguments], catch_exceptions=False)
    assert ran.exit_code == 0
    return ran.stdout


def listed(out: Path) -> List[Dict[str, str]]:
    with (out / "manifest.csv").open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def test_what_looks_like_fire_where_there_is_none_is_kept(
    networks: List[str], data: Path, tmp_path: Path
) -> None:
    out = tmp_path / "mined"
    assert run("--data", data, "--out", out, *networks).startswith(
        "1 views of 1 of 3 pictures look like fire"
    )
    (row,) = listed(out)
    assert row["file"] == "no-fire/pictures-lamp-0.jpg"
    assert float(row["danger"]) > 0.15
    (item,) = read_folder(out, ("no-fire",))
    view = cv2.imread(str(item.path))
    assert view.shape[1] == 384
    red = (view[..., 2] > 150) & (view[..., 1] < 60)
    assert red.mean() > 0.5, "close to the lamp"


def test_another_search_adds_to_what_is_there(networks: List[str], data: Path, tmp_path: Path) -> None:
    out = tmp_path / "mined"
    run("--data", data, "--out", out, *networks)
    moved = data.rename(tmp_path / "others")
    for _ in range(2):
        run("--data", moved, "--out", out, *networks)
    names = [row["file"] for row in listed(out)]
    assert names == ["no-fire/pictures-lamp-0.jpg", "no-fire/others-lamp-0.jpg"]
    assert len(read_folder(out, ("no-fire",))) == 2


def test_where_nothing_looks_like_fire_nothing_is_written(
    networks: List[str], data: Path, tmp_path: Path
) -> None:
    said = run("--data", data, "--out", tmp_path / "mined", "--least", 1, *networks)
    assert said.startswith("0 views of 0 of 3")
    assert not (tmp_path / "mined").exists()


def test_of_a_split_the_training_part_alone_is_searched(
    networks: List[str], data: Path, tmp_path: Path
) -> None:
    lines = ["sha256,label,group,part"]
    parts = {"lamp": "val", "bin": "train", "street": "test"}
    lines += [
        f"{sha256_of(data / 'no-fire' / f'{name}.png')},no-fire,{name},{part}" for name, part in parts.items()
    ]
    lines.append(f"{sha256_of(data / 'fire' / 'lit.png')},fire,lit,train")
    (tmp_path / "split.csv").write_text("\n".join(lines) + "\n")
    said = run("--data", data, "--out", tmp_path / "mined", "--split", tmp_path / "split.csv", *networks)
    assert said.startswith("0 views of 0 of 1")


def test_pictures_of_fires_alone_are_refused(networks: List[str], data: Path, tmp_path: Path) -> None:
    for path in (data / "no-fire").iterdir():
        path.unlink()
    with pytest.raises(DataError, match="no pictures in no-fire"):
        run("--data", data, "--out", tmp_path / "mined", *networks)


def test_a_picture_that_is_none_is_named(networks: List[str], data: Path, tmp_path: Path) -> None:
    (data / "no-fire" / "bin.png").write_bytes(b"no picture")
    with pytest.raises(DataError, match=r"bin\.png cannot be decoded"):
        run("--data", data, "--out", tmp_path / "mined", *networks)
