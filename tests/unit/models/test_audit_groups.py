"""Which pictures must not straddle a split."""

from __future__ import annotations

from pathlib import Path
from typing import List, Optional, Tuple

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.audit_groups import grouped, pattern_of, video_of
from models.audit_survey import Facts
from models.data import DataError, Item

ROOT = Path("/data")


def fact(name: str, group: Optional[str] = None, sha256: Optional[str] = None, source: str = "s") -> Facts:
    path = ROOT / name
    item = Item(path, "fire", str(path) if group is None else group, source)
    return Facts(item, name, sha256 or name, {}, np.zeros((1, 64), np.uint8))


def groups(facts: List[Facts], pairs: List[List[int]] = []) -> List[str]:  # noqa: B006
    return [item.group for item in grouped(facts, [(i, j, 3) for i, j in pairs], {}, pattern_of(None))]


@pytest.mark.parametrize(
    ("name", "video"),
    [
        ("fire/clip_mp4-12.jpg", "clip_mp4"),
        ("fire/clip_mp4-12_jpg.rf.0a1b2c.jpg", "clip_mp4"),
        ("fire/kitchen.avi_0012.png", "kitchen.avi"),
        ("fire/kitchen_frame_0012.png", "kitchen"),
        ("fire/yard/Frame12.png", "fire/yard"),
        ("fire/fire358.jpg", None),
        ("fire/IMG_2019.jpg", None),
        ("fire/picture_frame.jpg", None),
    ],
)
def test_names_that_tell_a_video(name: str, video: Optional[str]) -> None:
    assert video_of(name) == video


def test_a_pattern_of_ones_own() -> None:
    assert video_of("fire/CarOne194_png.rf.a7c3.jpg", pattern_of(r"^(Car\w+?)\d+$")) == "CarOne"
    with pytest.raises(DataError, match="no regular expression"):
        pattern_of("(")
    with pytest.raises(DataError, match="no group"):
        pattern_of("Car")


def test_what_is_tied_to_nothing_is_alone_and_named_by_its_path() -> None:
    assert groups([fact("fire/a.png"), fact("fire/b.png")]) == ["fire/a.png", "fire/b.png"]


def test_content_groups_and_likeness_tie_together_through_others() -> None:
    facts = [fact("a.png"), fact("b.png", "g1"), fact("c.png", "g1", "same"), fact("d.png", "g2", "same")]
    assert groups(facts, [[0, 1]]) == ["a.png"] * 4
    assert groups(facts) == ["a.png", "g1", "g1", "g1"]


def test_frames_of_a_video_are_tied_within_their_source() -> None:
    facts = [fact("fire/x_mp4-1.jpg"), fact("no-fire/x_mp4-90.jpg"), fact("fire/x_mp4-2.jpg", source="t")]
    assert groups(facts) == ["fire/x_mp4-1.jpg", "fire/x_mp4-1.jpg", "fire/x_mp4-2.jpg"]


def test_the_manifest_tells_the_name_of_old() -> None:
    facts = [fact("fire/1.jpg"), fact("fire/2.jpg")]
    rows = {f"fire/{number}.jpg": {"original_path": f"train/walk_frame{number}.jpg"} for number in (1, 2)}
    items = grouped(facts, [], rows, pattern_of(None))
    assert items[0].group == items[1].group


@given(
    st.integers(1, 30).flatmap(
        lambda n: st.tuples(st.just(n), st.lists(st.lists(st.integers(0, n - 1), min_size=2, max_size=2)))
    )
)
def test_pairs_are_always_in_one_group(drawn: Tuple[int, List[List[int]]]) -> None:
    n, pairs = drawn
    found = groups([fact(f"{number:02d}.png") for number in range(n)], pairs)
    assert all(found[i] == found[j] for i, j in pairs)
    assert len(set(found)) >= n - len(pairs)
