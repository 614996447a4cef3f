from __future__ import annotations

from contextlib import closing
from pathlib import Path
from typing import List, Tuple

import cv2
import numpy as np
import numpy.typing as npt
import pytest

from agent.domain.detection import Detection
from agent.errors import InferenceError
from agent.inference.bundle import load_bundle
from agent.inference.objects import YoloX
from agent.inference.onnxruntime import OnnxRuntimeSession
from models.convert.yolox import convert_yolox
from tests.fakes.object_bundles import CELLS, COLUMNS, LABELS, SIDE, description, object_bundle
from tests.fakes.sessions import ScriptedSession
from tests.unit.inference import objects
from tests.unit.inference.objects import rows

SHARED = Path(__file__).parents[4] / "shared"
PERSON, CAR, DOG = (0.9, 0.9, 0.1, 0.1), (0.9, 0.1, 0.8, 0.1), (0.9, 0.1, 0.1, 0.7)
CELL = (0.5, 0.5, 0.0, 0.0)
WIDE = (0.5, 0.5, float(np.log(2.0)), float(np.log(2.0)))


def found(said: npt.NDArray[np.float32], size: Tuple[int, int] = (SIDE, SIDE)) -> List[Detection]:
    (things,) = YoloX(objects.bundle(), ScriptedSession(said)).find([np.zeros((*size, 3), np.uint8)])
    return things


def edges(thing: Detection) -> Tuple[float, float, float, float]:
    return thing.box.left, thing.box.top, thing.box.right, thing.box.bottom


def test_a_cell_is_decoded_into_shares_of_the_picture() -> None:
    box = (0.5, 0.25, float(np.log(2.0)), float(np.log(3.0)))
    (thing,) = found(rows((2 * COLUMNS + 3, box, CAR)))
    assert thing.label == "car"
    assert thing.score == pytest.approx(0.72)
    assert edges(thing) == pytest.approx((20 / 64, 6 / 64, 36 / 64, 30 / 64))


def test_each_head_says_boxes_of_its_own_labels_for_the_same_cell() -> None:
    heads = objects.bundle(output={**description()["output"], "heads": [2, 1]})
    said = np.zeros((1, CELLS, 5 + 2 + 5 + 1), np.float32)
    said[0, 9] = (*CELL, 0.9, 0.1, 0.8, *WIDE, 0.5, 0.9)
    (things,) = YoloX(heads, ScriptedSession(said)).find([np.zeros((SIDE, SIDE, 3), np.uint8)])
    assert [thing.label for thing in things] == ["car", "dog"]
    assert [thing.score for thing in things] == pytest.approx([0.72, 0.45])
    assert things[0].box.width == pytest.approx(things[1].box.width / 2)


@pytest.mark.parametrize(
    ("index", "stride", "column", "row"), [(9, 8, 1, 1), (64 + 6, 16, 2, 1), (64 + 16 + 3, 32, 1, 1)]
)
def test_every_stride_has_its_cells(index: int, stride: int, column: int, row: int) -> None:
    (thing,) = found(rows((index, CELL, PERSON)))
    left, top = column * stride, row * stride
    assert edges(thing) == pytest.approx(np.array((left, top, left + stride, top + stride)) / SIDE)


def test_a_picture_that_is_not_square_is_fitted_and_put_back() -> None:
    (thing,) = found(rows((9, CELL, PERSON)), (128, 256))
    assert edges(thing) == pytest.approx((8 / 64, 8 / 32, 16 / 64, 16 / 32))


def test_what_is_beside_the_picture_is_none_and_what_crosses_its_edge_is_cut() -> None:
    below, across = (6 * COLUMNS, CELL, PERSON), (4 * COLUMNS - 1, (0.5, 1.0, 0.0, 0.0), DOG)
    (thing,) = found(rows(below, across), (128, 256))
    assert thing.label == "dog"
    assert edges(thing) == pytest.approx((56 / 64, 28 / 32, 1.0, 1.0))


def test_of_things_of_one_label_that_overlap_the_best_stays() -> None:
    faint = (0.5, 0.9, 0.1, 0.1)
    things = found(rows((18, WIDE, faint), (19, (0.0, 0.5, *WIDE[2:]), PERSON), (22, WIDE, faint)))
    assert [round(thing.score, 2) for thing in things] == [0.81, 0.45]


def test_things_of_different_labels_do_not_hide_each_other() -> None:
    at_the_edge = (-2.0, -2.0, float(np.log(8.0)), float(np.log(8.0)))
    things = found(rows((0, at_the_edge, PERSON), (1, (-3.0, -2.0, *at_the_edge[2:]), CAR)))
    assert [thing.label for thing in things] == ["person", "car"]


def test_flames_within_surer_flames_count_for_less_and_people_within_people_do_not() -> None:
    large = (0.5, 0.5, float(np.log(4.0)), float(np.log(4.0)))
    burning = objects.bundle(labels=["person", "car", "fire"])
    people = [(18, large, PERSON), (9, CELL, (0.8, 0.8, 0.1, 0.1)), (63, CELL, DOG)]
    flames = [(18, large, (0.9, 0.1, 0.1, 0.9)), (9, CELL, (0.8, 0.1, 0.1, 0.8)), (63, CELL, DOG)]
    (things,) = YoloX(burning, ScriptedSession(rows(*people))).find([np.zeros((SIDE, SIDE, 3), np.uint8)])
    assert [round(thing.score, 3) for thing in things] == [0.81, 0.64, 0.63]
    (things,) = YoloX(burning, ScriptedSession(rows(*flames))).find([np.zeros((SIDE, SIDE, 3), np.uint8)])
    assert [round(thing.score, 3) for thing in things] == [0.81, 0.63, 0.192]
    strict = YoloX(burning, ScriptedSession(rows(*flames)), {"score": 0.2})
    (things,) = strict.find([np.zeros((SIDE, SIDE, 3), np.uint8)])
    assert [round(thing.score, 3) for thing in things] == [0.81, 0.63]


def test_the_surest_comes_first_and_the_doubtful_are_left_out() -> None:
    things = found(rows((0, CELL, DOG), (9, CELL, PERSON), (20, CELL, (0.3, 0.3, 0.0, 0.0))))
    assert [thing.label for thing in things] == ["person", "dog"]


def test_thresholds_may_be_others() -> None:
    said = rows((18, WIDE, PERSON), (19, WIDE, PERSON), (36, CELL, (0.3, 0.3, 0.0, 0.0)))
    detector = YoloX(objects.bundle(), ScriptedSession(said), {"score": 0.05, "overlap": 0.2})
    assert [round(one.score, 2) for one in detector.find([np.zeros((8, 8, 3), np.uint8)])[0]] == [0.81, 0.09]
    assert detector.model.thresholds == {"score": 0.05, "overlap": 0.2}
    other = YoloX(objects.bundle(), ScriptedSession(said), {"overlap": 0.9})
    assert len(other.find([np.zeros((8, 8, 3), np.uint8)])[0]) == 2
    assert other.model.thresholds == {"score": 0.1, "overlap": 0.9}


@pytest.mark.parametrize("value", [np.nan, np.inf])
def test_what_is_no_number_is_refused(value: float) -> None:
    with pytest.raises(InferenceError, match="squares gave values that are not numbers"):
        found(rows((0, (value, 0, 0, 0), PERSON)))


def test_a_size_beyond_all_bounds_stays_a_number() -> None:
    (thing,) = found(rows((9, (0.0, 0.0, 1e4, 1e4), PERSON)))
    assert edges(thing) == (0.0, 0.0, 1.0, 1.0)


def test_no_pictures_are_no_things_and_no_look() -> None:
    session = ScriptedSession(rows())
    with closing(YoloX(objects.bundle(), session)) as detector:
        assert detector.find([]) == []
        assert detector.find([np.zeros((8, 8, 3), np.uint8)]) == [[]]
    assert len(session.given) == 1
    assert session.given[0][0, 0, 0, 0] == 0
    assert session.closed


def test_beside_a_picture_is_the_grey_that_the_network_learned_with() -> None:
    session = ScriptedSession(rows())
    YoloX(objects.bundle(), session).find([np.zeros((32, 64, 3), np.uint8)])
    assert session.given[0][0, :, 31].max() == 0
    assert (session.given[0][0, :, 32:] == 114).all()


def test_a_batch_of_pictures_of_different_sizes_is_looked_at_as_each_alone(tmp_path: Path) -> None:
    bundle = load_bundle(str(object_bundle(tmp_path)))
    wide, small = np.zeros((64, 128, 3), np.uint8), np.zeros((SIDE, SIDE, 3), np.uint8)
    wide[16:32, 32:48] = (0, 0, 255)
    small[8:16, 16:24] = (255, 0, 0)
    small[32:40, 16:24] = (0, 255, 0)
    with closing(YoloX(bundle, OnnxRuntimeSession(bundle, 1))) as detector:
        (one, other) = detector.find([wide, small])
        assert detector.find([wide]) == [one]
    assert [thing.label for thing in one] == ["person"]
    assert edges(one[0]) == pytest.approx((32 / 128, 16 / 64, 48 / 128, 32 / 64))
    assert sorted(thing.label for thing in other) == ["car", "dog"]


def by_hand(said: npt.NDArray[np.float32], least: float, overlap: float) -> List[Tuple[str, float]]:
    """A loop over the boxes of a picture of the input's size, as plain as can be."""
    cells = [(x, y, by) for by in (8, 16, 32) for y in range(SIDE // by) for x in range(SIDE // by)]
    there = []
    for (x, y, by), row in zip(cells, said[0].astype(float)):
        label = int(row[5:].argmax())
        score = float(np.float32(row[4]) * np.float32(row[5 + label]))
        middle, size = ((x + row[0]) * by, (y + row[1]) * by), np.exp(row[2:4]) * by
        there.append((score, label, middle[0], middle[1], size[0], size[1]))
    kept: List[Tuple[float, int, float, float, float, float]] = []
    for one in sorted(there, key=lambda one: -one[0]):
        if one[0] >= least and all(one[1] != other[1] or iou(one, other) <= overlap for other in kept):
            kept.append(one)
    return [(LABELS[label], score) for score, label, *_ in kept]


def iou(one: Tuple[float, ...], other: Tuple[float, ...]) -> float:
    sides = [
        max(0.0, min(a + c / 2, b + d / 2) - max(a - c / 2, b - d / 2))
        for a, b, c, d in zip(one[2:4], other[2:4], one[4:6], other[4:6])
    ]
    common = sides[0] * sides[1]
    return common / (one[4] * one[5] + other[4] * other[5] - common)


@pytest.mark.parametrize("seed", range(20))
def test_it_keeps_what_a_loop_over_boxes_keeps(seed: int) -> None:
    rng = np.random.default_rng(seed)
    said = np.zeros((1, CELLS, 5 + len(LABELS)), np.float32)
    said[0, :, :2] = rng.normal(0.5, 0.5, (CELLS, 2))
    said[0, :, 2:4] = rng.normal(0.3, 0.3, (CELLS, 2))
    said[0, :, 4:] = rng.uniform(0, 1, (CELLS, 1 + len(LABELS)))
    # Every middle in the picture: boxes beyond it are left out, which the loop does not do.
    said[0, :, :2] = np.clip(said[0, :, :2], 0.2, 0.8)
    expected = by_hand(said, 0.1, 0.5)
    things = [(thing.label, thing.score) for thing in found(said)]
    assert len(expected) > 10
    assert [label for label, _ in things] == [label for label, _ in expected]
    assert [score for _, score in things] == pytest.approx([score for _, score in expected])


def test_the_published_network_sees_what_coco_has(tmp_path: Path) -> None:
    source, picture = SHARED / "weights" / "yolox_nano.onnx", SHARED / "data/coco/val2017/000000000139.jpg"
    if not (source.is_file() and picture.is_file()):
        pytest.skip("no published weights or no COCO beside the checkout (../shared)")
    convert_yolox(source, tmp_path)
    bundle = load_bundle(str(tmp_path), "object-detection")
    with closing(YoloX(bundle, OnnxRuntimeSession(bundle, 1), {"score": 0.5})) as detector:
        (things,) = detector.find([np.asarray(cv2.imread(str(picture)), np.uint8)])
    people = [thing for thing in things if thing.label == "person"]
    assert people
    assert edges(people[0]) == pytest.approx(
        (412.8 / 640, 157.61 / 426, 465.85 / 640, 295.62 / 426), abs=0.03
    )
