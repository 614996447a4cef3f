"""The shipped tracker on what a person boxed and counted on two films (tests/golden/tracking).

The films are not in the repository; their boxes are, and a seed makes of them what a poor detector would see.
"""

from __future__ import annotations

import random
from pathlib import Path
from typing import Dict, List

import pytest

from agent.domain.box import Box
from agent.domain.detection import Detection
from agent.vision.tracking.tracker import BufferedTracker
from benchmarks.tracking import follow, seen_on
from benchmarks.tracking_counts import counted
from benchmarks.tracking_score import Score, score
from benchmarks.tracking_truth import CLIPS, Annotation, Clip, Look, boxes_by_hand

SHARED = Path(__file__).parents[3] / "shared"
WEIGHTS = SHARED / "weights" / "yolox_nano.onnx"
PEDESTRIANS, TRAFFIC = CLIPS
FILMS = ("pedestrians", "traffic")
SEEDS = range(4)


@pytest.fixture(scope="module")
def seen(tmp_path_factory: pytest.TempPathFactory) -> Dict[Clip, List[Look]]:
    """What the published detector says of the films."""
    if not WEIGHTS.is_file() or not (SHARED / "videos").is_dir():
        pytest.skip("no published weights or no films beside the checkout (../shared)")
    from models.convert.yolox import convert_yolox

    bundle = tmp_path_factory.mktemp("bundles") / "yolox-nano"
    convert_yolox(WEIGHTS, bundle)
    return {clip: seen_on(SHARED / "videos" / f"{clip.name}.mp4", str(bundle)) for clip in CLIPS}


def poorly_seen(clip: Clip, seed: int) -> List[Look]:
    """The boxes by hand, of which a tenth are missed, a tenth doubtful, and all of which tremble."""
    chance = random.Random(seed)

    def detected(one: Annotation) -> Detection:
        wide, tall = 0.04 * one.box.width, 0.04 * one.box.height
        sides = one.box.left, one.box.top, one.box.right, one.box.bottom
        box = Box(*(side + chance.gauss(0.0, size) for side, size in zip(sides, (wide, tall, wide, tall))))
        return Detection(one.label, 0.25 if chance.random() < 0.1 else 0.8, box)

    return [
        Look(
            frame,
            frame / clip.frames_per_second,
            [detected(one) for one in things if chance.random() >= 0.1],
        )
        for frame, things in sorted(boxes_by_hand(clip).items())
    ]


def judged(clip: Clip, looks: List[Look]) -> Score:
    return score(boxes_by_hand(clip), follow(BufferedTracker, looks)[0], clip.judged_below)


def test_there_are_boxes_enough_and_nobody_twice_in_a_frame() -> None:
    frames = [things for clip in CLIPS for things in boxes_by_hand(clip).values()]
    assert sum(map(len, frames)) >= 200
    for things in frames:
        assert len({one.identity for one in things}) == len(things)
        for one in things:
            assert 0.0 <= one.box.left < one.box.right <= 1.0
            assert 0.0 <= one.box.top < one.box.bottom <= 1.0


@pytest.mark.parametrize(("clip", "switches"), [(PEDESTRIANS, 2), (TRAFFIC, 0)], ids=FILMS)
def test_what_is_seen_as_a_person_boxed_it_is_followed_nearly_without_a_fault(
    clip: Clip, switches: int
) -> None:
    looks = [
        Look(
            frame,
            frame / clip.frames_per_second,
            [Detection(one.label, 0.8, one.box) for one in things],
        )
        for frame, things in sorted(boxes_by_hand(clip).items())
    ]
    found = judged(clip, looks)
    assert found.switches <= switches
    assert found.false == 0


@pytest.mark.parametrize(
    ("clip", "switches", "idf1"), [(PEDESTRIANS, 18, 0.92), (TRAFFIC, 3, 0.94)], ids=FILMS
)
def test_what_is_seen_poorly_is_followed_still(clip: Clip, switches: int, idf1: float) -> None:
    found = [judged(clip, poorly_seen(clip, seed)) for seed in SEEDS]
    assert sum(one.switches for one in found) <= switches
    assert sum(one.idf1 for one in found) / len(found) >= idf1


@pytest.mark.parametrize(
    ("clip", "switches", "fragmentations"), [(PEDESTRIANS, 3, 4), (TRAFFIC, 0, 8)], ids=FILMS
)
def test_numbers_change_no_more_often_than_was_measured(
    seen: Dict[Clip, List[Look]], clip: Clip, switches: int, fragmentations: int
) -> None:
    found = judged(clip, seen[clip])
    assert found.switches <= switches
    assert found.fragmentations <= fragmentations


@pytest.mark.parametrize("kind", ["line", "enter", "leave"])
def test_what_rules_count_is_right_within_a_twentieth(seen: Dict[Clip, List[Look]], kind: str) -> None:
    told = [
        (one.count, times)
        for clip in CLIPS
        for one, times in counted(clip, seen[clip], follow(BufferedTracker, seen[clip])[0])
        if one.kind == kind
    ]
    by_hand = sum(count for count, _ in told)
    assert sum(abs(times - count) for count, times in told) <= by_hand / 20
