from __future__ import annotations

import sqlite3
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import pytest

from agent.clock import SystemClock
from agent.device.disk import Space
from agent.doctor import storage
from agent.doctor.subject import Subject
from agent.errors import StoreError
from agent.store.database import open_database
from agent.store.retention_plan import Disk
from agent.store.snapshots import FileSnapshots
from tests.fakes.clock import FakeClock
from tests.fakes.device_tree import Tree, pc, xavier_nx
from tests.fakes.pictures import jpeg
from tests.unit.doctor.subjects import FAILED, NOT_APPLICABLE, OK, WARNING, held, settings, subject

GB = 1_000_000_000


def with_space(monkeypatch: pytest.MonkeyPatch, space: Space) -> None:
    monkeypatch.setattr("agent.device.disk.space", lambda folder: space)


@pytest.mark.parametrize(
    ("space", "status", "word"),
    [
        (Space(100 * GB, 40 * GB, 60 * GB), OK, "60.0 GB of 100.0 GB free on /dev/sda1 (ext4) at /"),
        (Space(100 * GB, 97 * GB, 3 * GB), WARNING, "97 % full"),
        (Space(GB, GB - 50_000_000, 50_000_000), FAILED, "without pictures"),
        (Space(0, 0, 0), FAILED, "0 B"),
    ],
)
def test_room(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, space: Space, status: object, word: str
) -> None:
    with_space(monkeypatch, space)
    finding = storage.room(subject(pc(tmp_path).root))
    assert finding.status is status
    assert word in f"{finding.found} {finding.remedy}"


def test_a_disk_that_turned_read_only(tmp_path: Path) -> None:
    tree = pc(tmp_path)
    tree.mounts("/dev/mmcblk0p1", "ro,relatime")
    held(
        storage.room(subject(tree.root)),
        FAILED,
        "/dev/mmcblk0p1 (ext4) at / can only be read",
        "journalctl -k",
    )


def test_room_where_mounts_are_not_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with_space(monkeypatch, Space(2 * GB, GB, GB))
    held(storage.room(subject(Tree(tmp_path).root, settings=settings(tmp_path))), OK, str(tmp_path.resolve()))


@pytest.mark.parametrize(
    ("life", "spare", "status"),
    [
        ("0x02 0x01", "1", OK),
        ("0x08 0x02", "1", WARNING),
        ("0x0b 0x02", "1", FAILED),
        ("0x01 0x01", "3", FAILED),
    ],
)
def test_wear(tmp_path: Path, life: str, spare: str, status: object) -> None:
    tree = xavier_nx(tmp_path)
    tree.write("/sys/block/mmcblk0/device/life_time", life)
    tree.write("/sys/block/mmcblk0/device/pre_eol_info", spare)
    assert storage.wear(subject(tree.root)).status is status


def test_disks_that_do_not_tell(tmp_path: Path) -> None:
    held(storage.wear(subject(pc(tmp_path / "a").root)), NOT_APPLICABLE)
    held(storage.wear(subject(Tree(tmp_path / "b").root)), NOT_APPLICABLE)


def test_the_database(tmp_path: Path) -> None:
    data = tmp_path / "data"
    examined = subject(pc(tmp_path / "pc").root, settings=settings(data))
    held(storage.database(examined), NOT_APPLICABLE, "first starts")
    path = data / "beffroi.db"
    open_database(path, FakeClock()).close()
    before = path.read_bytes()
    held(storage.database(examined), OK, "is of this version")
    assert path.read_bytes() == before
    _set_revision(path, "0001")
    held(storage.database(examined), WARNING, "schema is older", "when the agent starts")
    _set_revision(path, "9999")
    held(storage.database(examined), FAILED, "newer Beffroi", "install that version")
    path.write_bytes(b"no database at all" * 1000)
    held(storage.database(examined), FAILED, "restart the agent")
    held(storage.database(subject(pc(tmp_path / "x").root)), NOT_APPLICABLE, "no configuration")


def test_the_database_of_a_running_agent(tmp_path: Path) -> None:
    running = open_database(tmp_path / "data/beffroi.db", SystemClock())
    try:
        held(storage.database(subject(pc(tmp_path / "pc").root, settings=settings(tmp_path / "data"))), OK)
        running.next_boot()
    finally:
        running.close()


def test_a_database_that_cannot_be_looked_at(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="name too long"):
        storage.database(subject(pc(tmp_path).root, settings=settings(tmp_path / ("x" * 300))))


def test_retention_without_pictures(tmp_path: Path) -> None:
    root = pc(tmp_path / "pc").root
    held(storage.retention(subject(root)), NOT_APPLICABLE)
    held(
        storage.retention(subject(root, settings=settings(tmp_path / "data"))),
        NOT_APPLICABLE,
        "nothing is stored",
    )
    (tmp_path / "data").mkdir()
    held(
        storage.retention(subject(root, settings=settings(tmp_path / "data", store={"disk_share": 0.99}))), OK
    )


@pytest.mark.parametrize(
    ("days", "free", "keep_days", "status", "word"),
    [
        (1, 10**12, 90, OK, "90 days are kept"),
        (10, 10**12, 90, OK, "90 days are kept"),
        (10, 20_000, 90, WARNING, "only about"),
        (10, 0, 5, WARNING, "store.disk_share"),
    ],
)
def test_retention(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    days: int,
    free: int,
    keep_days: int,
    status: object,
    word: str,
) -> None:
    clock = FakeClock()
    FileSnapshots(tmp_path, clock).save("a-1", 1, annotated=jpeg(), clean=jpeg())
    clock.advance(timedelta(days=days).total_seconds())
    monkeypatch.setattr("agent.store.retention.disk_of", lambda folder: Disk(used=100_000, free=free))
    store = {"disk_share": 0.9, "keep_days": keep_days}
    examined = subject(pc(tmp_path / "pc").root, settings=settings(tmp_path, store=store), clock=clock)
    finding = storage.retention(examined)
    assert finding.status is status, finding
    assert word in f"{finding.found} {finding.remedy}"


def _set_revision(path: Path, revision: str) -> None:
    with closing(sqlite3.connect(str(path))) as connection:
        known = [row[0] for row in connection.execute("SELECT version_num FROM alembic_version")]
        width = len(known[0])
        connection.execute("UPDATE alembic_version SET version_num = ?", (revision[-width:],))
        connection.commit()


def test_examined_is_the_folder_of_the_configuration(tmp_path: Path) -> None:
    examined: Subject = subject(pc(tmp_path).root)
    assert examined.data_folder == Path("/var/lib/beffroi")
    assert subject(examined.root, settings=settings(tmp_path)).data_folder == tmp_path
