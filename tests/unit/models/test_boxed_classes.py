"""Which class a boxed picture is of, and which pictures are of none."""

from __future__ import annotations

from pathlib import Path
from typing import FrozenSet, Optional, Tuple

import cv2
import numpy as np
import pytest

from agent.domain.box import Box
from models.boxed_classes import classed
from models.boxed_pictures import Scene, Thing, read_yolo
from models.data import DataError
from tests.fakes import boxed_fires

BOTH = frozenset(("fire", "smoke"))
STREET, GLOW = boxed_fires.STREET, boxed_fires.FLAMES


def square(label: str, share: float) -> Thing:
    side = share**0.5
    return Thing(label, Box(0.0, 0.0, side, side))


def judged(
    folder: Path,
    *things: Thing,
    colour: Tuple[int, int, int] = STREET,
    labelled: FrozenSet[str] = BOTH,
) -> Optional[str]:
    path = folder / "one.png"
    cv2.imwrite(str(path), np.full((50, 50, 3), colour, np.uint8))
    found = classed(folder, [Scene(path, things, labelled)])
    return found[0].label if found else None


@pytest.mark.parametrize(
    ("things", "label"),
    [
        ((square("fire", 0.031),), "fire"),
        ((square("fire", 0.02), square("fire", 0.02)), "fire"),
        ((square("fire", 0.5), square("smoke", 0.8)), "fire"),
        ((square("fire", 0.029),), "start-fire"),
        ((square("fire", 0.006),), "start-fire"),
        ((square("fire", 0.004),), None),
        ((square("fire", 0.004), square("smoke", 0.3)), None),
        ((square("smoke", 0.3),), "start-fire"),
        ((square("smoke", 0.004),), None),
        ((square("smoke", 0.95),), None),
        ((), "no-fire"),
    ],
)
def test_what_is_boxed_says_which_class_it_is(
    tmp_path: Path, things: Tuple[Thing, ...], label: Optional[str]
) -> None:
    assert judged(tmp_path, *things) == label


def test_small_flames_in_the_glow_of_larger_ones_are_of_no_class(tmp_path: Path) -> None:
    assert judged(tmp_path, square("fire", 0.02), colour=GLOW) is None
    assert judged(tmp_path, square("fire", 0.04), colour=GLOW) == "fire"


@pytest.mark.parametrize("labelled", [frozenset(("fire",)), frozenset(("smoke",))])
def test_where_not_all_was_looked_for_only_flames_say_anything(
    tmp_path: Path, labelled: FrozenSet[str]
) -> None:
    assert judged(tmp_path, labelled=labelled) is None
    assert judged(tmp_path, square("smoke", 0.3), labelled=labelled) is None
    assert judged(tmp_path, square("fire", 0.3), labelled=labelled) == "fire"


def test_group_and_source_are_the_manifest_s(tmp_path: Path) -> None:
    root = boxed_fires.make(tmp_path / "boxed", 4)
    (root / "manifest.csv").write_text("file,group,source_repo\nimages/1.png,g7,somebody/fires\n")
    found = {item.path.stem: item for item in classed(root, read_yolo(root))}
    assert {name: item.label for name, item in found.items()} == {
        "0": "no-fire", "1": "fire", "2": "fire", "3": "fire",
    }  # fmt: skip
    assert (found["1"].group, found["1"].source, found["2"].source) == ("g7", "somebody/fires", "boxed")


def test_a_picture_that_must_be_looked_at_and_cannot_is_named(tmp_path: Path) -> None:
    path = tmp_path / "bad.png"
    path.write_bytes(b"no picture")
    with pytest.raises(DataError, match=r"bad\.png cannot be decoded"):
        classed(tmp_path, [Scene(path, (square("fire", 0.02),), BOTH)])
