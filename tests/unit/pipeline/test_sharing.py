"""Which frames things are looked for in."""

from __future__ import annotations

from typing import Dict, Optional

import numpy as np

from agent.pipeline.sharing import SharedFrames
from agent.ports import Frame
from tests.fakes.clock import FakeClock


class Bench:
    """Frames of `gate`, which is shared, and of `quay`, which is not."""

    def __init__(self) -> None:
        self.clock = FakeClock()
        self.looked: Dict[str, Frame] = {}
        self.newest: Dict[str, Frame] = {}
        self.shared = SharedFrames({"gate"}, self.looked.get, self.newest.get, self.clock)

    def decode(self, camera: str) -> Frame:
        frame = Frame(camera, np.zeros((4, 4, 3), np.uint8), self.clock.moment(), 0.0, 0)
        self.newest[camera] = frame
        return frame

    def given(self, camera: str) -> Optional[Frame]:
        return self.shared.latest(camera)


def test_there_is_none_before_the_first() -> None:
    assert Bench().given("gate") is None
    assert Bench().given("quay") is None


def test_it_is_the_one_that_fire_was_looked_for_in_where_that_is_as_good() -> None:
    bench = Bench()
    for camera in ("gate", "quay"):
        bench.looked[camera] = bench.decode(camera)
    bench.clock.advance(0.2)
    newer = {camera: bench.decode(camera) for camera in ("gate", "quay")}
    assert bench.given("gate") is bench.looked["gate"]
    assert bench.given("gate") is bench.looked["gate"]
    assert bench.given("quay") is newer["quay"]


def test_where_the_watch_for_fire_is_behind_things_are_looked_for_in_the_latest() -> None:
    bench = Bench()
    assert bench.decode("gate") is bench.given("gate")  # nobody has looked yet
    bench.looked["gate"] = bench.decode("gate")
    bench.clock.advance(1.1)
    latest = bench.decode("gate")
    assert bench.given("gate") is latest


def test_frames_never_go_back_in_time() -> None:
    bench = Bench()
    behind = bench.decode("gate")
    bench.clock.advance(0.1)
    latest = bench.decode("gate")
    assert bench.given("gate") is latest
    bench.looked["gate"] = behind  # only now done with it
    assert bench.given("gate") is latest
    bench.clock.advance(0.1)
    bench.looked["gate"] = bench.decode("gate")
    assert bench.given("gate") is bench.looked["gate"]
