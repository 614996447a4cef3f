from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.calibration import MOST_FALSE_ALARMS, choose_temperature, choose_thresholds
from models.scoring import score, wilson

LABELS = ("fire", "start-fire", "no-fire")


def test_figures_of_a_small_case_worked_by_hand() -> None:
    probabilities = np.array(
        [[0.8, 0.1, 0.1], [0.3, 0.6, 0.1], [0.1, 0.2, 0.7], [0.1, 0.1, 0.8], [0.4, 0.25, 0.35]], np.float32
    )
    truth = np.array([0, 0, 1, 2, 2])
    scores = score(probabilities, truth, LABELS, danger_above=0.5, rounds=50)
    assert scores.confusion == [[1, 1, 0], [0, 0, 1], [1, 0, 1]]
    assert scores.accuracy == pytest.approx(2 / 5)
    assert scores.recall == {"fire": 0.5, "start-fire": 0.0, "no-fire": 0.5}
    assert scores.macro_f1 == pytest.approx((0.5 + 0.0 + 0.5) / 3)
    assert scores.fire_or_not_accuracy == pytest.approx(3 / 5)


def test_a_class_without_pictures_does_not_count_in_macro_f1() -> None:
    probabilities = np.array([[0.0, 0.1, 0.9], [0.9, 0.1, 0.0]], np.float32)
    scores = score(probabilities, np.array([2, 0]), LABELS, rounds=10)
    assert scores.macro_f1 == 1.0
    assert scores.intervals["recall"]["start-fire"] == (0.0, 1.0)


def test_wilsons_interval_of_nine_in_ten() -> None:
    low, high = wilson(9, 10)
    assert low == pytest.approx(0.596, abs=1e-3)
    assert high == pytest.approx(0.982, abs=1e-3)


@given(st.integers(0, 500), st.integers(0, 500))
def test_the_interval_holds_the_share(right: int, wrong: int) -> None:
    low, high = wilson(right, right + wrong)
    assert 0.0 <= low <= high <= 1.0
    if right + wrong:
        assert low <= right / (right + wrong) + 1e-9
        assert high >= right / (right + wrong) - 1e-9


def calibrated(n: int = 4000, temperature: float = 1.0) -> tuple[np.ndarray, np.ndarray]:
    """Logits whose softmax at `temperature` gives the true frequencies."""
    rng = np.random.default_rng(5)
    logits = rng.normal(0, 2, (n, 3))
    odds = np.exp(logits)
    truth = np.array([rng.choice(3, p=row / row.sum()) for row in odds])
    return (logits * temperature).astype(np.float32), truth


@pytest.mark.parametrize("temperature", [0.5, 1.0, 2.5])
def test_the_temperature_undoes_over_and_under_confidence(temperature: float) -> None:
    logits, truth = calibrated(temperature=temperature)
    assert choose_temperature(logits, truth) == pytest.approx(temperature, rel=0.08)


def test_the_opening_threshold_keeps_false_alarms_within_their_bound() -> None:
    rng = np.random.default_rng(1)
    truth = np.repeat([0, 1, 2], 500)
    danger = np.where(truth == 2, rng.beta(1, 6, 1500), rng.beta(6, 1, 1500))
    share = np.where(truth == 0, 0.8, 0.2)
    probabilities = np.stack([danger * share, danger * (1 - share), 1 - danger], 1).astype(np.float32)
    chosen = choose_thresholds(probabilities, truth, LABELS)
    assert (danger[truth == 2] >= chosen["open_above"]).mean() <= MOST_FALSE_ALARMS
    strict = choose_thresholds(probabilities, truth, LABELS, 0.004)
    assert (danger[truth == 2] >= strict["open_above"]).mean() <= 0.004
    assert chosen["close_below"] < chosen["open_above"] < strict["open_above"]
    assert 0.2 < chosen["fire_above"] < 0.8
