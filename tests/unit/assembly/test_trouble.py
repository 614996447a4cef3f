"""The device's own incidents: once each, judged by people like any other, over when it is over."""

from __future__ import annotations

import itertools
from pathlib import Path
from typing import List

import pytest

from agent.assembly.trouble import DeviceTrouble
from agent.domain.incident import NO_CAMERA, IllegalTransitionError, Kind, State
from agent.pipeline.record import Recorder
from agent.store.snapshots import FileSnapshots
from agent.telemetry import Telemetry
from tests.fakes.changes import opened
from tests.fakes.clock import FakeClock
from tests.fakes.memory_store import MemoryStore


class Bench:
    def __init__(self, folder: Path) -> None:
        self.clock = FakeClock()
        self.store = MemoryStore(self.clock)
        self._folder = folder
        self._ids = (f"d{n}" for n in itertools.count(1))
        self.trouble = self.started()

    def started(self) -> DeviceTrouble:
        recorder = Recorder(
            self.store,
            FileSnapshots(self._folder, self.clock),
            lambda change: ["mqtt", "telegram"],
            self.clock,
            Telemetry(self.clock),
            {},
        )
        return DeviceTrouble(recorder, lambda: next(self._ids), self.clock)

    def told(self) -> List[str]:
        told: List[str] = []
        while rows := self.store.lease("mqtt", 1, 1.0):
            self.store.done(rows[0])
            told.append(f"{rows[0].change.incident.id} {rows[0].change.transition.value}")
        return sorted(told, key=lambda line: line.split()[0])


def test_trouble_is_told_once_and_its_end(tmp_path: Path) -> None:
    bench = Bench(tmp_path)
    bench.trouble.tell("engine", wrong=False)
    assert bench.told() == []
    bench.trouble.tell("engine", wrong=True)
    bench.trouble.tell("engine", wrong=True)
    (incident,) = bench.store.unresolved()
    assert (incident.kind, incident.camera, incident.reason) == (Kind.DEVICE, NO_CAMERA, "engine")
    assert bench.told() == ["d1 opened"]
    bench.trouble.tell("engine", wrong=False)
    bench.trouble.tell("engine", wrong=False)
    assert bench.told() == ["d1 resolved"]
    bench.trouble.tell("engine", wrong=True)
    assert bench.told() == ["d2 opened"]


def test_each_reason_has_its_own(tmp_path: Path) -> None:
    bench = Bench(tmp_path)
    for reason in ("engine", "clock"):
        bench.trouble.tell(reason, wrong=True)
    bench.trouble.tell("engine", wrong=False)
    assert [one.reason for one in bench.store.unresolved()] == ["clock"]


def test_it_survives_a_restart(tmp_path: Path) -> None:
    bench = Bench(tmp_path)
    bench.trouble.tell("engine", wrong=True)
    again = bench.started()
    again.resume([*bench.store.unresolved(), opened().incident])
    again.tell("engine", wrong=True)
    assert bench.told() == ["d1 opened"]
    again.tell("engine", wrong=False)
    assert bench.told() == ["d1 resolved"]


def test_what_a_person_says_of_it_counts(tmp_path: Path) -> None:
    bench = Bench(tmp_path)
    bench.trouble.tell("engine", wrong=True)
    (incident,) = bench.store.unresolved()
    change = bench.trouble.judge(incident, lambda one: one.acknowledge(bench.clock.now(), "telegram:1"))
    assert change is not None
    assert change.incident.sequence == 2
    with pytest.raises(IllegalTransitionError):
        bench.trouble.judge(incident, lambda one: one.acknowledge(bench.clock.now(), "telegram:2"))
    assert bench.trouble.judge(opened("x", Kind.DEVICE).incident, lambda one: pytest.fail("not ours")) is None
    bench.trouble.tell("engine", wrong=False)
    assert bench.told() == ["d1 opened", "d1 acknowledged", "d1 resolved"]


def test_what_was_dismissed_is_not_told_again_while_it_lasts(tmp_path: Path) -> None:
    bench = Bench(tmp_path)
    bench.trouble.tell("engine", wrong=True)
    (incident,) = bench.store.unresolved()
    change = bench.trouble.judge(incident, lambda one: one.dismiss(bench.clock.now(), "telegram:1"))
    assert change is not None
    assert change.incident.state is State.DISMISSED
    bench.trouble.tell("engine", wrong=True)
    bench.trouble.tell("engine", wrong=False)
    bench.trouble.tell("engine", wrong=True)
    assert bench.told() == ["d1 opened", "d1 dismissed", "d2 opened"]
