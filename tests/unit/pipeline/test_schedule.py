from __future__ import annotations

from collections import Counter
from typing import List

from hypothesis import given
from hypothesis import strategies as st

from agent.pipeline.schedule import Schedule


def test_a_camera_is_looked_at_as_often_as_it_wants() -> None:
    schedule = Schedule({"gate": 5.0}, batch=4)
    looks = [now / 100 for now in range(300) if schedule.turn(["gate"], now / 100)]
    assert len(looks) == 15


def test_the_one_that_waited_longest_goes_first() -> None:
    schedule = Schedule({"a": 10.0, "b": 10.0, "c": 10.0}, batch=1)
    turns: List[str] = []
    for n in range(6):
        turns += schedule.turn(["a", "b", "c"], n * 1.0)
    assert turns == ["a", "b", "c", "a", "b", "c"]


def test_a_camera_without_a_fresh_frame_is_left_out() -> None:
    schedule = Schedule({"a": 10.0, "b": 10.0}, batch=4)
    assert schedule.turn(["b"], 0.0) == ["b"]


def test_frames_of_several_cameras_make_one_batch() -> None:
    schedule = Schedule({"a": 5.0, "b": 5.0, "c": 5.0}, batch=2)
    assert len(schedule.turn(["a", "b", "c"], 0.0)) == 2


def test_it_says_how_long_a_camera_may_wait() -> None:
    schedule = Schedule({"a": 5.0}, batch=1)
    assert schedule.wait_s("a", 3.0) == 0.0
    schedule.turn(["a"], 3.0)
    assert abs(schedule.wait_s("a", 3.05) - 0.15) < 1e-9


def test_a_pause_is_not_made_up_for_by_a_burst() -> None:
    schedule = Schedule({"a": 5.0}, batch=1)
    schedule.turn(["a"], 0.0)
    assert schedule.turn(["a"], 60.0) == ["a"]
    assert schedule.turn(["a"], 60.01) == []


@given(st.integers(2, 6), st.integers(1, 3), st.integers(20, 200))
def test_an_overloaded_device_sheds_looks_evenly(cameras: int, batch: int, turns: int) -> None:
    names = [f"camera-{n}" for n in range(cameras)]
    schedule = Schedule(dict.fromkeys(names, 25.0), batch)
    counts: Counter[str] = Counter()
    for n in range(turns):
        counts.update(schedule.turn(names, n * 1.0))
    assert max(counts[name] for name in names) - min(counts[name] for name in names) <= 1
