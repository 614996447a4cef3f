from __future__ import annotations

from pathlib import Path
from typing import List, Optional, Sequence

import cv2
import numpy as np
import pytest

from agent.domain.box import Box
from agent.domain.detection import Detection, Tracked
from agent.domain.extent import NOWHERE, Extent
from agent.domain.incident import Change, Incident, Kind
from agent.errors import StoreError
from agent.faces.veil import UNVEILED, Veil, Veiling
from agent.pipeline import record
from agent.pipeline.record import Recorder
from agent.ports import Frame, Picture, SnapshotRef
from agent.store.snapshots import FileSnapshots
from agent.telemetry import Telemetry
from agent.vision.mask import NO_MASKS, Masks
from tests.fakes.clock import FakeClock
from tests.fakes.detector import GREEN, RED, picture
from tests.fakes.faces import FakeFaceDetector, street
from tests.fakes.memory_store import MemoryStore
from tests.fakes.passers_by import SIDE, passer_by, recognisable

BOX = Box(0.2, 0.5, 0.5, 0.75)


class FullDisk:
    """A SnapshotStore that has no room."""

    def save(self, incident_id: str, sequence: int, *, annotated: bytes, clean: bytes) -> SnapshotRef:
        raise StoreError("the disk is full")


class ShutStore(MemoryStore):
    """A journal that can be shut, as by a lock or a full disk."""

    shut = False

    def record(self, change: Change, snapshot: Optional[SnapshotRef], sinks: Sequence[str]) -> None:
        if self.shut:
            raise StoreError("database is locked")
        super().record(change, snapshot, sinks)


class Bench:
    """A recorder with everything around it."""

    def __init__(
        self, folder: Path, full: bool = False, veil: Veiling = UNVEILED, masks: Masks = NO_MASKS
    ) -> None:
        self.folder = folder
        self.clock = FakeClock()
        self.store = ShutStore(self.clock)
        self.telemetry = Telemetry(self.clock)
        self.recorder = Recorder(
            self.store,
            FullDisk() if full else FileSnapshots(folder, self.clock),
            lambda change: ["mqtt"],
            self.clock,
            self.telemetry,
            {"gate": "Gate"},
            veil=veil,
            masks=masks,
        )

    def frame(self) -> Frame:
        return Frame("gate", picture(RED, (48, 64)), self.clock.moment(), 0.0, 0)

    def opened(self, id: str = "i1", kind: Kind = Kind.FIRE) -> Change:
        return Incident.open(id, "gate", kind, self.clock.now(), 0.9)

    def saved(self, which: str) -> Picture:
        """The picture of the first delivery, `clean` or `annotated`."""
        (delivery,) = self.store.lease("mqtt", 10, 60)
        read = cv2.imread(str(self.folder / getattr(delivery.snapshot, which)))
        return np.asarray(read, np.uint8)

    def order(self) -> List[str]:
        return list(self.store.changes)


def test_a_change_is_stored_with_its_pictures_and_told_to_its_sinks(tmp_path: Path) -> None:
    bench = Bench(tmp_path)
    bench.recorder.record(bench.opened(), bench.frame())
    (delivery,) = bench.store.lease("mqtt", 10, 60)
    assert delivery.snapshot is not None
    clean = cv2.imread(str(tmp_path / delivery.snapshot.clean))
    annotated = cv2.imread(str(tmp_path / delivery.snapshot.annotated))
    assert clean is not None
    assert annotated is not None
    assert np.abs(clean.astype(int) - annotated.astype(int)).max() > 50


def test_the_time_from_capture_to_event_is_recorded(tmp_path: Path) -> None:
    bench = Bench(tmp_path)
    frame = bench.frame()
    bench.clock.advance(0.25)
    bench.recorder.record(bench.opened(), frame)
    assert bench.store.changes["i1-1"].capture_to_event_ms == pytest.approx(250)


def test_a_full_disk_costs_the_picture_never_the_alert(tmp_path: Path) -> None:
    bench = Bench(tmp_path, full=True)
    bench.recorder.record(bench.opened(), bench.frame())
    (delivery,) = bench.store.lease("mqtt", 10, 60)
    assert delivery.snapshot is None
    assert bench.telemetry.registry.get_sample_value("beffroi_snapshots_unsaved_total") == 1


def test_a_change_without_a_frame_has_no_picture(tmp_path: Path) -> None:
    bench = Bench(tmp_path)
    bench.recorder.record(bench.opened(kind=Kind.CAMERA), None)
    (delivery,) = bench.store.lease("mqtt", 10, 60)
    assert delivery.snapshot is None
    assert delivery.change.capture_to_event_ms is None


def test_what_the_database_does_not_take_waits_in_order(tmp_path: Path) -> None:
    bench = Bench(tmp_path)
    bench.store.shut = True
    opened = bench.opened()
    bench.recorder.record(opened, bench.frame())
    bench.recorder.record(opened.incident.resolve(bench.clock.now(), 0.0), bench.frame())
    assert bench.recorder.waiting == 2
    bench.recorder.retry()
    assert bench.order() == []
    bench.store.shut = False
    bench.recorder.retry()
    assert bench.order() == ["i1-1", "i1-2"]
    assert bench.recorder.waiting == 0


def test_with_a_database_that_stays_shut_updates_go_first_and_fire_last(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(record, "_MOST_WAITING", 3)
    bench = Bench(tmp_path)
    bench.store.shut = True
    fire = bench.opened("fire")
    for change in (
        fire,
        bench.opened("camera", Kind.CAMERA),
        fire.incident.update(bench.clock.now(), 0.9),
        bench.opened("start", Kind.START_FIRE),
        bench.opened("fire2"),
    ):
        bench.recorder.record(change, None)
    bench.store.shut = False
    bench.recorder.retry()
    assert bench.order() == ["fire-1", "start-1", "fire2-1"]


def test_what_is_taken_in_without_a_picture_waits_for_whoever_commits_next(tmp_path: Path) -> None:
    bench = Bench(tmp_path)
    opened = bench.opened()
    bench.recorder.record(opened, bench.frame())
    taken = opened.incident.acknowledge(bench.clock.now(), "anna")
    bench.recorder.enqueue(taken)
    assert bench.order() == ["i1-1"]
    assert bench.recorder.pending("i1") == taken.incident
    assert bench.recorder.pending("other") is None
    bench.recorder.retry()
    assert bench.order() == ["i1-1", "i1-2"]
    assert bench.recorder.pending("i1") is None


def test_the_last_of_what_waits_is_how_an_incident_stands(tmp_path: Path) -> None:
    bench = Bench(tmp_path)
    bench.store.shut = True
    opened = bench.opened()
    bench.recorder.record(opened, None)
    bench.recorder.record(bench.opened("other"), None)
    resolved = opened.incident.resolve(bench.clock.now(), 0.0)
    bench.recorder.record(resolved, None)
    assert bench.recorder.pending("i1") == resolved.incident


def test_a_drill_is_no_incident_in_the_metrics(tmp_path: Path) -> None:
    bench = Bench(tmp_path)
    bench.recorder.record(Incident.rehearse("d", "gate", bench.clock.now(), 0.9, actor="anna"), None)
    bench.recorder.record(bench.opened(), None)
    sample = {"kind": "fire", "transition": "opened"}
    assert bench.telemetry.registry.get_sample_value("beffroi_incident_changes_total", sample) == 1


WHERE = ((100, 200), (400, 100))


def crowd(bench: Bench) -> Frame:
    """Two people."""
    pixels = street(360, 640)
    for place in WHERE:
        passer_by(pixels, *place)
    return Frame("gate", pixels, bench.clock.moment(), 0.0, 0)


def told(pixels: Picture) -> List[bool]:
    """Which of them can be told."""
    return [recognisable(pixels, *place) for place in WHERE]


def test_faces_are_veiled_in_what_is_sent_and_not_in_what_stays(tmp_path: Path) -> None:
    bench = Bench(tmp_path, veil=Veil(FakeFaceDetector, FakeClock()))
    bench.recorder.record(bench.opened(), crowd(bench))
    assert told(bench.saved("annotated")) == [False, False]


def test_the_clean_picture_stays_clean(tmp_path: Path) -> None:
    bench = Bench(tmp_path, veil=Veil(FakeFaceDetector, FakeClock()))
    bench.recorder.record(bench.opened(), crowd(bench))
    assert told(bench.saved("clean")) == [True, True]


def test_without_a_veil_everybody_is_seen(tmp_path: Path) -> None:
    bench = Bench(tmp_path)
    bench.recorder.record(bench.opened(), crowd(bench))
    assert told(bench.saved("annotated")) == [True, True]


def test_whom_the_incident_is_about_stays_visible(tmp_path: Path) -> None:
    bench = Bench(tmp_path, veil=Veil(FakeFaceDetector, FakeClock()))
    left, top = WHERE[1]
    clear = [Box(left - 2, top - 2, left + SIDE + 2, top + SIDE + 2)]
    bench.recorder.record(bench.opened(kind=Kind.FACE), crowd(bench), clear)
    assert told(bench.saved("annotated")) == [False, True]


def test_a_detector_that_fails_costs_sharpness_never_the_alert(tmp_path: Path) -> None:
    bench = Bench(tmp_path, veil=Veil(lambda: FakeFaceDetector(failures=1), FakeClock()))
    bench.recorder.record(bench.opened(), crowd(bench))
    assert told(bench.saved("annotated")) == [False, False]


def test_what_a_privacy_mask_hides_is_on_no_picture(tmp_path: Path) -> None:
    right_half = ((0.5, 0.0), (1.0, 0.0), (1.0, 1.0), (0.5, 1.0))
    bench = Bench(tmp_path, masks=Masks({"gate": [right_half]}))
    frame = bench.frame()
    bench.recorder.record(bench.opened(), frame)
    (delivery,) = bench.store.lease("mqtt", 10, 60)
    assert delivery.snapshot is not None
    for path in (delivery.snapshot.clean, delivery.snapshot.annotated):
        saved = np.asarray(cv2.imread(str(tmp_path / path)), np.uint8)
        assert saved[40, 56].max() < 40, "below the title and within the border"
        assert saved[40, 12, 2] > 100
    assert (frame.pixels == picture(RED, (48, 64))).all()


def test_the_things_that_it_is_about_have_boxes_in_what_is_sent_and_not_in_what_stays(tmp_path: Path) -> None:
    pictures = []
    for name, things in (("plain", ()), ("boxed", (Tracked(7, "car", Detection("car", 0.9, BOX)),))):
        bench = Bench(tmp_path / name)
        frame = Frame("gate", street(360, 640), bench.clock.moment(), 0.0, 0)
        bench.recorder.record(bench.opened(kind=Kind.OBJECT), frame, things=things)
        (delivery,) = bench.store.lease("mqtt", 10, 60)
        assert delivery.snapshot is not None
        pictures.append(
            [
                np.asarray(cv2.imread(str(tmp_path / name / path)), int)
                for path in (delivery.snapshot.clean, delivery.snapshot.annotated)
            ]
        )
    (clean, shown), (clean_too, boxed) = pictures
    assert (clean == clean_too).all()
    changed = np.abs(shown - boxed).max(axis=2) > 60
    assert changed[240, 128] or changed[240, 127:131].any(), "its left edge"
    assert not changed[300:, 400:].any()


def test_flames_are_drawn_where_they_were_seen_but_not_on_the_picture_of_the_end(tmp_path: Path) -> None:
    flames = Extent((Detection("fire", 0.9, BOX),), BOX.area)
    shown = {}
    for name, extent in (("plain", NOWHERE), ("boxed", flames)):
        bench = Bench(tmp_path / name)
        frame = Frame("gate", picture(GREEN, (360, 640)), bench.clock.moment(), 0.0, 0)
        at = bench.clock.now()
        began = Incident.open("i1", "gate", Kind.FIRE, at, 0.9, extent=extent)
        bench.recorder.record(began, frame)
        bench.recorder.record(began.incident.resolve(at, 0.1), frame)
        assert bench.store.changes["i1-2"].incident.extent == extent
        shown[name] = [
            np.asarray(cv2.imread(str(path)), int)
            for path in sorted((tmp_path / name).rglob("*.jpg"))
            if "clean" not in path.name
        ]
    (began_plain, ended_plain), (began_boxed, ended_boxed) = shown["plain"], shown["boxed"]
    edge = (slice(181, 269), slice(126, 131))
    assert np.abs(began_plain - began_boxed)[edge].max(axis=2).mean() > 30
    assert (ended_plain == ended_boxed).all()


def test_an_incident_of_things_carries_their_boxes(tmp_path: Path) -> None:
    bench = Bench(tmp_path)
    car = Detection("car", 0.9, BOX)
    bench.recorder.record(bench.opened(kind=Kind.OBJECT), bench.frame(), things=[Tracked(7, "car", car)])
    assert bench.store.changes["i1-1"].incident.extent == Extent((car,))
