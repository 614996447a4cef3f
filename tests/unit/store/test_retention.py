from __future__ import annotations

import errno
import os
from dataclasses import replace
from pathlib import Path
from typing import List, Optional

import pytest

from agent.domain.incident import Incident, Kind
from agent.ports import SnapshotRef
from agent.store.database import Database
from agent.store.history import History
from agent.store.incidents import SqliteJournal
from agent.store.outbox import SqliteOutbox
from agent.store.retention import Report, Retention, disk_of
from agent.store.retention_plan import Disk
from agent.store.snapshots import FileSnapshots, stored_files
from tests.fakes.clock import FakeClock
from tests.fakes.pictures import jpeg

DAY = 86400.0
ROOMY = Disk(used=0, free=10**12)
FULL = Disk(used=10**12, free=0)


class Site:
    """A data folder in use."""

    def __init__(self, database: Database, clock: FakeClock) -> None:
        self.database = database
        self.clock = clock
        self.folder = database.path.parent
        self.journal = SqliteJournal(database, clock)
        self.outbox = SqliteOutbox(database, clock)
        self.snapshots = FileSnapshots(self.folder, clock)
        self.history = History(database)

    def retention(self, disk: Disk = ROOMY) -> Retention:
        return Retention(self.database, self.clock, keep_days=90, disk_share=0.9, disk=lambda _: disk)

    def picture(self, id: str, sequence: int) -> SnapshotRef:
        return self.snapshots.save(id, sequence, annotated=jpeg(), clean=jpeg())

    def incident(self, id: str, *, closed: bool = True, told: bool = True, kind: Kind = Kind.SMOKE) -> None:
        change = Incident.open(id, "yard", kind, self.clock.now(), 0.6)
        self.journal.record(change, self.picture(id, 1), ["mqtt"])
        if closed:
            self.journal.record(change.incident.resolve(self.clock.now(), 0.1), None, [])
        while told:
            leased = self.outbox.lease("mqtt", 10, 30)
            if not leased:
                return
            self.outbox.done(leased[0])

    def labelled(self, *names: str) -> None:
        """Pictures that people judged, the first the oldest."""
        folder = self.folder / "labelled" / "no-fire"
        folder.mkdir(parents=True, exist_ok=True)
        for number, name in enumerate(names):
            (folder / f"{name}-1.jpg").write_bytes(jpeg())
            os.utime(str(folder / f"{name}-1.jpg"), (number, number))

    def judged(self) -> List[str]:
        return sorted(path.stem for path in (self.folder / "labelled").rglob("*.jpg"))

    def pictured(self) -> List[str]:
        files = sorted({file.incident_id for file in stored_files(self.folder)})
        for name in files:
            past = self.history.get(name)
            assert past is None or past.changes[0].snapshot is not None
        return files


@pytest.fixture
def site(database: Database, clock: FakeClock) -> Site:
    return Site(database, clock)


@pytest.mark.parametrize(
    ("face_days", "left"), [(30, ["smoke"]), (365, ["face", "smoke"]), (None, ["face", "smoke"])]
)
def test_faces_may_be_kept_for_less_but_not_for_longer(
    site: Site, clock: FakeClock, face_days: Optional[float], left: List[str]
) -> None:
    retention = Retention(site.database, clock, 90, 0.9, disk=lambda _: ROOMY, face_days=face_days)
    site.incident("face", kind=Kind.FACE)
    site.incident("smoke")
    site.incident("open-face", kind=Kind.FACE, closed=False)
    clock.advance(31 * DAY)
    retention.run()
    assert site.pictured() == sorted([*left, "open-face"])
    assert sorted(one.id for one in site.history.list()) == sorted([*left, "open-face"])
    clock.advance(60 * DAY)
    retention.run()
    assert site.pictured() == ["open-face"]


def test_old_pictures_and_old_closed_incidents_go(site: Site) -> None:
    site.incident("old")
    site.clock.advance(60 * DAY)
    site.incident("young")
    site.clock.advance(31 * DAY)
    report = site.retention().run()
    assert (report.pictures, report.incidents) == (1, 1)
    assert report.bytes > 0
    assert site.pictured() == ["young"]
    assert [incident.id for incident in site.history.list()] == ["young"]
    assert not (site.folder / "snapshots/2026/01").exists()


def test_open_and_untold_incidents_keep_everything(site: Site) -> None:
    site.incident("open", closed=False)
    site.incident("untold", told=False)
    site.clock.advance(400 * DAY)
    assert site.retention(FULL).run() == Report()
    assert site.pictured() == ["open", "untold"]
    assert len(site.history.list()) == 2


def test_a_full_disk_costs_the_pictures_but_not_the_incident(site: Site) -> None:
    site.incident("told")
    assert site.retention(FULL).run().pictures == 1
    past = site.history.get("told")
    assert past is not None
    assert [change.snapshot for change in past.changes] == [None, None]
    assert not site.pictured()


def test_a_picture_whose_change_is_on_its_way_is_spared_for_a_day(site: Site) -> None:
    site.picture("coming", 1)
    assert site.retention(FULL).run().pictures == 0
    site.clock.advance(DAY)
    assert site.retention(FULL).run().pictures == 1


def test_what_people_labelled_does_not_age(site: Site) -> None:
    site.labelled("a", "b")
    site.clock.advance(1000 * DAY)
    assert site.retention().run() == Report()
    assert site.judged() == ["a-1", "b-1"]


def test_on_a_full_disk_what_people_labelled_goes_when_no_other_picture_is_left(site: Site) -> None:
    site.incident("told")
    site.labelled("a", "b")
    size = sum(file.size for file in stored_files(site.folder))
    enough = Disk(used=size, free=0)
    assert site.retention(replace(enough, used=size // 2)).run().pictures == 1
    assert (site.pictured(), site.judged()) == ([], ["a-1", "b-1"])
    assert site.retention(Disk(used=2, free=0)).run().pictures == 1
    assert site.judged() == ["b-1"], "the oldest first, and no more than needed"
    assert site.retention(FULL).run().pictures == 1
    assert site.judged() == []


def test_old_incidents_go_in_batches(site: Site) -> None:
    for number in range(201):
        change = Incident.open(f"i{number}", "yard", Kind.SMOKE, site.clock.now(), 0.6)
        site.journal.record(change, None, [])
        site.journal.record(change.incident.resolve(site.clock.now(), 0.1), None, [])
    site.clock.advance(91 * DAY)
    assert site.retention().run().incidents == 201


def test_room_for_a_picture_comes_from_the_oldest(site: Site) -> None:
    site.incident("told")
    site.retention().run()
    assert site.retention().room_for_picture()
    assert not site.pictured()
    assert not site.retention().room_for_picture()
    assert (site.folder / "reserve").stat().st_blocks > 0


def test_room_for_a_change_costs_the_reserve_too_until_the_next_round(site: Site) -> None:
    site.retention().run()
    site.retention().room_for_change()
    assert not (site.folder / "reserve").exists()
    site.retention().run()
    assert (site.folder / "reserve").exists()


def test_a_disk_without_room_for_the_reserve_goes_without(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "posix_fallocate", full)
    site.retention(replace(FULL, used=0)).run()
    assert not (site.folder / "reserve").exists()


def test_the_disk_is_the_one_the_folder_is_on(tmp_path: Path) -> None:
    found = os.statvfs(str(tmp_path))
    disk = disk_of(tmp_path)
    assert disk.used + disk.free <= found.f_blocks * found.f_frsize
    assert disk.used > 0
