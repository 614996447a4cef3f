"""`python -m models compare` on real bundles of a few hundred bytes."""

from __future__ import annotations

import csv
import json
import re
from base64 import b64decode
from pathlib import Path
from typing import Any, Dict

import cv2
import numpy as np
import pytest
from onnx import ModelProto
from typer import Typer

from agent.device.root import Root
from agent.errors import BundleError
from models import split
from models.compare import compare
from models.compare_conditions import machine
from models.compare_cost import named
from models.data import DataError, read_folder
from tests.fakes import class_folders
from tests.fakes.bundles import colour_bundle, colour_network, embedding_bundle, manifest, write_bundle
from tests.fakes.cli import runner
from tests.fakes.html_page import HtmlPage

app = Typer()
app.command()(compare)

EACH = 6
LABELS = ["fire", "start-fire", "no-fire"]
HOSTILE = "a<b>&"


def blind_network() -> ModelProto:
    """It sees no start of a fire: those are calm to it."""
    network = colour_network()
    bias = next(one for one in network.graph.initializer if one.name == "bias")
    bias.float_data[1] = -60.0
    return network


@pytest.fixture(scope="module")
def out(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of one comparison of two bundles, of a folder's part, with a run and a torn picture."""
    root = tmp_path_factory.mktemp("compare")
    data = class_folders.make(root / HOSTILE / "data", EACH)
    items = read_folder(data, LABELS)
    parts = {item.group: "train" if item.path.stem == "000" else "test" for item in items}
    torn = data / "no-fire" / "001.png"
    colour_bundle(root / "colours")
    write_bundle(root / "blind", blind_network(), manifest(name="blind"))
    run = root / "run"
    run.mkdir()
    history = [{"epoch": 1, "accuracy": 0.5, "loss": 1.0}, {"epoch": 2, "accuracy": 0.75, "loss": 0.5}]
    (run / "metrics.json").write_text(json.dumps({"history": history}))
    torn.write_bytes(b"torn")
    split.write(root / "split.csv", items, parts)
    arguments = [str(root / "colours"), str(root / "blind"), "--data", str(data), "--rounds", "2"]
    arguments += ["--split", str(root / "split.csv"), "--out", str(root / "out"), "--run", f"blind={run}"]
    ran = runner().invoke(app, arguments, catch_exceptions=False)
    assert ran.exit_code == 0
    assert "colours" in ran.stdout
    return root / "out"


@pytest.fixture(scope="module")
def document(out: Path) -> Dict[str, Any]:
    found: Dict[str, Any] = json.loads((out / "compare.json").read_text())
    return found


def test_each_bundle_has_its_figures(document: Dict[str, Any]) -> None:
    first, second = document["bundles"]
    assert [first["name"], second["name"]] == ["colours", "blind"]
    assert first["quality"]["accuracy"] == 1.0
    right, n = 2 * (EACH - 1) - 1, 3 * (EACH - 1) - 1
    assert second["quality"]["accuracy"] == pytest.approx(right / n)
    assert second["quality"]["recall"]["start-fire"] == 0.0
    assert second["quality"]["accuracy_gain"] == pytest.approx(right / n - 1)
    low, high = second["quality"]["accuracy_gain_interval"]
    assert low < second["quality"]["accuracy_gain"] < high < 0
    assert second["quality"]["false_alarms"] == 0.0
    assert second["quality"]["missed"] == pytest.approx(0.5)
    for one in (first, second):
        assert (one["macs"], one["parameters"]) == (9, 12)
        assert one["file_bytes"] > 100
        assert one["peak_memory_bytes"] > 0
        assert set(one["threads"]) == {"1", "2"}
        assert one["threads"]["2"]["per_second"] > 0


def test_it_says_of_what_and_where(document: Dict[str, Any]) -> None:
    known = document["conditions"]
    assert known["counts"] == {"fire": 5, "start-fire": 5, "no-fire": 4}
    assert known["pictures"] == 14
    assert known["part"] == "test"
    assert known["seed"] == 1
    assert known["machine"]
    assert known["cores"] >= 1
    assert set(known["versions"]) >= {"ONNX Runtime", "Python"}
    assert [Path(path).name for path in document["unreadable"]] == ["001.png"]


def test_the_page_needs_no_other_file(out: Path) -> None:
    page = HtmlPage((out / "compare.html").read_text())
    pictures = []
    for one in page.of("img"):
        kind, data = one["src"].split(",", 1)
        assert kind == "data:image/png;base64"
        pictures.append(cv2.imdecode(np.frombuffer(b64decode(data), np.uint8), cv2.IMREAD_COLOR))
    assert len(pictures) == 2 + 2 + 2 * 2 + 1  # trade-offs, alarms, two of each bundle, learning
    assert all(picture is not None and picture.std() > 1 for picture in pictures)


def test_what_has_a_meaning_in_html_is_only_text(out: Path) -> None:
    page = HtmlPage((out / "compare.html").read_text())
    assert not page.of("b")
    assert any(HOSTILE in words for words in page.words)


def test_markdown_has_a_row_of_each_bundle_in_each_table(out: Path) -> None:
    text = (out / "compare.md").read_text()
    tables = re.findall(r"(?:^\|.*\n)+", text, re.MULTILINE)
    assert len(tables) == 6 + 2
    for table in tables:
        assert len({line.count("|") for line in table.splitlines()}) == 1
    assert len(re.findall(r"^\| blind \|", text, re.MULTILINE)) == 6
    assert "001.png" in text
    assert "| start-fire | 0 | 0 | 5 |" in text


def test_csv_has_a_line_of_each_bundle(out: Path, document: Dict[str, Any]) -> None:
    with (out / "compare.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    assert [row["name"] for row in rows] == ["colours", "blind"]
    for row, one in zip(rows, document["bundles"]):
        assert float(row["quality.accuracy"]) == one["quality"]["accuracy"]
        assert float(row["quality.intervals.accuracy.low"]) == one["quality"]["intervals"]["accuracy"][0]
        assert float(row["threads.1.median_ms"]) == one["threads"]["1"]["median_ms"]
        assert None not in row


def test_one_class_alone_can_be_compared(tmp_path: Path) -> None:
    data = class_folders.make(tmp_path / "data", 2)
    for label in ("fire", "start-fire"):
        for picture in (data / label).iterdir():
            picture.unlink()
    folder = str(colour_bundle(tmp_path / "colours"))
    arguments = [folder, "--data", str(data), "--out", str(tmp_path / "out"), "--rounds", "2", "--json"]
    ran = runner().invoke(app, arguments, catch_exceptions=False)
    found = json.loads(ran.stdout)
    assert found["conditions"]["split"] is None
    assert found["bundles"][0]["quality"]["missed"] is None
    assert found["bundles"][0]["roc_area"] is None
    rows = re.findall(r"^\| colours .*", (tmp_path / "out" / "compare.md").read_text(), re.MULTILINE)
    assert [row.count(" - ") for row in rows[:2]] == [2, 3]  # two recalls; missed, area, precision


def test_bundles_of_one_name_are_told_apart_by_their_folders(tmp_path: Path) -> None:
    folders = [str(colour_bundle(tmp_path / name)) for name in ("one", "two")]
    assert list(named(folders)) == folders
    assert list(named(folders[:1])) == ["colours"]
    with pytest.raises(DataError, match="named twice"):
        named([folders[0], folders[0]])
    with pytest.raises(BundleError, match="face-embedding"):
        named([folders[0], str(embedding_bundle(tmp_path / "face"))])


def ask(root: Path, *more: str) -> None:
    folder = str(colour_bundle(root / "colours"))
    data = class_folders.make(root / "data", 1)
    arguments = [folder, "--data", str(data), "--out", str(root / "out"), *more]
    runner().invoke(app, arguments, catch_exceptions=False)


def test_what_is_asked_wrongly_is_told_before_anything_is_measured(tmp_path: Path) -> None:
    items = read_folder(class_folders.make(tmp_path / "given", 1), LABELS)
    file = tmp_path / "split.csv"
    split.write(file, items, {item.group: "train" for item in items})
    for number, (more, message) in enumerate(
        (
            (["--split", str(file), "--part", "tests"], "the parts of a split are train, val, test"),
            (["--split", str(tmp_path / "none.csv")], "is no file"),
            (["--split", str(file)], "none of the .* pictures is in the part test"),
            (["--run", "other=x"], "say BUNDLE=RUN, where BUNDLE is one of colours"),
            (["--run", f"colours={tmp_path}"], "has no history"),
        )
    ):
        with pytest.raises(DataError, match=message):
            ask(tmp_path / str(number), *more)
        assert not (tmp_path / str(number) / "out").exists()


def test_the_machine_is_named_by_what_is_known_of_it(tmp_path: Path) -> None:
    assert machine(Root(tmp_path))
    (tmp_path / "proc" / "device-tree").mkdir(parents=True)
    (tmp_path / "proc" / "cpuinfo").write_text("processor\t: 0\nmodel name\t: Fast One\n\nprocessor\t: 1\n")
    assert machine(Root(tmp_path)) == "Fast One"
    (tmp_path / "proc" / "device-tree" / "model").write_text("NVIDIA Jetson Xavier NX Developer Kit\0")
    assert machine(Root(tmp_path)) == "NVIDIA Jetson Xavier NX Developer Kit"
