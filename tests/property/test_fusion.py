"""Whatever the weights, more evidence never says less."""

from __future__ import annotations

from dataclasses import replace
from typing import List

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.domain.box import Box
from agent.domain.detection import Detection
from agent.domain.evidence import HEAT, FireScores
from agent.domain.fusion import BURNING, MOST_BOXES, Fusion, Weights, logit, sigmoid

WHOLE = Box(0.0, 0.0, 1.0, 1.0)
shares = st.floats(0, 1)
heavy = st.floats(0, 20)
labels = st.sampled_from([*BURNING, "car"])
weights = st.builds(Weights, st.floats(-20, 20), heavy, heavy, heavy)
rules = st.builds(Fusion, weights, weights)
found = st.lists(st.builds(Detection, labels, shares, st.just(WHOLE)), max_size=6)


@st.composite
def judged(draw: st.DrawFn) -> FireScores:
    danger = draw(shares)
    fire = danger * draw(shares)
    return FireScores(fire, danger - fire, 1.0 - danger)


def no_less(after: FireScores, before: FireScores) -> None:
    assert after.danger >= before.danger - 1e-9
    assert after.fire >= before.fire - 1e-9


@given(rules, judged(), found)
def test_they_are_probabilities_that_sum_to_1(
    rule: Fusion, scores: FireScores, boxes: List[Detection]
) -> None:
    fused = rule.of(scores, boxes)
    parts = (fused.fire, fused.start_fire, fused.no_fire)
    assert min(parts) >= 0.0
    assert sum(parts) == pytest.approx(1.0)
    assert fused.fire <= fused.danger + 1e-12


@given(rules, judged(), found, labels, shares)
def test_one_more_box_never_says_less(
    rule: Fusion, scores: FireScores, boxes: List[Detection], label: str, score: float
) -> None:
    no_less(rule.of(scores, [*boxes, Detection(label, score, WHOLE)]), rule.of(scores, boxes))


@given(rules, judged(), st.lists(st.builds(Detection, labels, shares, st.just(WHOLE)), min_size=1), shares)
def test_a_surer_box_never_says_less(
    rule: Fusion, scores: FireScores, boxes: List[Detection], share: float
) -> None:
    surer = replace(boxes[0], score=boxes[0].score + (1.0 - boxes[0].score) * share)
    no_less(rule.of(scores, [surer, *boxes[1:]]), rule.of(scores, boxes))


@given(rules, judged(), found, shares)
def test_more_danger_seen_by_the_classifier_never_says_less(
    rule: Fusion, scores: FireScores, boxes: List[Detection], share: float
) -> None:
    for kind in ("fire", "start_fire"):
        more = scores.no_fire * share
        worse = replace(scores, no_fire=scores.no_fire - more, **{kind: getattr(scores, kind) + more})
        no_less(rule.of(worse, boxes), rule.of(scores, boxes))


@given(judged(), found)
def test_without_weight_boxes_leave_the_classifier_its_word(
    scores: FireScores, boxes: List[Detection]
) -> None:
    alone = Weights(0.0, 1.0, 0.0)
    fused = Fusion(alone, alone).of(scores, boxes)
    assert fused.danger == pytest.approx(scores.danger, abs=2e-6)
    assert fused.fire == pytest.approx(scores.fire, abs=2e-6)


@given(rules, judged(), st.lists(st.builds(Detection, st.just("car"), shares, st.just(WHOLE))))
def test_what_is_neither_flames_nor_smoke_says_nothing(
    rule: Fusion, scores: FireScores, cars: List[Detection]
) -> None:
    assert rule.of(scores, cars) == rule.of(scores, [])


@given(rules, judged(), st.lists(st.builds(Detection, labels, shares, st.just(WHOLE)), max_size=30))
def test_the_surest_flames_and_smoke_go_with_it(
    rule: Fusion, scores: FireScores, boxes: List[Detection]
) -> None:
    kept = rule.of(scores, boxes).boxes
    burning = sorted((one.score for one in boxes if one.label in BURNING), reverse=True)
    assert kept is not None
    assert [one.score for one in kept] == burning[:MOST_BOXES]


@given(st.floats(-800, 800))
def test_a_probability_comes_of_any_odds(odds: float) -> None:
    assert 0.0 <= sigmoid(odds) <= 1.0
    assert abs(logit(sigmoid(odds)) - max(-13.8156, min(13.8156, odds))) < 1e-3


@given(rules, judged(), found)
def test_the_heat_of_the_classifier_stays(rule: Fusion, scores: FireScores, boxes: List[Detection]) -> None:
    heat = Detection(HEAT, 0.9, WHOLE)
    fused = rule.of(replace(scores, heat=heat), boxes)
    assert fused == replace(rule.of(scores, boxes), heat=heat)
    assert fused.where == (fused.boxes or (heat,))
