from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from agent.engines.key import EngineKey
from agent.engines.shelf import FOLDER, Shelf
from agent.errors import StoreError
from tests.unit.engines.shapes import AT, FP32, GOOD, KEY, XAVIER, key


def put(shelf: Shelf, which: EngineKey, days: int = 0) -> None:
    shelf.put(which, which.name.encode(), GOOD, AT + timedelta(days=days), 60.0)


def names(shelf: Shelf) -> list[str]:
    return [kept.key.name for kept in shelf.records()]


def test_an_empty_shelf_has_nothing(tmp_path: Path) -> None:
    shelf = Shelf(tmp_path)
    assert shelf.get(KEY) is None
    assert shelf.records() == []
    assert shelf.stand_in(KEY) is None
    assert shelf.failure(KEY) is None
    assert shelf.timing_cache(XAVIER) == b""
    assert shelf.prune() == []


def test_what_was_put_is_found_by_its_key(tmp_path: Path) -> None:
    shelf = Shelf(tmp_path)
    kept = shelf.put(KEY, b"plan", GOOD, AT, 60.0, ["a note"])
    found = Shelf(tmp_path).get(KEY)
    assert found is not None
    assert (found.plan, found.record) == (b"plan", kept)
    assert shelf.get(key(precision="fp16")) is None


@pytest.mark.parametrize("data", [b"", b"pla", b"plot", b"planet"])
def test_a_damaged_plan_is_refused_and_thrown_away(tmp_path: Path, data: bytes) -> None:
    shelf = Shelf(tmp_path)
    shelf.put(KEY, b"plan", GOOD, AT, 60.0)
    (tmp_path / FOLDER / f"{KEY.name}.plan").write_bytes(data)
    assert shelf.get(KEY) is None
    assert list((tmp_path / FOLDER).glob("*.*")) == []


def test_a_plan_that_is_gone_is_as_damaged(tmp_path: Path) -> None:
    shelf = Shelf(tmp_path)
    put(shelf, KEY)
    (tmp_path / FOLDER / f"{KEY.name}.plan").unlink()
    assert shelf.get(KEY) is None
    assert shelf.records() == []


@pytest.mark.parametrize("text", ["", "{", '{"schema_version": 9}', "\xff"])
def test_a_damaged_record_is_as_if_it_were_not_there(tmp_path: Path, text: str) -> None:
    shelf = Shelf(tmp_path)
    put(shelf, KEY)
    (tmp_path / FOLDER / f"{KEY.name}.json").write_text(text, encoding="latin-1")
    assert shelf.get(KEY) is None
    assert shelf.records() == []
    shelf.prune()
    assert list((tmp_path / FOLDER).glob("*.*")) == []


def test_a_record_under_another_name_is_not_believed(tmp_path: Path) -> None:
    shelf = Shelf(tmp_path)
    put(shelf, KEY)
    other = key(precision="fp16")
    for end in ("plan", "json"):
        (tmp_path / FOLDER / f"{KEY.name}.{end}").rename(tmp_path / FOLDER / f"{other.name}.{end}")
    assert shelf.get(other) is None


def test_the_newest_that_was_only_built_otherwise_stands_in(tmp_path: Path) -> None:
    shelf = Shelf(tmp_path)
    old, new = key(precision="fp16"), key(recipe=replace(FP32, workspace_mb=64))
    put(shelf, old, 1)
    put(shelf, new, 2)
    put(shelf, key(model_sha256="cd" * 32), 3)
    found = shelf.stand_in(KEY)
    assert found is not None
    assert found.record.key == new
    (tmp_path / FOLDER / f"{new.name}.plan").write_bytes(b"")
    found = shelf.stand_in(KEY)
    assert found is not None
    assert found.record.key == old


def test_pruning_keeps_the_present_engine_and_the_one_before(tmp_path: Path) -> None:
    shelf = Shelf(tmp_path)
    keys = [key(recipe=replace(FP32, workspace_mb=size)) for size in (64, 128, 512)]
    other = key(bundle="other")
    for day, each in enumerate([KEY, *keys, other]):
        put(shelf, each, day)
    removed = shelf.prune([KEY])
    assert [kept.key for kept in removed] == [keys[1], keys[0]]
    assert names(shelf) == [other.name, keys[2].name, KEY.name]


def test_where_nobody_knows_the_present_one_the_newest_two_are_kept(tmp_path: Path) -> None:
    shelf = Shelf(tmp_path)
    keys = [key(recipe=replace(FP32, workspace_mb=size)) for size in (64, 128, 512)]
    for day, each in enumerate(keys):
        put(shelf, each, day)
    assert [kept.key for kept in shelf.prune()] == [keys[0]]


def test_what_a_crash_left_is_swept(tmp_path: Path) -> None:
    shelf = Shelf(tmp_path)
    put(shelf, KEY)
    for name in ("half.plan.tmp", "lonely.plan", "failed/x.tmp"):
        path = tmp_path / FOLDER / name
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(b"?")
    shelf.prune([KEY])
    assert sorted(path.name for path in (tmp_path / FOLDER).rglob("*.*")) == [
        f"{KEY.name}.json",
        f"{KEY.name}.plan",
    ]


def test_a_failure_is_remembered_until_there_is_an_engine(tmp_path: Path) -> None:
    shelf = Shelf(tmp_path)
    shelf.note_failure(KEY, "no memory", AT)
    failed = Shelf(tmp_path).failure(KEY)
    assert failed is not None
    assert (failed.why, failed.at) == ("no memory", AT)
    put(shelf, KEY)
    assert shelf.failure(KEY) is None


@pytest.mark.parametrize("text", ["", "{}", "[", '{"why": "x", "at": "once"}'])
def test_a_damaged_failure_is_none(tmp_path: Path, text: str) -> None:
    shelf = Shelf(tmp_path)
    shelf.note_failure(KEY, "no memory", AT)
    (tmp_path / FOLDER / "failed" / KEY.name).write_text(text)
    assert shelf.failure(KEY) is None


def test_each_machine_has_its_timing_cache(tmp_path: Path) -> None:
    shelf = Shelf(tmp_path)
    odd = replace(XAVIER, gpu="../NVIDIA Orin (nvgpu)")
    shelf.keep_timing_cache(XAVIER, b"xavier")
    shelf.keep_timing_cache(odd, b"orin")
    assert (shelf.timing_cache(XAVIER), shelf.timing_cache(odd)) == (b"xavier", b"orin")
    assert len(list((tmp_path / FOLDER / "timing").iterdir())) == 2


def test_a_disk_that_fails_is_said_to(tmp_path: Path) -> None:
    (tmp_path / FOLDER).write_text("a file where the folder should be")
    with pytest.raises(StoreError, match="engines"):
        put(Shelf(tmp_path), KEY)
