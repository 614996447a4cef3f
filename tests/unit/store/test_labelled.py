"""What people judged is kept for retraining, in folders that the model's tools read."""

from __future__ import annotations

import csv
from pathlib import Path
from typing import Dict, List, Optional

import pytest

from agent.domain.incident import Change, Incident, Kind
from agent.errors import StoreError
from agent.store.database import Database
from agent.store.history import History, PastIncident
from agent.store.incidents import SqliteJournal
from agent.store.labelled import FOLDER, MANIFEST, Labelled, labelled_shots
from agent.store.snapshots import FileSnapshots
from models.data import load_square, read_folder
from tests.fakes.changes import MODEL
from tests.fakes.clock import FakeClock
from tests.fakes.pictures import jpeg

LABELS = ("fire", "start-fire", "no-fire")


class Site:
    """Incidents with pictures, and what people say of them."""

    def __init__(self, database: Database, clock: FakeClock) -> None:
        self.clock = clock
        self.data = database.path.parent
        self.folder = self.data / FOLDER
        self.history = History(database)
        self.labelled = Labelled(self.data)
        self._journal = SqliteJournal(database, clock)
        self._snapshots = FileSnapshots(self.data, clock)

    def record(self, change: Change, shade: Optional[int] = None) -> Incident:
        """With a picture of this shade, or none."""
        incident = change.incident
        snapshot = None
        if shade is not None:
            clean, annotated = jpeg(shade=shade), jpeg(shade=255)
            snapshot = self._snapshots.save(incident.id, incident.sequence, annotated=annotated, clean=clean)
        self._journal.record(change, snapshot, [])
        self.clock.advance(1.0)
        return incident

    def fire(self, id: str = "a") -> Incident:
        """Began small, became a fire, and was told again."""
        now = self.clock.now
        incident = self.record(Incident.open(id, "yard", Kind.START_FIRE, now(), 0.7, model=MODEL), 10)
        incident = self.record(incident.escalate(Kind.FIRE, now(), 0.9), 20)
        return self.record(incident.update(now(), 0.9), 30)

    def acknowledge(self, incident: Incident) -> Incident:
        after = self.record(incident.acknowledge(self.clock.now(), "telegram:1"))
        self.labelled.keep(self.past(after.id))
        return after

    def dismiss(self, incident: Incident) -> Incident:
        after = self.record(incident.dismiss(self.clock.now(), "telegram:2"))
        self.labelled.keep(self.past(after.id))
        return after

    def past(self, id: str) -> PastIncident:
        past = self.history.get(id)
        assert past is not None
        return past

    def files(self) -> List[str]:
        return sorted(path.relative_to(self.folder).as_posix() for path in self.folder.rglob("*.jpg"))

    def rows(self) -> List[Dict[str, str]]:
        with (self.folder / MANIFEST).open(newline="", encoding="utf-8") as file:
            return list(csv.DictReader(file))


@pytest.fixture
def site(database: Database, clock: FakeClock) -> Site:
    return Site(database, clock)


def test_acknowledged_each_picture_shows_what_it_was_taken_for(site: Site) -> None:
    site.acknowledge(site.fire())
    assert site.files() == ["fire/a-2.jpg", "fire/a-3.jpg", "start-fire/a-1.jpg"]
    assert (site.folder / "fire/a-2.jpg").read_bytes() == jpeg(shade=20), "the clean picture"
    first = site.rows()[0]
    assert first == {
        "file": "start-fire/a-1.jpg",
        "group": "a",
        "source_repo": "yard",
        "license": "own recording",
        "class": "start-fire",
        "incident": "a",
        "camera": "yard",
        "at": "2026-01-01T00:00:00+00:00",
        "by": "telegram:1",
        "pressed": "acknowledged 2026-01-01T00:00:03+00:00",
        "bundle": MODEL.bundle,
        "sha256": MODEL.sha256,
    }


def test_dismissed_none_of_them_shows_fire(site: Site) -> None:
    site.dismiss(site.fire())
    assert site.files() == ["no-fire/a-1.jpg", "no-fire/a-2.jpg", "no-fire/a-3.jpg"]


def test_a_later_word_takes_the_place_of_an_earlier_one(site: Site) -> None:
    site.dismiss(site.acknowledge(site.fire()))
    assert site.files() == ["no-fire/a-1.jpg", "no-fire/a-2.jpg", "no-fire/a-3.jpg"]
    assert [row["class"] for row in site.rows()] == ["start-fire", "fire", "fire", *["no-fire"] * 3]
    assert [row["by"] for row in site.rows()] == ["telegram:1"] * 3 + ["telegram:2"] * 3


def test_the_calm_at_its_end_is_no_picture_of_a_fire(site: Site) -> None:
    resolved = site.record(site.fire().resolve(site.clock.now(), 0.1), 40)
    site.dismiss(resolved)
    assert "no-fire/a-4.jpg" not in site.files()
    assert len(site.files()) == 3


def test_of_what_burns_for_hours_the_first_pictures_are_enough(site: Site) -> None:
    incident = site.fire()
    for _ in range(20):
        incident = site.record(incident.update(site.clock.now(), 0.9), 50)
    incident = site.acknowledge(incident)
    incident = site.record(incident.update(site.clock.now(), 0.9), 50)
    site.dismiss(incident)
    assert site.files() == sorted(f"no-fire/a-{number}.jpg" for number in range(1, 21))


def test_the_models_tools_read_the_folder_as_their_data(site: Site) -> None:
    site.acknowledge(site.fire("a"))
    site.dismiss(site.acknowledge(site.fire("b")))
    items = read_folder(site.folder, LABELS)
    assert [(item.label, item.group, item.source) for item in items] == [
        ("fire", "a", "yard"),
        ("fire", "a", "yard"),
        ("start-fire", "a", "yard"),
        *[("no-fire", "b", "yard")] * 3,
    ]
    assert {item.licence for item in items} == {"own recording"}
    assert load_square(items, 16).shape == (6, 16, 16, 3)


@pytest.mark.parametrize("kind", [Kind.CAMERA, Kind.SMOKE])
def test_what_is_no_class_of_the_model_is_not_kept(site: Site, kind: Kind) -> None:
    site.dismiss(site.record(Incident.open("c", "yard", kind, site.clock.now(), 1.0), 10))
    assert not site.folder.exists()


def test_what_nobody_judged_is_not_kept(site: Site) -> None:
    assert site.labelled.keep(site.past(site.fire().id)) == 0
    assert not site.folder.exists()


def test_a_picture_that_retention_deleted_is_left_out_unless_it_was_kept_before(site: Site) -> None:
    incident = site.acknowledge(site.fire())
    for path in (site.data / "snapshots").rglob("*.jpg"):
        path.unlink()
    site.dismiss(incident)
    assert len(site.files()) == 3
    gone = site.fire("gone")
    for path in (site.data / "snapshots").rglob("gone-*-clean.jpg"):
        path.unlink()
    site.dismiss(gone)
    assert len(site.files()) == 3


def test_a_line_that_a_power_cut_left_half_written_spoils_no_other(site: Site) -> None:
    site.acknowledge(site.fire("a"))
    manifest = site.folder / MANIFEST
    manifest.write_bytes(manifest.read_bytes()[:-20])
    site.acknowledge(site.fire("b"))
    assert [row["incident"] for row in site.rows()] == ["a", "a", "a", "b", "b", "b"]
    assert {item.group for item in read_folder(site.folder, LABELS)} == {"a", "b"}


def test_nothing_half_written_stays_and_the_disk_says_why(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(self: Path, target: Path) -> Path:
        raise OSError(28, "No space left on device")

    incident = site.record(site.fire().acknowledge(site.clock.now(), "telegram:1"))
    monkeypatch.setattr(Path, "replace", full)
    with pytest.raises(StoreError, match="no space left"):
        site.labelled.keep(site.past(incident.id))
    assert site.files() == []
    assert not list(site.folder.rglob("*.tmp"))


def test_what_a_crash_left_half_written_is_swept_at_the_start(site: Site) -> None:
    site.acknowledge(site.fire())
    left = site.folder / "fire" / "b-1.jpg.tmp"
    left.write_bytes(b"half")
    site.labelled.sweep()
    assert not left.exists()
    assert len(site.files()) == 3


def test_their_age_is_that_of_the_word(site: Site) -> None:
    incident = site.fire()
    site.clock.advance(1000.0)
    pressed_at = site.clock.now()
    site.acknowledge(incident)
    assert [(shot.incident_id, shot.sequence) for shot in labelled_shots(site.data)] == [
        ("a", 2),
        ("a", 3),
        ("a", 1),
    ]
    assert {shot.written_at for shot in labelled_shots(site.data)} == {pressed_at}
