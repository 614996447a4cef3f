from __future__ import annotations

import csv
from collections import Counter
from pathlib import Path
from typing import Dict, List

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models import split
from models.data import DataError, Item, read_folder
from tests.fakes import class_folders

SPLITS = Path(split.__file__).parent / "splits"
LABELS = ("fire", "start-fire", "no-fire")


def items(groups: List[int]) -> List[Item]:
    return [Item(Path(f"{n}.png"), LABELS[g % 3], f"g{g}", f"s{g % 2}") for n, g in enumerate(groups)]


@given(st.lists(st.integers(0, 300), min_size=1, max_size=400), st.integers(0, 5))
def test_a_group_never_straddles_two_parts(groups: List[int], seed: int) -> None:
    found = split.split_by_group(items(groups), seed)
    assert set(found) == {f"g{g}" for g in groups}
    assert set(found.values()) <= set(split.PARTS)


def test_parts_have_their_shares_in_every_class() -> None:
    found = split.split_by_group(items(list(range(3000))), 1)
    counts = Counter((int(group[1:]) % 3, part) for group, part in found.items())
    for label in range(3):
        assert counts[label, "train"] == pytest.approx(700, abs=3)
        assert counts[label, "val"] == pytest.approx(150, abs=3)


def test_a_written_split_is_read_back_by_content_whatever_the_names(tmp_path: Path) -> None:
    root = class_folders.make(tmp_path / "data", 6)
    before = read_folder(root, LABELS)
    parts = split.split_by_group(before, 1)
    split.write(tmp_path / "split.csv", before, parts)
    (root / "fire" / "000.png").rename(root / "fire" / "renamed.png")
    after = read_folder(root, LABELS)
    by_content = dict(
        zip([item.path.read_bytes() for item in after], split.read(tmp_path / "split.csv", after))
    )
    for item in after:
        if item.path.name != "renamed.png":
            assert by_content[item.path.read_bytes()] == parts[item.group]


def test_a_picture_that_the_split_does_not_know_is_an_error(tmp_path: Path) -> None:
    root = class_folders.make(tmp_path / "data", 2)
    known = read_folder(root, LABELS)
    split.write(tmp_path / "split.csv", known[1:], split.split_by_group(known, 1))
    with pytest.raises(DataError, match="is not in it"):
        split.read(tmp_path / "split.csv", known)


def test_no_group_of_the_shipped_split_straddles_two_parts() -> None:
    with (SPLITS / "fire-cls.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    parts: Dict[str, str] = {}
    for row in rows:
        assert parts.setdefault(row["group"], row["part"]) == row["part"]
    assert len(rows) > 4000


@given(st.lists(st.integers(0, 60), min_size=1, max_size=200), st.integers(0, 5))
def test_a_source_that_is_held_out_is_the_test_part_and_nothing_like_it_trains(
    groups: List[int], seed: int
) -> None:
    mixed = [Item(one.path, one.label, one.group, f"s{n % 3}") for n, one in enumerate(items(groups))]
    parts = split.without_source(mixed, "s1", seed)
    held = {item.group for item in mixed if item.source == "s1"}
    by_group: Dict[str, str] = {}
    for item, part in zip(mixed, parts):
        assert (part == "test") == (item.source == "s1")
        assert (part == split.LEFT_OUT) == (item.source != "s1" and item.group in held)
        if item.group not in held:
            assert by_group.setdefault(item.group, part) == part


def test_the_doubtful_are_of_the_test_part_and_differ_from_their_label() -> None:
    with (SPLITS / "fire-cls.csv").open(newline="") as file:
        test = {row["sha256"]: row["label"] for row in csv.DictReader(file) if row["part"] == "test"}
    doubtful = split.doubtful(SPLITS / "doubtful-fire-cls.csv")
    assert doubtful
    for sha256, seen in doubtful.items():
        assert seen <= set(LABELS)
        assert seen != {test[sha256]}
