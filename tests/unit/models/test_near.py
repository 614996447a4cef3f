"""Which pictures look alike."""

from __future__ import annotations

from pathlib import Path

from models.near import hashes, manifest_rows, near


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
