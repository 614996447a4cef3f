"""Objects as the configuration has them: on which cameras, by which rules, and what is left where there are
none."""

from __future__ import annotations

import threading
from pathlib import Path
from typing import Any, Dict, List, Optional, Tuple

import pytest

from agent.assembly.objects import Objects, objects_bundle, sharing
from agent.clock import SystemClock
from agent.config.settings import Settings
from agent.domain.incident import Incident, Kind, State
from agent.domain.policy.object_rules import RuleKind
from agent.errors import BundleError
from agent.inference.engines import EmptyShelf
from agent.inference.shared import Seen
from agent.pipeline.objects import ObjectWatch
from agent.pipeline.record import Recorder
from agent.ports import Clock, LineCounts
from agent.store.snapshots import FileSnapshots
from agent.supervisor import Supervisor
from agent.telemetry import Telemetry
from agent.vision.tracking.tracker import BufferedTracker
from tests.fakes.changes import AT, opened
from tests.fakes.clock import FakeClock
from tests.fakes.line_counts import FakeLineCounts
from tests.fakes.memory_store import MemoryStore

RULES: Dict[str, Any] = {
    "looks_per_second": 4.0,
    "zones": [{"name": "yard", "polygon": "0,0 1,0 1,1"}],
    "rules": [
        {"name": "nobody-here", "when": "enter", "zone": "yard", "labels": "person", "raises": "incident"}
    ],
}
MASK = {"name": "windows", "polygon": "0,0 0.2,0 0.2,0.2", "kind": "mask"}


class Bench:
    """Objects that were not started, over the cameras `gate` and `roof`, which is not enabled."""

    def __init__(
        self, folder: Path, clock: Clock, kept: Optional[Dict[str, LineCounts]] = None, **gate: Any
    ) -> None:
        self.settings = Settings.model_validate(
            {
                "cameras": [
                    {"id": "gate", "url": "scene:", "objects": gate},
                    {"id": "roof", "url": "scene:", "objects": gate, "enabled": False},
                ],
                "objects": {"bundle": str(folder / "none")},
                "store": {"folder": str(folder)},
            }
        )
        self.clock = clock
        self.journal = MemoryStore(clock)
        self.telemetry = Telemetry(clock)
        self.trouble: List[bool] = []
        self.told = threading.Event()
        self.counts: List[Tuple[str, LineCounts]] = []
        self.kept = FakeLineCounts()
        self.kept.kept = dict(kept or {})
        recorder = Recorder(
            self.journal, FileSnapshots(folder, clock), lambda change: [], clock, self.telemetry, {}
        )
        self.objects = Objects(
            self.settings,
            recorder,
            lambda camera: None,
            lambda event: None,
            lambda camera, counts: self.counts.append((camera, counts)),
            self.kept,
            self._trouble,
            EmptyShelf(),
            Seen(),
            clock,
            self.telemetry,
        )

    def _trouble(self, wrong: bool) -> None:
        self.trouble.append(wrong)
        self.told.set()


def incident(camera: str = "gate", reason: str = "nobody-here", id: str = "old") -> Incident:
    return Incident.open(id, camera, Kind.OBJECT, AT, 0.9, reason=reason).incident


def test_a_camera_is_watched_by_its_rules(tmp_path: Path) -> None:
    bench = Bench(tmp_path, FakeClock(), **RULES)
    assert bench.objects.wanted
    assert bench.trouble == []
    watch = bench.objects._look
    assert isinstance(watch, ObjectWatch)
    assert list(watch._cameras) == ["gate"]
    (rule,) = watch._cameras["gate"].policy._settings.rules
    assert (rule.name, rule.kind, rule.labels) == ("nobody-here", RuleKind.ENTER, frozenset({"person"}))
    assert watch._schedule._gap_s == {"gate": 0.25}


@pytest.mark.parametrize(
    ("section", "every_s"), [({}, 3.0), ({"still_look_every_s": 7}, 7.0), ({"gate": "off"}, None)]
)
def test_a_still_picture_is_looked_at_as_the_camera_has_it(
    tmp_path: Path, section: Dict[str, Any], every_s: Optional[float]
) -> None:
    bench = Bench(tmp_path, FakeClock(), **{**RULES, **section})
    watch = bench.objects._look
    assert isinstance(watch, ObjectWatch)
    gate = watch._cameras["gate"].gate
    assert (None if gate is None else gate._every_s) == every_s


LINE: Dict[str, Any] = {
    "lines": [{"name": "quay", "points": "0.1,0.5 0.9,0.5"}],
    "rules": [{"name": "ships", "when": "line", "line": "quay", "raises": "nothing"}],
}
KEPT: Dict[str, LineCounts] = {"gate": {"quay": {"in": {"car": 4}}, "old": {"in": {"car": 9}, "out": {}}}}


def test_lines_count_on_from_the_run_before_and_what_is_no_line_any_more_is_not_told(tmp_path: Path) -> None:
    bench = Bench(tmp_path, FakeClock(), KEPT, **LINE)
    watch = bench.objects._look
    assert isinstance(watch, ObjectWatch)
    watch._tell_counts("gate", 10.0)
    assert bench.counts == [("gate", {"quay": {"in": {"car": 4}, "out": {}}})]


@pytest.mark.parametrize("full", [False, True])
def test_counts_are_kept_before_they_are_told_and_told_where_they_cannot_be(
    tmp_path: Path, full: bool
) -> None:
    bench = Bench(tmp_path, FakeClock(), **LINE)
    bench.kept.full = full
    watch = bench.objects._look
    assert isinstance(watch, ObjectWatch)
    counts: LineCounts = {"quay": {"in": {"car": 1}, "out": {}}}
    watch._count("gate", counts)
    assert bench.counts == [("gate", counts)]
    assert bench.kept.kept == ({} if full else {"gate": counts})


@pytest.mark.parametrize("gate", [{}, {"zones": RULES["zones"]}])
def test_without_rules_nothing_is_looked_for_and_what_was_open_is_over(
    tmp_path: Path, gate: Dict[str, Any]
) -> None:
    bench = Bench(tmp_path, FakeClock(), **gate)
    assert not bench.objects.wanted
    assert bench.trouble == [False]
    bench.objects.resume([incident()])
    bench.objects.resume_dismissed([incident().dismiss(AT, "telegram:1")])
    assert bench.journal.incidents["old"].state is State.RESOLVED
    supervisor = Supervisor(bench.clock, bench.telemetry)
    bench.objects.start(supervisor)
    assert supervisor.stop(1.0) == []
    bench.objects.renew()
    assert (bench.objects.models, bench.objects.tried) == ((), False)
    assert bench.objects.judge(incident(), lambda one: one.dismiss(AT, "telegram:1")) is None


def test_open_incidents_go_on_where_their_rule_is_and_are_over_elsewhere(tmp_path: Path) -> None:
    bench = Bench(tmp_path, FakeClock(), **RULES)
    before = [incident(), incident("roof", id="roof"), incident(reason="former", id="former")]
    bench.objects.resume([*before, opened("fire", Kind.FIRE, "gate").incident])
    assert {one: bench.journal.incidents[one].state for one in bench.journal.incidents} == {
        "roof": State.RESOLVED,
        "former": State.RESOLVED,
    }
    change = bench.objects.judge(incident(), lambda one: one.acknowledge(AT, "telegram:1"))
    assert change is not None
    assert bench.journal.incidents["old"].state is State.ACKNOWLEDGED


@pytest.mark.parametrize(("looks_per_second", "lost_after_s"), [(4.0, 2.0), (0.5, 5.0)])
def test_what_is_seldom_looked_at_has_the_longer_to_be_missed(
    tmp_path: Path, looks_per_second: float, lost_after_s: float
) -> None:
    bench = Bench(tmp_path, FakeClock(), **{**RULES, "looks_per_second": looks_per_second})
    watch = bench.objects._look
    assert isinstance(watch, ObjectWatch)
    tracker = watch._cameras["gate"].tracker
    assert isinstance(tracker, BufferedTracker)
    assert tracker._lost_after_s == lost_after_s


def test_without_its_bundle_it_is_trouble_and_says_how_to_get_one(tmp_path: Path) -> None:
    bench = Bench(tmp_path, SystemClock(), **RULES)
    supervisor = Supervisor(bench.clock, bench.telemetry)
    bench.objects.start(supervisor)
    assert bench.told.wait(20.0)
    assert supervisor.stop(20.0) == []
    assert bench.trouble == [True]
    assert bench.objects.tried
    with pytest.raises(BundleError):
        objects_bundle(bench.settings)


@pytest.mark.parametrize(
    ("fire", "camera", "shared"),
    [
        ({}, {}, True),
        ({"boxes": False}, {}, False),
        ({}, {"fire": {"ignore": [{"name": "oven", "polygon": "0,0 0.2,0 0.2,0.2"}]}}, False),
        ({}, {"objects": {**RULES, "zones": [*RULES["zones"], MASK]}}, False),
        ({}, {"looks_per_second": 3}, False),
        ({}, {"looks_per_second": 4}, True),
    ],
)
def test_a_look_serves_both_where_both_see_the_same_often_enough(
    fire: Dict[str, Any], camera: Dict[str, Any], shared: bool
) -> None:
    settings = Settings.model_validate(
        {"cameras": [{"id": "gate", "url": "scene:", "objects": RULES, **camera}], "fire": fire}
    )
    assert sharing(settings) == ({"gate"} if shared else set())
