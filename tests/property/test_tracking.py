"""Whatever a detector says: numbers tell things apart, never come back, and do not hang on its order."""

from __future__ import annotations

import random
from typing import Dict, List, Set, Tuple

from hypothesis import given, settings
from hypothesis import strategies as st

from agent.domain.box import Box
from agent.domain.detection import Detection
from agent.vision.tracking.tracker import BufferedTracker

LOST_AFTER_S = 2.0

Story = List[Tuple[float, List[Detection]]]
"""Looks: how long after the one before, and what was seen."""

boxes = st.builds(
    lambda left, top, width, height: Box(left, top, left + width, top + height),
    st.floats(0.0, 0.9),
    st.floats(0.0, 0.9),
    st.floats(0.01, 0.5),
    st.floats(0.01, 0.5),
)
things = st.builds(
    Detection, st.sampled_from(["person", "car", "truck", "backpack"]), st.floats(0.1, 1.0), boxes
)
looks = st.lists(
    st.tuples(st.sampled_from([0.0, 0.2, 0.2, 1.0, 3.0]), st.lists(things, max_size=6)), max_size=12
)


@settings(max_examples=150)
@given(looks)
def test_numbers_are_unique_in_a_look_and_never_given_again(story: Story) -> None:
    tracker = BufferedTracker(LOST_AFTER_S)
    now = 0.0
    gone: Set[int] = set()
    last: Dict[int, float] = {}
    for after_s, found in story:
        now += after_s
        tracked = tracker.look(found, now)
        numbers = [one.track for one in tracked]
        assert len(set(numbers)) == len(numbers)
        assert all(one.detection in found for one in tracked)
        assert min(numbers, default=1) > 0
        gone |= {number for number, seen in last.items() if now - seen > LOST_AFTER_S}
        assert not gone & set(numbers)
        last.update(dict.fromkeys(numbers, now))


@settings(max_examples=100)
@given(looks, st.randoms())
def test_the_order_of_the_detections_does_not_matter(story: Story, chance: random.Random) -> None:
    one, other = BufferedTracker(LOST_AFTER_S), BufferedTracker(LOST_AFTER_S)
    now = 0.0
    for after_s, found in story:
        now += after_s
        shuffled = list(found)
        chance.shuffle(shuffled)
        assert set(one.look(found, now)) == set(other.look(shuffled, now))


@settings(max_examples=100)
@given(boxes, st.lists(st.tuples(st.floats(0.0, 1.99), st.floats(0.1, 1.0)), max_size=30))
def test_a_still_thing_keeps_its_number_through_gaps(box: Box, times: List[Tuple[float, float]]) -> None:
    tracker = BufferedTracker(LOST_AFTER_S)
    numbers: Set[int] = {one.track for one in tracker.look([Detection("car", 0.9, box)], 0.0)}
    now = 0.0
    for gap_s, score in times:
        tracker.look([], now + gap_s / 2)
        now += gap_s
        tracked = tracker.look([Detection("car", score, box)], now)
        numbers |= {one.track for one in tracked}
        assert len(tracked) == 1
    assert numbers == {1}


@given(st.lists(st.floats(0.0, 5.0), max_size=10))
def test_looks_without_anything_say_nothing(gaps: List[float]) -> None:
    tracker = BufferedTracker(LOST_AFTER_S)
    assert [tracker.look([], sum(gaps[:index])) for index in range(len(gaps))] == [[]] * len(gaps)
