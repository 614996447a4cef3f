"""`python -m models data` on made-up folders."""

from __future__ import annotations

import csv
import json
from collections import Counter
from pathlib import Path
from typing import Any, Dict, List, Tuple

import pytest
from typer import Typer

from models import split
from models.audit import ENOUGH, data
from models.data import DataError, Item, class_names, read_folder
from tests.fakes import class_folders
from tests.fakes.cli import runner
from tests.fakes.html_page import HtmlPage
from tests.unit.models.test_audit_findings import brighter

app = Typer()
app.command()(data)

LABELS = ("fire", "no-fire", "start-fire")
SOURCES = ("few", "town a", "town b")
Run = Tuple[Path, Path, Dict[str, Any]]


def run(*arguments: object) -> Dict[str, Any]:
    ran = runner().invoke(app, [*map(str, arguments), "--json"], catch_exceptions=False)
    assert ran.exit_code == 0
    return dict(json.loads(ran.stdout))


def sourced(root: Path) -> Path:
    """Two sources with ENOUGH of two classes, and one with too few; "town b" has a near-duplicate of a
    picture of "town a", and there are copies within each source."""
    class_folders.make(root, 3 * ENOUGH)
    rows: List[Tuple[str, str]] = []
    for label in LABELS:
        for number, path in enumerate(sorted((root / label).iterdir())):
            source = SOURCES[number // ENOUGH]
            if label == "start-fire" or (source == "few" and label == "fire" and number < 5):
                path.unlink()
            else:
                rows.append((f"{label}/{path.name}", source))
                if number % ENOUGH < 3:
                    (root / label / f"copy-{path.name}").write_bytes(path.read_bytes())
                    rows.append((f"{label}/copy-{path.name}", source))
    (root / "fire" / "059.png").write_bytes(brighter(root / "fire" / "039.png"))
    with (root / "manifest.csv").open("w", newline="") as file:
        csv.writer(file).writerows([("file", "source_repo"), *rows])
    return root


@pytest.fixture(scope="module")
def ran(tmp_path_factory: pytest.TempPathFactory) -> Run:
    """The folder, --out, and what was printed."""
    folder = tmp_path_factory.mktemp("audit")
    root, out = sourced(folder / "data"), folder / "out"
    return root, out, run(root, "--out", out, "--split-to", folder / "splits" / "mine.csv", "--cross-source")


def items_of(root: Path) -> List[Item]:
    return read_folder(root, LABELS)


def test_the_findings_are_written_and_printed(ran: Run) -> None:
    _, out, found = ran
    assert found["labels"] == {"fire": 3 * ENOUGH - 5 + 6, "no-fire": 3 * ENOUGH + 9, "start-fire": 0}
    assert found == json.loads((out / "audit.json").read_text())
    page = HtmlPage((out / "audit.html").read_text())
    sheets = [one for one in page.of("img") if one["src"].startswith("data:image/jpeg;base64,")]
    assert len(sheets) == len(list((out / "sheets").iterdir())) == 2
    assert "split-without-town-a.csv" in " ".join(page.words)


def test_the_split_holds_copies_together_and_is_read_as_written(ran: Run) -> None:
    root, out, found = ran
    file = out.parent / "splits" / "mine.csv"
    assert found["splits"][0]["file"] == str(file)
    assert set(found["splits"][0]["parts"]) == set(split.PARTS)
    with file.open(newline="") as opened:
        rows = list(csv.DictReader(opened))
    assert list(rows[0]) == ["sha256", "label", "group", "part"]
    items = items_of(root)
    parts = {item.path: part for item, part in zip(items, split.read(file, items))}
    groups: Dict[str, str] = {}
    for row in rows:
        assert groups.setdefault(row["group"], row["part"]) == row["part"]
    assert parts[root / "fire" / "059.png"] == parts[root / "fire" / "039.png"]


def test_each_source_with_enough_of_two_classes_is_held_out(ran: Run) -> None:
    root, out, found = ran
    names = [Path(one["file"]).name for one in found["splits"][1:]]
    assert names == ["split-without-town-a.csv", "split-without-town-b.csv"]
    items = items_of(root)
    parts = split.read(out / "split-without-town-b.csv", items)
    assert {part for item, part in zip(items, parts) if item.source == "town b"} == {"test"}
    others = Counter(part for item, part in zip(items, parts) if item.source != "town b")
    assert set(others) == {"train", "val", split.LEFT_OUT}
    assert others["val"] == pytest.approx(0.15 * sum(others.values()), abs=5)


def test_what_is_like_a_source_that_is_held_out_is_left_out(ran: Run) -> None:
    root, out, found = ran
    assert [one["parts"][split.LEFT_OUT] for one in found["splits"][1:]] == [1, 1]
    items = items_of(root)
    parted = split.parted(items, out / "split-without-town-b.csv", 0)
    left = {item.path.name for item in items} - {
        item.path.name for part in parted.values() for item in part if item.label == "fire"
    }
    assert "039.png" in left
    assert sum(map(len, parted.values())) == len(items) - 1


def test_a_split_is_written_over_only_by_force_and_is_the_same_wherever_the_folder_lies(
    ran: Run, tmp_path: Path
) -> None:
    root = sourced(tmp_path / "elsewhere" / "data")
    file = tmp_path / "split.csv"
    file.write_text("mine")
    with pytest.raises(DataError, match=r"split\.csv is there.*--force"):
        run(root, "--out", tmp_path / "out", "--split-to", file)
    assert file.read_text() == "mine"
    run(root, "--out", tmp_path / "out", "--split-to", file, "--force", "--pages", 1)
    assert file.read_text() == (ran[1].parent / "splits" / "mine.csv").read_text()
    assert not any(str(tmp_path) in line for line in file.read_text().splitlines())


def test_people_get_a_table_and_what_cannot_be_read(tmp_path: Path) -> None:
    root = class_folders.make(tmp_path / "data", 2)
    (root / "fire" / "torn[1].jpg").write_bytes(b"\xff\xd8\xff\xe0")
    done = runner().invoke(app, [str(root), "--out", str(tmp_path / "out")], catch_exceptions=False)
    assert "unreadable       1" in done.stdout
    assert "torn[1].jpg: cut short: the end of the JPEG" in done.stdout
    assert "audit.html" in done.stdout


def test_without_sources_there_is_nothing_to_hold_out(tmp_path: Path) -> None:
    root = class_folders.make(tmp_path / "data", ENOUGH)
    with pytest.raises(DataError, match="--cross-source needs a source"):
        run(root, "--out", tmp_path / "out", "--cross-source")


def test_findings_are_not_written_among_the_classes(tmp_path: Path) -> None:
    root = class_folders.make(tmp_path / "data", 1)
    with pytest.raises(DataError, match="choose --out elsewhere"):
        run(root, "--out", root / "audit")
    assert class_names(root) == list(LABELS)


def test_a_folder_of_which_nothing_can_be_read_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "data" / "fire").mkdir(parents=True)
    (tmp_path / "data" / "fire" / "empty.jpg").write_bytes(b"")
    with pytest.raises(DataError, match="none of the 1 pictures"):
        run(tmp_path / "data", "--out", tmp_path / "out")
