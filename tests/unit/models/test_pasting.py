"""What is cut out of boxed pictures, what it is pasted into, and what the result is called."""

from __future__ import annotations

import random
from pathlib import Path
from typing import Any, Dict, List, Tuple

import cv2
import numpy as np
import pytest

from agent.domain.box import Box
from agent.inference.manifest import FIRE_LABELS
from agent.ports import Picture
from models.boxed_pictures import Scene, Thing, read_yolo
from models.data import DataError
from models.near import hashes
from models.pasting import START_FIRE, Paster, boxed_scenes, cuts, pasted
from tests.fakes import boxed_fires

BOTH = frozenset(("fire", "smoke"))
CALM = np.zeros((3, 96, 96, 3), np.uint8)
CUT: Dict[str, List[Picture]] = {
    "fire": [np.full((40, 40, 3), boxed_fires.FLAMES, np.uint8)],
    "smoke": [],
}


def scene(folder: Path, colour: Tuple[int, int, int], *things: Thing, labelled: Any = BOTH) -> Scene:
    path = folder / "one.png"
    cv2.imwrite(str(path), np.full((100, 100, 3), colour, np.uint8))
    return Scene(path, things, labelled)


def test_flames_and_smoke_are_cut_where_they_were_boxed(tmp_path: Path) -> None:
    found = cuts(read_yolo(boxed_fires.make(tmp_path / "boxed", 8, scale=2)))
    assert {kind: len(some) for kind, some in found.items()} == {"fire": 6, "smoke": 6}
    assert (found["fire"][0] == boxed_fires.FLAMES).all()
    assert (found["smoke"][0] == boxed_fires.SMOKE).all()


@pytest.mark.parametrize(
    ("colour", "box"),
    [
        (boxed_fires.FLAMES, Box(0.1, 0.1, 0.3, 0.3)),  # too small
        (boxed_fires.FLAMES, Box(0.0, 0.1, 1.0, 0.35)),  # too long
        ((200, 200, 200), Box(0.1, 0.1, 0.5, 0.5)),  # in no colour of fire
    ],
)
def test_what_nobody_would_know_for_flames_is_not_cut(
    tmp_path: Path, colour: Tuple[int, int, int], box: Box
) -> None:
    assert cuts([scene(tmp_path, colour, Thing("fire", box))]) == {"fire": [], "smoke": []}


def test_smoke_is_cut_alone_where_no_flames_can_be_in_it(tmp_path: Path) -> None:
    smoke, flames = Thing("smoke", Box(0, 0, 0.5, 0.5)), Thing("fire", Box(0.4, 0.4, 0.8, 0.8))
    clear = scene(tmp_path, boxed_fires.SMOKE, smoke)
    assert len(cuts([clear])["smoke"]) == 1
    assert cuts([scene(tmp_path, boxed_fires.SMOKE, smoke, flames)])["smoke"] == []
    assert cuts([scene(tmp_path, boxed_fires.SMOKE, smoke, labelled={"smoke"})])["smoke"] == []


def test_large_cuts_are_kept_small(tmp_path: Path) -> None:
    path = tmp_path / "large.png"
    cv2.imwrite(str(path), np.full((400, 600, 3), boxed_fires.FLAMES, np.uint8))
    found = cuts([Scene(path, (Thing("fire", Box(0, 0, 1, 1)),), BOTH)])
    assert found["fire"][0].shape == (85, 128, 3)


def test_a_picture_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    path = tmp_path / "torn.png"
    path.write_bytes(b"\x89PNG")
    with pytest.raises(DataError, match=r"torn\.png cannot be decoded"):
        cuts([Scene(path, (Thing("fire", Box(0, 0, 1, 1)),), BOTH)])


def test_what_looks_like_a_picture_that_judges_is_never_cut(tmp_path: Path) -> None:
    root = boxed_fires.make(tmp_path / "boxed", 8)
    rows = [f"images/{number}.png,{(number % 2) * (2**64 - 1):016x}" for number in range(8)]
    (root / "manifest.csv").write_text("file,phash\n" + "\n".join(rows) + "\n")
    held = hashes([{"phash": "f" * 16}])
    every = boxed_scenes(root, None, 1, hashes([]))
    fresh = boxed_scenes(root, None, 1, held)
    assert {int(one.path.stem) % 2 for one in every} == {0, 1}
    assert {int(one.path.stem) % 2 for one in fresh} == {0}


def covered(picture: Picture) -> float:
    """The share of the picture that the box around all that is not black covers."""
    rows, columns = np.nonzero(picture.any(axis=2))
    return float(np.ptp(rows) + 1) * float(np.ptp(columns) + 1) / picture[..., 0].size if len(rows) else 0.0


def test_flames_below_the_bound_are_a_start_fire_above_it_a_fire_and_the_control_is_neither() -> None:
    paster, rng = Paster(CALM, CUT), random.Random(7)
    seen: Dict[str, List[float]] = {label: [] for label in FIRE_LABELS}
    for _ in range(300):
        picture, label = paster.composed(128, rng)
        seen[FIRE_LABELS[label]].append(covered(picture))
    assert min(map(len, seen.values())) > 40
    assert max(seen["start-fire"]) < START_FIRE * 1.1
    assert min(seen["fire"]) > START_FIRE / 3  # a ragged rim is smaller than its box
    assert max(seen["no-fire"]) == 0


def test_smoke_is_a_start_fire_however_large_and_nothing_where_nobody_could_see_it() -> None:
    smoke = {**CUT, "smoke": [np.full((40, 40, 3), 200, np.uint8)]}
    hidden = {**CUT, "smoke": [np.zeros((40, 40, 3), np.uint8)]}
    seen = []
    for cut in (smoke, hidden):
        paster, rng = Paster(CALM, cut), random.Random(3)
        made = [paster.composed(64, rng) for _ in range(300)]
        seen.append([(FIRE_LABELS[label], picture) for picture, label in made])
    grey = [label for label, picture in seen[0] if picture.any() and (picture == picture[..., :1]).all()]
    assert len(grey) > 30
    assert set(grey) == {"start-fire"}
    assert {label for label, picture in seen[1] if not picture.any()} == {"no-fire"}


def test_the_same_state_gives_the_same_picture_and_the_street_is_untouched() -> None:
    paster = Paster(CALM, CUT)
    first, again = (paster.made(96, random.Random(5)) for _ in range(2))
    assert (first[0] == again[0]).all()
    assert first[1] == again[1]
    assert first[0].shape == (96, 96, 3)
    street = np.zeros((60, 60, 3), np.uint8)
    assert pasted(street, CUT["fire"][0], 0.1, random.Random(1)).any()
    assert not street.any()
    assert not CALM.any()


def test_every_share_fits_into_the_picture() -> None:
    rng = random.Random(2)
    long = np.full((20, 60, 3), 255, np.uint8)
    for share in (1e-6, 0.3, 1.0):
        for _ in range(30):
            assert pasted(np.zeros((50, 70, 3), np.uint8), long, share, rng).shape == (50, 70, 3)


@pytest.mark.parametrize(("calm", "cut"), [(CALM[:0], CUT), (CALM, {"fire": [], "smoke": []})])
def test_without_calm_pictures_or_flames_there_is_nothing_to_paste(calm: Any, cut: Any) -> None:
    with pytest.raises(DataError, match="nothing to paste"):
        Paster(calm, cut)
