"""Which engines are kept, and what is told of them."""

from __future__ import annotations

import itertools
import threading
from dataclasses import replace
from pathlib import Path
from typing import Any, Callable, List, Optional

import pytest

from agent.assembly.engines import make_keepers
from agent.assembly.faces import Faces
from agent.assembly.objects import Objects
from agent.assembly.trouble import DeviceTrouble
from agent.assembly.watching import Watching
from agent.config.settings import Settings
from agent.domain.incident import NO_CAMERA, Incident, Kind, Transition
from agent.engines.keeper import Keepers
from agent.engines.machine import find_toolkit
from agent.engines.order import key_of, order
from agent.engines.shelf import Shelf
from agent.faces.bundles import face_bundles
from agent.inference.bundle import load_bundle
from agent.inference.engines import EmptyShelf
from agent.inference.shared import Seen
from agent.pipeline.record import Recorder
from agent.store.database import open_database
from agent.store.snapshots import FileSnapshots
from agent.telemetry import Telemetry
from tests.fakes.bundles import colour_bundle, face_embedder
from tests.fakes.changes import AT, FACES, OBJECTS
from tests.fakes.clock import FakeClock
from tests.fakes.detector import MODEL, FakeFireDetector
from tests.fakes.enrolled import people_store
from tests.fakes.line_counts import FakeLineCounts
from tests.fakes.memory_store import MemoryStore
from tests.fakes.object_bundles import object_bundle
from tests.fakes.tensorrt import fake_tensorrt
from tests.unit.assembly.test_boards import ListBoard
from tests.unit.engines.shapes import GOOD


class FifthWait(FakeClock):
    """While it is waited on for the fifth time, something happens."""

    def __init__(self) -> None:
        super().__init__()
        self.waits = 0
        self.happens: Callable[[threading.Event], None] = lambda _: None

    def wait(self, event: threading.Event, timeout_s: float) -> bool:
        self.waits += 1
        if self.waits == 5:
            self.happens(event)
        return super().wait(event, timeout_s)


class Bench:
    """An agent's parts around its engines; `before` are the reasons of what was open at the last run."""

    def __init__(
        self,
        folder: Path,
        fire: str,
        faces: str,
        policy: str,
        before: Any = (),
        objects: Optional[Path] = None,
        boxes: Optional[Path] = None,
    ) -> None:
        """`objects` is the bundle of those, where the camera has a rule about any; `boxes` the one that boxes
        flames for fire."""
        clock = self.clock = FifthWait()
        self.store = MemoryStore(clock)
        rules = {"objects": {"rules": [{"name": "people", "when": "enter"}]}} if objects else {}
        settings = self.settings = Settings.model_validate(
            {
                "cameras": [{"id": "gate", "url": "scene:", "faces": {"policy": policy}, **rules}],
                "objects": {"bundle": str(objects or boxes)},
                "fire": {"bundle": str(colour_bundle(folder / "bundle")), "backend": fire},
                "faces": {
                    "key": "ab" * 32,
                    "backend": faces,
                    "embedder": str(face_embedder(folder / "embedder")),
                },
                "store": {"folder": str(folder / "data")},
            }
        )
        telemetry = Telemetry(clock)
        recorder = Recorder(self.store, FileSnapshots(folder, clock), lambda change: [], clock, telemetry, {})
        model = MODEL if boxes is None else replace(MODEL, boxed_by=replace(OBJECTS, backend="tensorrt"))
        watching = Watching(settings, model, FakeFireDetector, recorder, ListBoard(), clock, telemetry)
        numbers = (f"d{number}" for number in itertools.count(1))
        trouble = DeviceTrouble(recorder, lambda: next(numbers), clock)
        for reason in before:
            change = Incident.open(f"old-{reason}", NO_CAMERA, Kind.DEVICE, AT, 1.0, reason=reason)
            self.store.record(change, None, [])
        trouble.resume(self.store.unresolved())
        self.database = open_database(folder / "data" / "beffroi.db", clock)
        self.faces = looked_for = Faces(
            settings,
            people_store(self.database, clock),
            recorder,
            lambda camera: None,
            lambda event: None,
            lambda wrong: None,
            EmptyShelf(),
            clock,
            telemetry,
        )
        things = Objects(
            settings,
            recorder,
            lambda camera: None,
            lambda event: None,
            lambda camera, counts: None,
            FakeLineCounts(),
            lambda wrong: None,
            EmptyShelf(),
            Seen(),
            clock,
            telemetry,
        )
        self.stop = threading.Event()
        self.keepers: Optional[Keepers] = make_keepers(settings, watching, looked_for, things, trouble, clock)

    def run(self) -> None:
        assert self.keepers is not None
        self.keepers.run(self.stop)
        self.database.close()

    def load_engines(self, _: threading.Event) -> None:
        """The networks of faces are there."""
        recogniser = self.faces._look
        assert recogniser is not None
        recogniser.models = [replace(FACES, backend="tensorrt")] * 2
        recogniser.tried.set()

    def told(self) -> List[str]:
        return [f"{c.incident.reason} {c.transition.value}" for c in self.store.changes.values()]

    def ended(self) -> List[Optional[str]]:
        return [
            change.incident.reason
            for change in self.store.changes.values()
            if change.transition is Transition.RESOLVED
        ]


@pytest.mark.parametrize("faces", ["onnxruntime", "auto"])
def test_where_no_engine_is_wanted_none_is_trouble(tmp_path: Path, faces: str) -> None:
    bench = Bench(tmp_path, "onnxruntime", faces, "off", ["engine", "face-engine", "object-engine"])
    assert bench.keepers is None
    assert bench.ended() == ["engine", "face-engine", "object-engine"]
    bench.database.close()


def test_without_tensorrt_nothing_is_built_and_nothing_is_trouble(tmp_path: Path) -> None:
    bench = Bench(tmp_path, "auto", "auto", "watch", ["face-engine"])
    bench.run()
    assert bench.ended() == ["face-engine"]
    assert bench.store.unresolved() == []


def test_what_fails_for_both_networks_of_faces_is_told_once(tmp_path: Path) -> None:
    with fake_tensorrt("10.3") as fake:
        fake.gpu.count = 0
        bench = Bench(tmp_path, "onnxruntime", "auto", "watch")
        bench.run()
    assert bench.told() == ["face-engine opened"]


def test_fire_and_faces_are_kept_and_told_apart(tmp_path: Path) -> None:
    with fake_tensorrt("10.3") as fake:
        fake.gpu.count = 0
        bench = Bench(tmp_path, "auto", "auto", "watch")
        bench.run()
    assert bench.told() == ["engine opened", "face-engine opened"]


def test_the_engine_of_objects_is_kept_and_told_too(tmp_path: Path) -> None:
    with fake_tensorrt("10.3") as fake:
        fake.gpu.count = 0
        bundle = object_bundle(tmp_path / "boxer")
        bench = Bench(tmp_path, "onnxruntime", "onnxruntime", "watch", objects=bundle)
        bench.run()
    assert bench.told() == ["object-engine opened"]


@pytest.mark.parametrize("rules", [True, False])
def test_the_engine_that_boxes_flames_for_fire_is_kept_with_or_without_rules(
    tmp_path: Path, rules: bool
) -> None:
    with fake_tensorrt("10.3") as fake:
        fake.gpu.count = 0
        bundle = object_bundle(tmp_path / "boxer")
        objects = bundle if rules else None
        bench = Bench(tmp_path, "onnxruntime", "onnxruntime", "off", objects=objects, boxes=bundle)
        bench.run()
    assert bench.told() == ["object-engine opened"]


def test_the_engine_that_boxes_flames_is_not_built_anew_where_fire_looks_with_it(tmp_path: Path) -> None:
    with fake_tensorrt("10.3"):
        bundle = object_bundle(tmp_path / "boxer")
        bench = Bench(tmp_path, "onnxruntime", "onnxruntime", "off", boxes=bundle)
        wanted = order(bench.settings, load_bundle(str(bundle)))
        key = key_of(load_bundle(str(bundle)), wanted.recipe, find_toolkit())
        Shelf(tmp_path / "data").put(key, b"plan", GOOD, AT, 60.0)
        bench.run()
    assert bench.told() == [], "the process that builds finds no TensorRT: to build would have failed"


def test_an_engine_that_is_there_is_not_built_anew_for_want_of_patience(tmp_path: Path) -> None:
    with fake_tensorrt("10.3"):
        bench = Bench(tmp_path, "onnxruntime", "auto", "watch")
        shelf = Shelf(tmp_path / "data")
        for bundle in face_bundles(bench.settings):
            key = key_of(bundle, order(bench.settings, bundle).recipe, find_toolkit())
            shelf.put(key, b"plan", GOOD, AT, 60.0)
        bench.clock.happens = bench.load_engines
        bench.run()
    assert bench.clock.waits == 5
    assert bench.told() == [], "the process that builds finds no TensorRT: to build would have failed"


def test_who_waits_for_networks_ends_with_the_agent(tmp_path: Path) -> None:
    with fake_tensorrt("10.3") as fake:
        fake.gpu.count = 0
        bench = Bench(tmp_path, "onnxruntime", "auto", "watch")
        bench.clock.happens = threading.Event.set
        bench.run()
    assert bench.clock.waits == 5
    assert bench.told() == []
