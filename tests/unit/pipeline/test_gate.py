"""Which pictures are looked at, and what is seen in those that are not."""

from __future__ import annotations

from typing import List, Optional, Sequence

import pytest

from agent.domain.detection import Detection, Tracked
from agent.pipeline.gate import MotionGate
from agent.ports import Frame, Picture
from tests.fakes.clock import FakeClock
from tests.fakes.faces import street
from tests.fakes.objects import FakeObjectDetector, FakeTracker, place

EVERY_S = 3.0
EMPTY = street()
HERE = place(street(), "person", 0.3, 0.8)
THERE = place(street(), "person", 0.7, 0.8)


class SureTracker(FakeTracker):
    """Gives back what is sure alone."""

    def look(self, detections: Sequence[Detection], at: float) -> List[Tracked]:
        return super().look([one for one in detections if one.score >= 0.4], at)


class Bench:
    """A gate before a detector, shown five pictures a second."""

    def __init__(self, tracker: Optional[FakeTracker] = None) -> None:
        self.clock = FakeClock()
        self.gate = MotionGate(EVERY_S)
        self.detector = FakeObjectDetector()
        self.doubtful: List[Detection] = []
        self._tracker = tracker or FakeTracker()

    def show(self, picture: Picture, gap_s: float = 0.2) -> Optional[List[Detection]]:
        """What was held; None where the picture was looked at."""
        self.clock.advance(gap_s)
        frame = Frame("gate", picture, self.clock.moment(), 0.0, 0)
        held = self.gate.held(frame)
        if held is None:
            found = self.detector.find([picture])[0] + self.doubtful
            self.gate.looked(frame, found, self._tracker.look(found, frame.at.monotonic))
        return held

    def looks(self, picture: Picture, pictures: int) -> List[bool]:
        """Whether each of so many was looked at."""
        return [self.show(picture) is None for _ in range(pictures)]


@pytest.fixture
def bench() -> Bench:
    return Bench()


def test_a_still_picture_is_looked_at_until_all_is_settled_and_then_now_and_then(bench: Bench) -> None:
    looked = bench.looks(EMPTY, 60)
    assert looked[:5] == [True] * 5
    assert looked[5:19] == [False] * 14
    assert sum(looked[19:]) == 3


def test_what_was_found_is_held_while_nothing_moves(bench: Bench) -> None:
    bench.looks(HERE, 10)
    held = bench.show(HERE)
    assert held == bench.detector.find([HERE])[0]


def test_whatever_moves_is_looked_at_at_once_and_until_it_has_settled(bench: Bench) -> None:
    bench.looks(HERE, 10)
    assert bench.looks(THERE, 8) == [True] * 5 + [False] * 3
    assert bench.show(EMPTY) is None


def test_what_a_look_newly_finds_in_a_still_picture_is_looked_at_again(bench: Bench) -> None:
    bench.looks(EMPTY, 10)
    bench.doubtful = [Detection("car", 0.6, bench.detector.find([HERE])[0][0].box)]
    looked = bench.looks(EMPTY, 25)
    first = looked.index(True)
    assert looked[first : first + 6] == [True] * 5 + [False]


def test_what_is_unsure_and_belongs_to_no_track_is_no_news() -> None:
    bench = Bench(tracker=SureTracker())
    bench.looks(EMPTY, 10)
    bench.doubtful = [Detection("car", 0.2, bench.detector.find([HERE])[0][0].box)]
    assert sum(bench.looks(EMPTY, 15)) == 1


def test_pictures_that_come_seldom_are_all_looked_at(bench: Bench) -> None:
    assert [bench.show(EMPTY, gap_s=EVERY_S) for _ in range(5)] == [None] * 5
