"""The table of benchmarks.fire_robustness, of a classifier that reads colours."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import pytest
from typer import Typer

from agent.inference.bundle import load_bundle
from benchmarks.fire_robustness import AS_IT_IS, COLUMNS, main, measured
from models import split
from models.data import DataError, read_folder
from models.degrade import DEGRADATIONS
from tests.fakes import class_folders
from tests.fakes.bundles import colour_bundle
from tests.fakes.cli import runner

LABELS = ("fire", "start-fire", "no-fire")

app = Typer()
app.command()(main)


@pytest.fixture
def data(tmp_path: Path) -> Path:
    return class_folders.make(tmp_path / "classes", each=8)


@pytest.fixture
def bundle(tmp_path: Path) -> Path:
    return colour_bundle(tmp_path / "colours")


def test_it_writes_a_row_for_each_bundle_and_degradation(bundle: Path, data: Path, tmp_path: Path) -> None:
    items, out = read_folder(data, LABELS), tmp_path / "out"
    split.write(tmp_path / "split.csv", items, split.split_by_group(items, 6))
    arguments = [bundle, "--data", data, "--split", tmp_path / "split.csv", "--out", out, "--json"]
    ran = runner().invoke(app, [str(one) for one in arguments], catch_exceptions=False)
    said = json.loads(ran.stdout)
    assert said == json.loads((out / "fire-robustness.json").read_text())
    loaded = load_bundle(str(bundle)).manifest
    assert said["bundles"] == {loaded.name: loaded.sha256}
    assert [row["under"] for row in said["rows"]] == [AS_IT_IS, *(one.key for one in DEGRADATIONS)]
    assert {row["n"] for row in said["rows"]} == {said["pictures"]}
    with (out / "fire-robustness.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    assert [row["under"] for row in rows] == [row["under"] for row in said["rows"]]
    text = (out / "fire-robustness.md").read_text()
    assert text.count("\n| ") == len(rows) + 1
    assert "| 100.0 (" in text
    assert (out / "fire-robustness.png").read_bytes()[:4] == b"\x89PNG"
    assert (out / "fire-degradations.jpg").read_bytes()[:2] == b"\xff\xd8"


def test_what_needs_colour_is_worse_without(bundle: Path, data: Path) -> None:
    rows = {row.under: row for row in measured([load_bundle(str(bundle))], read_folder(data, LABELS))}
    clear, grey = rows[AS_IT_IS], rows["grey 1"]
    assert set(clear.shares) == set(clear.intervals) == set(COLUMNS)
    assert clear.shares["recall_of_fire"] == 1.0
    assert clear.shares["calm_alarmed"] == 0.0
    assert grey.shares["recall_of_fire"] < 1.0
    assert grey.shares["accuracy"] < clear.shares["accuracy"]
    for row in rows.values():
        burning, calm = row.shares["burning_told"], row.shares["calm_alarmed"]
        assert row.shares["fire_or_not"] == pytest.approx((burning * 16 + (1 - calm) * 8) / 24)


def test_a_part_without_pictures_and_a_picture_that_is_none_are_named(
    bundle: Path, data: Path, tmp_path: Path
) -> None:
    items = read_folder(data, LABELS)
    split.write(tmp_path / "split.csv", items, {item.group: "train" for item in items})
    arguments = [bundle, "--data", data, "--split", tmp_path / "split.csv", "--out", tmp_path / "out"]
    with pytest.raises(DataError, match="part test has no pictures"):
        runner().invoke(app, [str(one) for one in arguments], catch_exceptions=False)
    items[0].path.write_bytes(b"no picture")
    with pytest.raises(DataError, match="cannot be decoded"):
        measured([load_bundle(str(bundle))], items)
