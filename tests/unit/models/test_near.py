"""Which pictures look alike."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.data import read_picture
from models.near import Hashes, hashes, manifest_rows, near, near_pairs, perceptual_hash


def hash_of(path: Path) -> Hashes:
    picture = read_picture(path)
    assert picture is not None
    return perceptual_hash(picture)


@pytest.fixture
def fire_cls() -> Path:
    folder = Path(__file__).parents[4] / "shared" / "data" / "fire-cls"
    if not (folder / "manifest.csv").is_file():
        pytest.skip(f"{folder} is not here")
    return folder


def test_a_manifest_is_read_by_file(tmp_path: Path) -> None:
    assert manifest_rows(tmp_path) == {}
    (tmp_path / "manifest.csv").write_text("file,phash\na.png,00000000000000ff\nb.png,\n")
    rows = manifest_rows(tmp_path)
    assert set(rows) == {"a.png", "b.png"}
    assert hashes(rows.values()).shape == (1, 64)


def test_pictures_are_near_up_to_eight_bits() -> None:
    one, eight, nine = (hashes([{"phash": f"{bits:016x}"}]) for bits in (0, 0xFF, 0x1FF))
    assert near(one, eight)
    assert not near(one, nine)


def test_what_has_no_hash_is_near_nothing() -> None:
    none = hashes([{"file": "a.png"}])
    some = hashes([{"phash": "0" * 16}])
    assert not near(none, some)
    assert not near(some, none)


def test_a_picture_that_was_scaled_and_compressed_has_nearly_the_same_hash(tmp_path: Path) -> None:
    rng = np.random.default_rng(1)
    one, other = (cv2.resize(rng.integers(0, 256, (12, 16, 3)).astype(np.uint8), (320, 240)) for _ in "ab")
    small = cv2.resize(one, (150, 110), interpolation=cv2.INTER_AREA)
    for name, picture in (("one.png", one), ("other.png", other), ("small.jpg", small)):
        cv2.imwrite(str(tmp_path / name), picture, [cv2.IMWRITE_JPEG_QUALITY, 40])
    mine, theirs, again = (hash_of(tmp_path / name) for name in ("one.png", "other.png", "small.jpg"))
    assert mine.shape == (1, 64)
    assert near(mine, again)
    assert not near(mine, theirs)


def test_hashes_are_those_of_the_manifest(fire_cls: Path) -> None:
    for name, row in list(manifest_rows(fire_cls).items())[::200]:
        assert near(hash_of(fire_cls / name), hashes([row]))


@given(st.integers(1, 9))
def test_pairs_are_found_whatever_the_block(block: int) -> None:
    all_ = hashes([{"phash": f"{bits:016x}"} for bits in (0, 0xFFFFFFFF, 0xFF, 0xFFFFFFFE, 0x1FF)])
    assert near_pairs(all_, block) == [(1, 3, 1), (2, 4, 1), (0, 2, 8)]
