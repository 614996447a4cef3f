"""Whatever a camera shows: the gate is never shut for longer than it may be, and what rules tell of a drawn
street they tell without one."""

from __future__ import annotations

import itertools
from typing import Iterator, List, Optional, Tuple

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from agent.domain.geometry import Line
from agent.domain.policy.object_rules import RuleKind
from agent.domain.policy.objects import ObjectPolicy, ObjectPolicySettings
from agent.pipeline.gate import MotionGate
from agent.ports import Frame, Picture
from tests.fakes.clock import FakeClock
from tests.fakes.faces import street
from tests.fakes.objects import FakeObjectDetector, FakeTracker, place
from tests.fakes.walks import LOOK_S, Told, rule

MIDDLE = Line("middle", (0.5, 1.0), (0.5, 0.0))
RULES = (
    rule(RuleKind.ENTER, "enter"),
    rule(RuleKind.LEAVE, "leave"),
    rule(RuleKind.LOITER, "loiter", seconds=2.0),
    rule(RuleKind.LEFT_BEHIND, "left-behind", seconds=3.0),
    rule(RuleKind.COUNT, "count", seconds=1.0, above=1),
    rule(RuleKind.LINE, "line", line=MIDDLE),
)
STEP = 0.05
"""How far who walks gets from one look to the next."""

spots = st.sampled_from([None, 0.2, 0.4, 0.6, 0.8])
scenes = st.lists(st.tuples(spots, spots, st.integers(1, 20)), min_size=1, max_size=5)
shown = st.tuples(st.integers(0, 2**16), st.sampled_from([0.0, 2.0, 40.0]), st.sampled_from([20, 120]))
views = st.lists(st.tuples(shown, st.sampled_from([0.05, 0.2, 1.0, 30.0])), max_size=60)


def grainy(seed: int, grain: float, shade: int) -> Picture:
    noise = np.random.default_rng(seed).normal(0.0, grain, (60, 80, 3))
    return np.asarray(np.clip(street(60, 80, shade) + noise, 0, 255), np.uint8)


@given(views, st.sampled_from([0.5, 3.0, 10.0]))
@settings(max_examples=50, deadline=None)
def test_a_picture_so_long_after_the_last_look_is_looked_at(
    shows: List[Tuple[Tuple[int, float, int], float]], every_s: float
) -> None:
    clock, gate, looked_at = FakeClock(), MotionGate(every_s), float("-inf")
    for (seed, grain, shade), gap_s in shows:
        clock.advance(gap_s)
        frame = Frame("square", grainy(seed, grain, shade), clock.moment(), 0.0, 0)
        if gate.held(frame) is None:
            gate.looked(frame, [], [])
            looked_at = clock.monotonic()
        assert clock.monotonic() - looked_at < every_s


def walked(scene: List[Tuple[Optional[float], Optional[float], int]]) -> Iterator[Picture]:
    """A person and a bag walk to where each scene has them, or are gone."""
    at: List[Optional[float]] = [None, None]
    for person, bag, pictures in scene:
        for _ in range(pictures):
            at = [_nearer(before, goal) for before, goal in zip(at, (person, bag))]
            picture = street(60, 80)
            for label, x, width in zip(("person", "backpack"), at, (0.1, 0.05)):
                if x is not None:
                    place(picture, label, x, 0.9 if label == "person" else 0.5, width)
            yield picture


def _nearer(before: Optional[float], goal: Optional[float]) -> Optional[float]:
    if before is None or goal is None:
        return goal
    return before + min(STEP, max(-STEP, goal - before))


def told(scene: List[Tuple[Optional[float], Optional[float], int]], gate: Optional[MotionGate]) -> Told:
    clock, detector, tracker, numbers = FakeClock(), FakeObjectDetector(), FakeTracker(), itertools.count()
    policy = ObjectPolicy("square", ObjectPolicySettings(RULES), lambda: f"o{next(numbers)}")
    outcomes: Told = []
    for picture in walked(scene):
        clock.advance(LOOK_S)
        frame = Frame("square", picture, clock.moment(), 0.0, 0)
        held = None if gate is None else gate.held(frame)
        found = detector.find([picture])[0] if held is None else held
        tracked = tracker.look(found, frame.at.monotonic)
        if gate is not None and held is None:
            gate.looked(frame, found, tracked)
        outcomes += policy.look(tracked, frame.at, detector.model, 4 / 3)
    return outcomes


@given(scenes)
@settings(max_examples=30, deadline=None)
def test_through_the_gate_rules_tell_the_same_at_the_same_time(
    scene: List[Tuple[Optional[float], Optional[float], int]],
) -> None:
    assert told(scene, MotionGate(3.0)) == told(scene, None)
