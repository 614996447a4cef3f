from __future__ import annotations

import sys
from pathlib import Path
from typing import FrozenSet, List, Sequence

import numpy as np
import pytest

from agent.domain.box import Box
from agent.domain.detection import Detection
from models import detection_scoring
from models.boxed_pictures import Scene, Thing
from models.data import DataError
from models.detection_intervals import average_precision, boxes_of
from models.detection_scoring import DetectionScores, score

BOX, BELOW = Box(0.2, 0.2, 0.4, 0.4), Box(0.2, 0.6, 0.4, 0.8)
ONE = pytest.approx(1.0)
BOTH = frozenset(("dog", "cat"))


@pytest.fixture(autouse=True)
def _pycocotools() -> None:
    pytest.importorskip("pycocotools", reason="pycocotools is not installed")


def scene(*things: Thing, labelled: FrozenSet[str] = BOTH) -> Scene:
    return Scene(Path("picture.jpg"), things, labelled)


def scored(
    scenes: Sequence[Scene], found: Sequence[Sequence[Detection]], labels: Sequence[str] = ("dog",)
) -> DetectionScores:
    return score(scenes, [(100, 50)] * len(scenes), found, labels)


def test_what_is_found_exactly_is_right() -> None:
    (one,) = scored([scene(Thing("dog", BOX))], [[Detection("dog", 0.4, BOX)]]).labels
    assert (one.label, one.pictures, one.boxes) == ("dog", 1, 1)
    assert [one.ap50, one.ap] == [ONE, ONE]


def test_a_box_that_is_nearly_right_counts_at_some_overlaps() -> None:
    near = Box(0.2, 0.2, 0.4, 0.348)  # IoU 0.74
    (one,) = scored([scene(Thing("dog", BOX))], [[Detection("dog", 0.4, near)]]).labels
    assert one.ap50 == ONE
    assert one.ap == pytest.approx(0.5)


def test_a_false_alarm_that_is_surer_halves_the_precision() -> None:
    found = [Detection("dog", 0.9, BELOW), Detection("dog", 0.4, BOX)]
    assert scored([scene(Thing("dog", BOX))], [found]).map50 == pytest.approx(0.5)
    doubtful = [Detection("dog", 0.1, BELOW), Detection("dog", 0.4, BOX)]
    assert scored([scene(Thing("dog", BOX))], [doubtful]).map50 == ONE


def test_what_is_missed_limits_the_recall() -> None:
    things = scene(Thing("dog", BOX), Thing("dog", BELOW))
    # Of 101 recalls those up to 0.5 are reached.
    assert scored([things], [[Detection("dog", 0.4, BOX)]]).map50 == pytest.approx(51 / 101)
    assert scored([things], [[]]).map50 == 0.0


def test_a_second_box_of_the_same_thing_is_false() -> None:
    found = [Detection("dog", 0.9, BOX), Detection("dog", 0.8, BOX), Detection("dog", 0.7, BELOW)]
    expected = (51 + 50 * 2 / 3) / 101
    assert scored([scene(Thing("dog", BOX), Thing("dog", BELOW))], [found]).map50 == pytest.approx(expected)


def test_a_crowd_is_neither_found_nor_missed() -> None:
    things = scene(Thing("dog", BOX), Thing("dog", BELOW, crowd=True))
    found = [Detection("dog", 0.9, BELOW), Detection("dog", 0.4, BOX)]
    (one,) = scored([things], [found]).labels
    assert [one.boxes, one.ap] == [1, ONE]


def test_pictures_that_are_not_labelled_for_a_label_do_not_count_for_it() -> None:
    scenes = [scene(Thing("dog", BOX)), scene(labelled=frozenset({"cat"}))]
    found = [[Detection("dog", 0.4, BOX)], [Detection("dog", 0.9, BOX)]]
    (one,) = scored(scenes, found).labels
    assert [one.pictures, one.ap50] == [1, ONE]
    scenes[1] = scene()
    assert scored(scenes, found).map50 == pytest.approx(0.5)


def test_means_are_over_the_labels_that_have_boxes() -> None:
    scenes = [scene(Thing("dog", BOX)), scene(Thing("cat", BOX))]
    found: List[List[Detection]] = [[Detection("dog", 0.9, BOX)], [Detection("dog", 0.3, BOX)]]
    scores = scored(scenes, found, ["dog", "cat", "bird"])
    assert [one.ap50 for one in scores.labels] == [ONE, 0.0, None]
    assert [scores.map50, scores.map] == pytest.approx([0.5, 0.5])
    rates = dict.fromkeys(("ap50", "ap50_95", "ap50_interval"))
    assert scores.as_dict()["labels"]["bird"] == {**rates, "boxes": 0, "pictures": 0}


def test_the_interval_is_that_of_other_draws_of_the_pictures() -> None:
    scenes = [scene(Thing("dog", BOX))] * 40
    found = [[Detection("dog", 0.5, BOX)] if number % 2 else [] for number in range(40)]
    (one,) = scored(scenes, found).labels
    assert one.ap50 == pytest.approx(51 / 101)
    assert one.interval50 is not None
    # Half of forty are found; of a share that is 0.35 to 0.65.
    assert one.interval50 == pytest.approx((0.35, 0.65), abs=0.03)


def test_the_interval_holds_the_value_that_pycocotools_counts() -> None:
    random = np.random.default_rng(3)
    things, found = [], []
    for _ in range(30):
        corners = random.uniform(0, 0.8, (4, 2))
        boxes = [Box(x, y, x + 0.2, y + 0.2) for x, y in corners.tolist()]
        things.append(scene(*(Thing("dog", box, crowd=index == 0) for index, box in enumerate(boxes[:3]))))
        found.append([Detection("dog", float(random.uniform()), box) for box in boxes[1:]])
    (one,) = scored(things, found).labels
    evaluated = detection_scoring._evaluated(
        list(range(30)),
        [
            detection_scoring._annotation(number, thing.box, (100, 50), iscrowd=int(thing.crowd))
            for number, each in enumerate(things)
            for thing in each.things
        ],
        [
            detection_scoring._annotation(number, each.box, (100, 50), iscrowd=0, score=each.score)
            for number, some in enumerate(found)
            for each in some
        ],
    )
    boxes_found = boxes_of(evaluated.evalImgs)
    assert average_precision(boxes_found, np.ones(30, np.int64)) == pytest.approx(one.ap50)
    assert one.interval50 is not None
    assert one.interval50[0] < float(one.ap50 or 0) < one.interval50[1]
    assert np.isnan(average_precision(boxes_found, np.zeros(30, np.int64)))


def test_without_a_box_nothing_can_be_said() -> None:
    with pytest.raises(DataError, match="there is no box of any of dog, cat"):
        scored([scene()], [[Detection("dog", 0.9, BOX)]], ["dog", "cat"])


def test_what_is_missing_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pycocotools.coco", None)
    with pytest.raises(DataError, match=r"pip install 'beffroi\[verify\]'"):
        scored([scene(Thing("dog", BOX))], [[]])


def test_nothing_is_printed(capsys: pytest.CaptureFixture[str]) -> None:
    scored([scene(Thing("dog", BOX))], [[Detection("dog", float(np.float32(0.4)), BOX)]])
    assert capsys.readouterr().out == ""
