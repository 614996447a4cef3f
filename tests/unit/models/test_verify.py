from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer import Typer

from agent.errors import BundleError
from agent.inference.bundle import sha256_of
from models.data import DataError
from models.verify import verify
from tests.fakes import class_folders
from tests.fakes.bundles import colour_bundle
from tests.fakes.cli import runner

app = Typer()
app.command()(verify)


@pytest.fixture
def bundle(tmp_path: Path) -> str:
    return str(colour_bundle(tmp_path / "colour"))


def test_the_document_has_every_figure(tmp_path: Path, bundle: str) -> None:
    data = class_folders.make(tmp_path / "data", 4)
    ran = runner().invoke(app, [bundle, str(data), "--json"], catch_exceptions=False)
    found = json.loads(ran.stdout)
    assert found["n"] == 12
    assert found["accuracy"] == 1.0
    assert found["macro_f1"] == 1.0
    assert found["fire_or_not_accuracy"] == 1.0
    assert set(found["recall"]) == {"fire", "start-fire", "no-fire"}
    assert sum(map(sum, found["confusion"])) == 12
    assert found["median_ms"] > 0
    assert found["unreadable"] == []


def test_people_get_a_table(tmp_path: Path, bundle: str) -> None:
    data = class_folders.make(tmp_path / "data", 2)
    ran = runner().invoke(app, [bundle, str(data)], catch_exceptions=False)
    assert ran.exit_code == 0
    assert "accuracy" in ran.stdout
    assert "start-fire" in ran.stdout


def test_unreadable_pictures_are_named_and_left_out(tmp_path: Path, bundle: str) -> None:
    data = class_folders.make(tmp_path / "data", 2)
    (data / "fire" / "torn.jpg").write_bytes(b"\xff\xd8\xff\xe0")
    ran = runner().invoke(app, [bundle, str(data), "--json"], catch_exceptions=False)
    found = json.loads(ran.stdout)
    assert found["n"] == 6
    assert found["unreadable"] == [str(data / "fire" / "torn.jpg")]


def test_one_class_alone_can_be_judged(tmp_path: Path, bundle: str) -> None:
    data = class_folders.make(tmp_path / "data", 2)
    for label in ("fire", "start-fire"):
        for picture in (data / label).iterdir():
            picture.unlink()
    ran = runner().invoke(app, [bundle, str(data), "--json"], catch_exceptions=False)
    assert json.loads(ran.stdout)["recall"]["no-fire"] == 1.0


def test_nothing_readable_is_an_error(tmp_path: Path, bundle: str) -> None:
    (tmp_path / "data" / "fire").mkdir(parents=True)
    (tmp_path / "data" / "fire" / "torn.jpg").write_bytes(b"x")
    with pytest.raises(DataError, match="none of the 1 pictures"):
        runner().invoke(app, [bundle, str(tmp_path / "data")], catch_exceptions=False)


def test_an_unknown_bundle_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(BundleError, match="no bundle"):
        runner().invoke(app, ["nowhere", str(tmp_path)], catch_exceptions=False)


def test_one_part_of_a_split_is_judged_alone(tmp_path: Path, bundle: str) -> None:
    data = class_folders.make(tmp_path / "data", 2)
    parts = dict(zip(sorted(data.rglob("*.*")), ["test", "val"] * 3))
    table = tmp_path / "split.csv"
    rows = [f"{sha256_of(path)},{path.parent.name},0,{part}" for path, part in parts.items()]
    table.write_text("\n".join(["sha256,label,group,part", *rows]))

    def judged(*more: str) -> int:
        order = [bundle, str(data), "--json", "--split", str(table), *more]
        return int(json.loads(runner().invoke(app, order, catch_exceptions=False).stdout)["n"])

    assert judged() == list(parts.values()).count("test")
    assert judged("--part", "val") == list(parts.values()).count("val")
    for more, message in (
        (["--part", "train"], "none of the 6 pictures is in the part train"),
        (["--part", "tests"], "the parts of a split are train, val, test"),
        (["--split", str(tmp_path / "nowhere.csv")], "nowhere.csv is no file"),
    ):
        with pytest.raises(DataError, match=message):
            judged(*more)
