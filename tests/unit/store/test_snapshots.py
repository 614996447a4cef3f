from __future__ import annotations

import errno
import hashlib
import os
from pathlib import Path

import pytest

from agent.errors import StoreError
from agent.store.errors import DiskFullError
from agent.store.snapshots import FileSnapshots, stored_files
from tests.fakes.clock import FakeClock
from tests.fakes.pictures import jpeg


def full(*_: object) -> None:
    raise OSError(errno.ENOSPC, "No space left on device")


def test_pictures_lie_where_the_reference_says(tmp_path: Path, clock: FakeClock) -> None:
    annotated, clean = jpeg(80, 60, shade=10), jpeg(shade=20)
    ref = FileSnapshots(tmp_path, clock).save("a-b", 3, annotated=annotated, clean=clean)
    assert ref.annotated == Path("snapshots/2026/01/01/a-b-3-annotated.jpg")
    assert ref.clean == Path("snapshots/2026/01/01/a-b-3-clean.jpg")
    assert (tmp_path / ref.annotated).read_bytes() == annotated
    assert (tmp_path / ref.clean).read_bytes() == clean
    assert (ref.sha256, ref.width, ref.height) == (hashlib.sha256(annotated).hexdigest(), 80, 60)


def test_stored_files_are_found_again_dated_by_the_agents_clock(tmp_path: Path, clock: FakeClock) -> None:
    clock.advance(86400 * 3)
    FileSnapshots(tmp_path, clock).save("a-b", 12, annotated=jpeg(), clean=jpeg())
    (tmp_path / "snapshots/2026/holiday.jpg").write_bytes(b"not ours")
    found = list(stored_files(tmp_path))
    assert [(file.incident_id, file.sequence, file.written_at) for file in found] == [
        ("a-b", 12, clock.now())
    ] * 2
    assert all(file.size > 0 for file in found)


@pytest.mark.parametrize("id", ["", "../../etc/passwd", "a/b", "a.b", "a\n", "x" * 65])
def test_an_id_that_could_leave_the_folder_is_refused(tmp_path: Path, clock: FakeClock, id: str) -> None:
    with pytest.raises(StoreError, match="no picture can be named after"):
        FileSnapshots(tmp_path, clock).save(id, 1, annotated=jpeg(), clean=jpeg())
    assert not list(tmp_path.iterdir())


def test_what_is_no_jpeg_is_refused(tmp_path: Path, clock: FakeClock) -> None:
    with pytest.raises(StoreError, match="not a whole JPEG"):
        FileSnapshots(tmp_path, clock).save("a", 1, annotated=jpeg(), clean=b"broken")


def test_a_full_disk_is_told_with_its_remedy_and_leaves_nothing(
    tmp_path: Path, clock: FakeClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(DiskFullError, match="free some, or lower"):
        FileSnapshots(tmp_path, clock).save("a", 1, annotated=jpeg(), clean=jpeg())
    assert not [path for path in tmp_path.rglob("*") if path.is_file()]


def test_room_is_made_once_and_the_picture_saved(
    tmp_path: Path, clock: FakeClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "snapshots/2026/01/01").mkdir(parents=True)
    monkeypatch.setattr(os, "fsync", full)

    def make_room() -> bool:
        monkeypatch.undo()
        return True

    ref = FileSnapshots(tmp_path, clock, make_room).save("a", 1, annotated=jpeg(), clean=jpeg())
    assert (tmp_path / ref.annotated).is_file()


def test_other_trouble_with_the_disk_says_what_to_check(tmp_path: Path, clock: FakeClock) -> None:
    (tmp_path / "snapshots").write_text("a file where the folder should be")
    with pytest.raises(StoreError, match="check that the disk is healthy"):
        FileSnapshots(tmp_path, clock).save("a", 1, annotated=jpeg(), clean=jpeg())


def test_what_a_crash_left_is_swept(tmp_path: Path, clock: FakeClock) -> None:
    store = FileSnapshots(tmp_path, clock)
    ref = store.save("a", 1, annotated=jpeg(), clean=jpeg())
    left = tmp_path / ref.annotated.with_name("b-1-clean.jpg.tmp")
    left.write_bytes(b"half")
    assert store.sweep() == 1
    assert not left.exists()
    assert len(list(stored_files(tmp_path))) == 2


def test_sweeping_an_empty_folder_finds_nothing(tmp_path: Path, clock: FakeClock) -> None:
    assert FileSnapshots(tmp_path, clock).sweep() == 0
