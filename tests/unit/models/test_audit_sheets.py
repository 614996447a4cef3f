"""Contact sheets and the page that holds them."""

from __future__ import annotations

import re
from pathlib import Path
from typing import List

import numpy as np
import pytest

from models.audit_findings import document
from models.audit_page import SHOWN, page, plot
from models.audit_sheets import ACROSS, COLUMNS, ROWS, draw_sheets, fitting, sheet
from models.audit_survey import Facts, survey
from models.data import class_names, read_folder, read_picture
from tests.fakes import class_folders


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return class_folders.make(tmp_path / "data", 3)


def facts(root: Path) -> List[Facts]:
    return survey(root, read_folder(root, class_names(root))).facts


def test_a_cell_shows_its_picture_and_a_vanished_one_stays_white(root: Path) -> None:
    drawn = sheet([(root / "fire" / "000.png", ["000"]), (root / "gone.png", ["gone"])])
    assert drawn.shape[0] < 2 * 148
    blue, green, red = drawn[20:100, 20:100].reshape(-1, 3).mean(0)
    assert red > 180 > 60 > max(blue, green)
    assert (drawn[20:100, 152:232] == 255).all()


def test_a_class_has_as_many_pages_as_asked_for(root: Path, tmp_path: Path) -> None:
    many = facts(root)[:1] * (COLUMNS * ROWS + 1)
    assert len(draw_sheets(tmp_path / "all", many, [], 0, 1)["fire"]) == 2
    assert len(draw_sheets(tmp_path / "one", many, [], 1, 1)["fire"]) == 1


def test_which_pictures_are_shown_depends_on_the_seed(root: Path, tmp_path: Path) -> None:
    many = facts(class_folders.make(tmp_path / "more", COLUMNS * ROWS + 5))
    pages = [
        draw_sheets(tmp_path / name, many, [], 1, seed)["fire"][0].read_bytes()
        for name, seed in (("a", 1), ("b", 1), ("c", 2))
    ]
    assert pages[0] == pages[1]
    assert pages[0] != pages[2]


def test_pairs_lie_side_by_side(root: Path, tmp_path: Path) -> None:
    (drawn,) = draw_sheets(tmp_path / "s", facts(root), [["fire/000.png", "no-fire/001.png"]], 1, 1)[ACROSS]
    picture = read_picture(drawn)
    assert picture is not None
    left, right = picture[20:100, 20:100].mean((0, 1)), picture[20:100, 152:232].mean((0, 1))
    assert left[2] > 180
    assert right[2] < 60


def test_names_are_text_in_the_page(root: Path, tmp_path: Path) -> None:
    (root / "fire" / "<script>.jpg").write_bytes(b"<script>")
    found = survey(root, read_folder(root, class_names(root)))
    findings = document(root, class_names(root), found, [], {}, [one.item for one in found.facts])
    text = page(findings, found.facts, draw_sheets(tmp_path / "s", found.facts, [], 1, 1))
    assert "<script>" not in text
    assert "&lt;script&gt;.jpg" in text


def test_a_long_list_is_cut(root: Path) -> None:
    found = survey(root, read_folder(root, class_names(root)))
    findings = document(root, class_names(root), found, [], {}, [one.item for one in found.facts])
    findings["unreadable"] = [{"file": str(n), "reason": "?"} for n in range(SHOWN + 3)]
    assert "and 3 more in audit.json" in page(findings, found.facts, {})


def test_splits_are_told(root: Path) -> None:
    found = survey(root, read_folder(root, class_names(root)))
    findings = document(root, class_names(root), found, [], {}, [one.item for one in found.facts])
    assert "Splits" not in page(findings, found.facts, {})
    findings["splits"] = [{"file": "mine.csv", "parts": {"train": 701, "test": 15}}]
    assert re.search(r"mine\.csv</th><td[^>]*>701</td><td[^>]*>0</td>", page(findings, found.facts, {}))


def test_each_sheet_says_what_it_shows(root: Path, tmp_path: Path) -> None:
    found = survey(root, read_folder(root, class_names(root)))
    findings = document(root, class_names(root), found, [], {}, [one.item for one in found.facts])
    sheets = draw_sheets(tmp_path / "s", found.facts, [["fire/000.png", "no-fire/001.png"]], 1, 1)
    text = page(findings, found.facts, sheets)
    assert 'alt="Sheet 1 of 1: pictures of start-fire"' in text
    assert 'alt="Sheet 1 of 1: pictures that look alike and are labelled otherwise, side by side"' in text
    assert text.count("<img") == 4 + 4  # measures, sheets
    findings["labels"]["start-fire"] = COLUMNS * ROWS + 1
    assert f"{COLUMNS * ROWS} of {COLUMNS * ROWS + 1} drawn by chance" in page(findings, found.facts, sheets)


def test_a_plot_has_a_row_of_each_source_and_class(tmp_path: Path) -> None:
    rows = {("owner/" + "long-" * 20, "fire"): [1.0, 2.0], ("town", "no-fire"): [3.0]}
    heights = []
    for some in (dict([next(iter(rows.items()))]), rows):
        (tmp_path / "plot.png").write_bytes(plot("width", some))
        picture = read_picture(tmp_path / "plot.png")
        assert picture is not None
        assert np.unique(picture).size > 2
        heights.append(picture.shape[0])
    assert heights[0] < heights[1]


def test_a_name_is_cut_in_its_middle() -> None:
    assert fitting("frame_0012") == "frame_0012"
    assert fitting("camera-north-2026-11-27-0012") == "camera-no..1-27-0012"
