from __future__ import annotations

from typing import Sequence, Tuple

import numpy as np
import pytest

from models.data import DataError
from models.face_scoring import (
    ACCURACY,
    Trials,
    best_threshold,
    folds_of,
    roc,
    tar_at,
    verification,
)


def trials(people: int = 40, spread: float = 0.0, missing: int = 0) -> Trials:
    """For each of `people` a pair of their own at 0.3 and one with the next person at 0.9, give or take; the
    first `missing` pairs of one person have a picture without a face."""
    rng = np.random.default_rng(3)
    ends = [(n, n) for n in range(people)] + [(n, (n + 1) % people) for n in range(people)]
    same = np.arange(2 * people) < people
    distances = np.where(same, 0.3, 0.9) + rng.normal(0, 1, 2 * people) * spread
    distances[:missing] = np.inf
    indices = np.array(ends, np.int64)
    return Trials(distances, same, indices, folds_of(people)[indices])


def test_faces_far_apart_are_told_apart() -> None:
    result = verification(trials(), rounds=50)
    assert result.rates == {ACCURACY: 1.0, tar_at(0.01): 1.0, tar_at(0.001): 1.0}
    assert result.threshold == pytest.approx(0.6)


def test_where_all_is_right_the_interval_is_not_nothing() -> None:
    low, high = verification(trials(), rounds=50).interval(ACCURACY)
    assert low == pytest.approx(0.954, abs=0.001)
    assert high == 1.0


def test_the_interval_holds_the_rate() -> None:
    result = verification(trials(people=200, spread=0.2), rounds=100)
    for name, rate in result.rates.items():
        low, high = result.interval(name)
        assert low <= rate <= high
        assert high - low > 0.02
    assert 0.85 < result.rates[ACCURACY] < 0.99


def test_a_picture_without_a_face_is_like_no_other() -> None:
    result = verification(trials(missing=4), rounds=50)
    assert result.rates[ACCURACY] == pytest.approx(1 - 4 / 80)
    assert result.rates[tar_at(0.01)] == pytest.approx(1 - 4 / 40)


def test_a_pair_is_not_judged_by_a_threshold_chosen_on_its_own_people() -> None:
    """Fold 1 is the other way round: a threshold of its own would do better there."""
    people = np.repeat(np.arange(8), 2)
    folds = np.repeat([0, 0, 1, 1, 2, 2, 3, 3], 2)
    same = np.tile([True, False], 8)
    distances = np.where(same, 0.2, 0.8)
    distances[folds == 1] = np.array([0.9, 0.95, 0.9, 0.95])
    ends = np.stack([people, np.where(same, people, people + 8)], axis=1)
    result = verification(Trials(distances, same, ends, np.stack([folds, folds], axis=1)), rounds=5)
    assert result.rates[ACCURACY] == pytest.approx(14 / 16)


def test_too_few_people_are_refused() -> None:
    one_fold = trials(people=6)
    with pytest.raises(DataError, match="too few people"):
        verification(Trials(one_fold.distances, one_fold.same, one_fold.people, one_fold.folds * 0), rounds=1)


@pytest.mark.parametrize(
    ("distances", "same", "threshold"),
    [
        ([0.2, 0.4, 0.6, 0.8], [1, 1, 0, 0], 0.5),
        ([0.8, 0.2, 0.6, 0.4], [0, 1, 0, 1], 0.5),
        ([0.2, 0.4, 0.4, 0.8], [1, 1, 0, 0], 0.6),
        ([0.2, 0.4], [0, 0], 0.1),
        ([0.2, np.inf, np.inf], [1, 0, 1], 0.2),
    ],
)
def test_best_threshold(distances: Sequence[float], same: Sequence[int], threshold: float) -> None:
    found = best_threshold(np.array(distances), np.array(same, bool))
    assert found == pytest.approx(threshold)
    right = (np.array(distances) < found) == np.array(same, bool)
    assert right.sum() >= len(same) - 1


def roc_of(distances: Sequence[float], same: Sequence[int]) -> Tuple[Sequence[float], Sequence[float]]:
    nobody = np.zeros((len(same), 2), np.int64)
    return roc(Trials(np.array(distances), np.array(same, bool), nobody, nobody))


def test_roc_goes_from_the_strictest_to_the_last_face_found() -> None:
    wrong, right = roc_of([0.1, 0.3, 0.2, 0.9, np.inf], [1, 1, 0, 0, 1])
    assert wrong == [0.0, 0.5, 0.5, 1.0]
    assert right == pytest.approx([1 / 3, 1 / 3, 2 / 3, 2 / 3])


def test_tar_lets_pass_no_more_than_the_rate_says() -> None:
    """Of 1,000 pairs of two people, one is as near as 0.1, and ten nearer than 0.2."""
    others = np.concatenate([[0.1], np.full(9, 0.19), np.linspace(0.5, 1.5, 990)])
    own = np.array([0.05, 0.15, 0.3, 0.6])
    distances = np.concatenate([others, own])
    same = np.arange(len(distances)) >= len(others)
    people = np.arange(len(distances) * 2).reshape(-1, 2)
    people[same, 1] = people[same, 0]
    folds = np.repeat(np.arange(len(distances))[:, None] % 2, 2, axis=1)
    rates = verification(Trials(distances, same, people, folds), rounds=1).rates
    assert rates[tar_at(0.001)] == 2 / 4
    assert rates[tar_at(0.01)] == 3 / 4


def test_folds_are_even() -> None:
    assert sorted(np.bincount(folds_of(12, 5)).tolist()) == [2, 2, 2, 3, 3]
