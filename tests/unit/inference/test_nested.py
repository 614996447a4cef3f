from __future__ import annotations

from typing import List, Sequence

import numpy as np
import pytest

from agent.inference.nested import DOUBT, doubted

WHOLE, TONGUE, BESIDE = (0.0, 0.0, 100.0, 100.0), (10.0, 10.0, 30.0, 40.0), (200.0, 0.0, 240.0, 80.0)


def weighed(boxes: Sequence[Sequence[float]], groups: Sequence[int]) -> List[float]:
    scores = np.linspace(0.9, 0.5, len(boxes)).astype(np.float32)
    weights: List[float] = (doubted(scores, np.array(boxes, np.float32), np.array(groups)) / scores).tolist()
    return weights


def test_a_flame_within_a_surer_one_counts_for_less_and_one_beside_it_does_not() -> None:
    assert weighed([WHOLE, TONGUE, BESIDE], [0, 0, 0]) == pytest.approx([1, DOUBT, 1])


def test_a_box_around_a_surer_one_stays_what_it_is() -> None:
    assert weighed([TONGUE, WHOLE], [0, 0]) == pytest.approx([1, 1])


def test_smoke_takes_nothing_from_the_flames_in_it() -> None:
    assert weighed([WHOLE, TONGUE], [1, 0]) == pytest.approx([1, 1])


@pytest.mark.parametrize(("left", "counts"), [(49.0, DOUBT), (51.0, 1.0)])
def test_half_of_a_box_must_lie_in_the_other(left: float, counts: float) -> None:
    assert weighed([WHOLE, (left, 0.0, left + 100, 100.0)], [0, 0]) == pytest.approx([1, counts])


def test_none_and_one_are_as_they_are() -> None:
    assert weighed([], []) == []
    assert weighed([WHOLE], [0]) == [1]
