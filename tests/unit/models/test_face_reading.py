from __future__ import annotations

from pathlib import Path
from typing import List

import numpy as np
import pytest

from models.data import DataError
from models.face_reading import Pair, read_pairs, trials_of


def listed(folder: Path, text: str) -> Path:
    path = folder / "pairs.csv"
    path.write_text(text, encoding="utf-8")
    return path


def test_reads_pairs(tmp_path: Path) -> None:
    path = listed(tmp_path, "file_a,file_b,same\na.jpg,b.jpg,1\na.jpg,c.jpg,0\n")
    assert read_pairs(path) == [Pair("a.jpg", "b.jpg", True), Pair("a.jpg", "c.jpg", False)]


def test_reads_folds_and_a_byte_order_mark(tmp_path: Path) -> None:
    path = listed(tmp_path, "\ufefffold,file_a,file_b,same\n1,a,b,1\n2,c,d,0\n")
    assert [pair.fold for pair in read_pairs(path)] == ["1", "2"]


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("file_a,file_b\na,b\n", "line 2: needs columns"),
        ("file_a,file_b,same\na,b,1\na,c,yes\n", "line 3: needs columns"),
        ("file_a,file_b,same\na,,1\n", "line 2: needs columns"),
        ("file_a,file_b,same\na,b,1\n", "needs pairs of one person"),
        ("", "needs pairs of one person"),
    ],
)
def test_refuses_other_files(tmp_path: Path, text: str, problem: str) -> None:
    with pytest.raises(DataError, match=problem):
        read_pairs(listed(tmp_path, text))


def test_refuses_what_is_no_text(tmp_path: Path) -> None:
    path = tmp_path / "pairs.csv"
    path.write_bytes(b"\xff\xfe\x00\xd8")
    with pytest.raises(DataError, match="cannot be read as CSV"):
        read_pairs(path)
    with pytest.raises(DataError, match="cannot be read as CSV"):
        read_pairs(tmp_path / "missing.csv")


PAIRS = [Pair("a1", "a2", True), Pair("a2", "a3", True), Pair("a1", "b1", False), Pair("b1", "c1", False)]


def test_a_person_is_what_pairs_of_one_person_link() -> None:
    people = trials_of(PAIRS, {}).people.tolist()
    (a, _), _, (a1, b), (b1, c) = people
    assert people[0] == people[1] == [a, a]
    assert (a1, b1) == (a, b)
    assert len({a, b, c}) == 3


def test_distances_are_euclidean_and_a_missing_face_is_far() -> None:
    embeddings = {name: np.full(4, value, np.float32) for name, value in [("a1", 0), ("a2", 0.5), ("b1", 1)]}
    assert trials_of(PAIRS, embeddings).distances.tolist() == [1.0, np.inf, 2.0, np.inf]


def test_folds_are_the_lists_own_where_it_has_some() -> None:
    pairs: List[Pair] = [Pair("a", "b", True, "one"), Pair("c", "d", False, "two")]
    assert trials_of(pairs, {}).folds.tolist() == [[0, 0], [1, 1]]


def test_else_a_person_is_in_one_fold() -> None:
    trials = trials_of(PAIRS, {})
    folds = dict(zip(trials.people.ravel().tolist(), trials.folds.ravel().tolist()))
    assert trials.folds.ravel().tolist() == [folds[person] for person in trials.people.ravel().tolist()]
