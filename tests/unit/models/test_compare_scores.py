"""Figures of a bundle beside another, against what is plain to see."""

from __future__ import annotations

from pathlib import Path
from typing import List, Sequence

import numpy as np
import pytest

from agent.inference.bundle import load_bundle
from models.compare_scores import Answers, answers, calibration_error, gain, quality, rates, reliability
from models.data import Item
from models.verify import Judged
from tests.fakes.bundles import colour_network, manifest, write_bundle

FIRE, START, CALM = range(3)


def said(dangers: Sequence[float], truth: Sequence[int], open_above: float = 0.5) -> Answers:
    """All danger is fire's."""
    rows = [[danger, 0.0, 1 - danger] for danger in dangers]
    return Answers(np.array(rows, np.float32), np.array(truth), open_above)


def test_columns_come_in_one_order_whatever_the_bundles(tmp_path: Path) -> None:
    labels = ["no-fire", "fire", "start-fire"]
    description = manifest(labels=labels, thresholds={"open_above": 0.7})
    bundle = load_bundle(str(write_bundle(tmp_path / "other", colour_network(), description)))
    items = [Item(Path("a"), "start-fire", "", ""), Item(Path("b"), "no-fire", "", "")]
    judged = Judged(items, np.array([[0.1, 0.2, 0.7], [0.5, 0.3, 0.2]], np.float32), [], [])
    found = answers(bundle, judged)
    assert found.truth.tolist() == [START, CALM]
    assert found.probabilities[0].tolist() == pytest.approx([0.2, 0.7, 0.1])
    assert found.danger.tolist() == pytest.approx([0.9, 0.5])
    assert found.open_above == 0.7
    assert found.right.tolist() == [True, True]
    assert found.right_alarm.tolist() == [True, True]


def test_false_alarms_and_misses_go_by_the_own_threshold() -> None:
    truth = [CALM, CALM, CALM, CALM, FIRE, FIRE]
    dangers = [0.1, 0.55, 0.65, 0.95, 0.6, 0.8]
    low, high = said(dangers, truth, 0.5), said(dangers, truth, 0.7)
    found = quality(low, low, 1), quality(high, low, 1)
    assert [one.false_alarms for one in found] == [0.75, 0.25]
    assert [one.missed for one in found] == [0.0, 0.5]
    assert found[1].fire_or_not_gain == pytest.approx((3 + 1) / 6 - (1 + 2) / 6)
    assert found[1].accuracy_gain == 0
    assert found[1].accuracy_gain_interval == (0, 0)
    low_end, high_end = found[1].false_alarms_interval
    assert low_end < 0.25 < high_end
    assert found[1].as_dict()["accuracy"] == found[1].scores.accuracy


def test_what_there_is_no_picture_of_has_no_figure() -> None:
    calm, burning = said([0.1, 0.9], [CALM, CALM]), said([0.1, 0.9], [FIRE, FIRE])
    assert quality(calm, calm, 1).missed is None
    assert quality(burning, burning, 1).false_alarms is None
    assert rates(calm) is None
    assert rates(burning) is None


def test_an_interval_of_a_difference_knows_that_the_pictures_are_the_same() -> None:
    rng = np.random.default_rng(0)
    before = rng.random(400) < 0.8
    after = before.copy()
    after[np.flatnonzero(~before)[:8]] = True
    value, (low, high) = gain(after, before, seed=1)
    assert value == pytest.approx(0.02)
    assert 0 < low < 0.02 < high < 0.04
    unpaired, (wide_low, wide_high) = gain(rng.permutation(after), before, seed=1)
    assert unpaired == pytest.approx(0.02)
    assert wide_high - wide_low > 3 * (high - low)
    assert gain(after, before, seed=1) == (value, (low, high))
    assert gain(before, after, seed=1)[0] == pytest.approx(-0.02)


def test_calibration_error_is_the_gap_between_confidence_and_accuracy() -> None:
    sure = said([0.95] * 4 + [0.7] * 2, [FIRE, FIRE, FIRE, CALM, FIRE, CALM])
    assert [one[0] for one in reliability(sure)] == pytest.approx([0.7, 0.95])
    assert [one[1:] for one in reliability(sure)] == [(0.5, 2), (0.75, 4)]
    assert calibration_error(sure) == pytest.approx((0.2 * 2 + 0.2 * 4) / 6)
    certain = said([1.0, 0.0], [FIRE, CALM])
    assert reliability(certain) == [(1.0, 1.0, 2)]
    assert calibration_error(certain) == 0


@pytest.mark.parametrize(
    "dangers", [[0.9, 0.8, 0.3, 0.1], [0.9, 0.2, 0.3, 0.1], [0.5] * 4, [0.1, 0.2, 0.8, 0.9]]
)
def test_the_area_is_the_share_of_pairs_in_the_right_order(dangers: List[float]) -> None:
    truth = [FIRE, START, CALM, CALM]
    pairs = [
        1.0 if burning > calm else 0.5 if burning == calm else 0.0
        for burning in dangers[:2]
        for calm in dangers[2:]
    ]
    found = rates(said(dangers, truth))
    assert found is not None
    assert found.area == pytest.approx(np.mean(pairs))
    assert (found.false[0], found.true[0]) == (0, 0)
    assert (found.false[-1], found.true[-1]) == (1, 1)
    assert found.precision[-1] == 0.5


def test_average_precision_weighs_by_what_is_found() -> None:
    found = rates(said([0.9, 0.8, 0.7, 0.6], [FIRE, CALM, FIRE, CALM]))
    assert found is not None
    assert found.average_precision == pytest.approx(0.5 * 1 + 0.5 * 2 / 3)
