from __future__ import annotations

from typing import Dict, List, Sequence, Tuple

from agent.domain.box import Box
from agent.domain.detection import Detection, Tracked
from benchmarks.tracking_score import Score, score
from benchmarks.tracking_truth import Annotation

LEFT, RIGHT = Box(0.1, 0.4, 0.2, 0.8), Box(0.7, 0.4, 0.8, 0.8)

Frames = Dict[int, List[Tracked]]


def told(*looks: Sequence[Tuple[int, Box]]) -> Frames:
    return {
        frame: [Tracked(number, "person", Detection("person", 0.8, box)) for number, box in look]
        for frame, look in enumerate(looks)
    }


def judged(tracked: Frames, things: Sequence[Box] = (LEFT,), judged_below: float = 0.0) -> Score:
    """Against things that stay where they are for as many looks."""
    truth = {frame: [Annotation(who, "person", box) for who, box in enumerate(things)] for frame in tracked}
    return score(truth, tracked, judged_below)


def test_whoever_keeps_a_number_is_followed_without_a_fault() -> None:
    both = [(7, LEFT), (9, RIGHT)]
    assert judged(told(both, both, both), (LEFT, RIGHT)) == Score(6, 0, 0, 0, 0, 1.0)


def test_another_number_is_a_switch_and_a_gap_a_fragmentation() -> None:
    assert judged(told([(1, LEFT)], [(2, LEFT)])) == Score(2, 1, 0, 0, 0, 0.5)
    assert judged(told([(1, LEFT)], [], [(1, LEFT)])) == Score(3, 0, 1, 1, 0, 0.8)
    assert judged(told([(1, LEFT)], [], [(2, LEFT)])) == Score(3, 1, 1, 1, 0, 0.4)


def test_what_was_not_found_yet_is_missed_and_not_fragmented() -> None:
    assert judged(told([], [(1, LEFT)])) == Score(2, 0, 0, 1, 0, 2 / 3)
    assert judged(told([], [])) == Score(2, 0, 0, 2, 0, 0.0)


def test_a_box_elsewhere_is_false_unless_it_is_too_far_away_to_be_judged() -> None:
    far = Box(0.7, 0.1, 0.75, 0.2)
    assert judged(told([(1, LEFT), (2, far)])).false == 1
    assert judged(told([(1, LEFT), (2, far)]), judged_below=0.3) == Score(1, 0, 0, 0, 0, 1.0)


def test_a_number_that_still_fits_is_kept_although_another_fits_better() -> None:
    nearly = LEFT.moved(0.02, 0.0)
    assert judged(told([(1, LEFT)], [(1, nearly), (2, LEFT)])) == Score(2, 0, 0, 0, 1, 0.8)


def test_kinds_that_nobody_annotated_are_not_judged() -> None:
    car = Tracked(5, "car", Detection("car", 0.8, RIGHT))
    assert judged({0: [*told([(1, LEFT)])[0], car]}).false == 0
