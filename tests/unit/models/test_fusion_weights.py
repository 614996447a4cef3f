"""The weights are none below 0, as good as the pictures allow, and on the classifier's scale."""

from __future__ import annotations

import json
from typing import List

import numpy as np
import pytest

from agent.domain.box import Box
from agent.domain.detection import Detection
from agent.domain.evidence import FireScores
from agent.domain.fusion import sigmoid
from agent.inference.manifest import FIRE_LABELS
from models.calibration import MOST_FALSE_ALARMS
from models.fusion_weights import ALONE, Looked, choose, figures, probabilities

THRESHOLDS = {"open_above": 0.85, "close_below": 0.43, "fire_above": 0.53}


def looked(flames_tell: float, each: int = 120) -> Looked:
    """A classifier that is a little right, and boxes whose score tells fire by so much (below 0: the wrong
    way round)."""
    rng = np.random.default_rng(5)
    truth = np.repeat(np.arange(3), each)
    judged: List[FireScores] = []
    found: List[List[Detection]] = []
    for label in truth.tolist():
        burns = FIRE_LABELS[label] != "no-fire"
        danger = sigmoid(float(rng.normal(1.0 if burns else -1.0, 1.5)))
        fire = danger * sigmoid(float(rng.normal(1.0 if label == 0 else -1.0, 1.0)))
        judged.append(FireScores(fire, danger - fire, 1.0 - danger))
        score = sigmoid(float(rng.normal(flames_tell if burns else -flames_tell, 1.0)))
        found.append([Detection("fire", score, Box(0, 0, 1, 1))] if score > 0.1 else [])
    return Looked(truth, judged, found)


def test_boxes_that_tell_fire_weigh_and_better_the_classifier() -> None:
    pictures = looked(2.0)
    rule = choose(pictures, THRESHOLDS)
    assert min(rule.danger.judged, rule.danger.flames, rule.fire.judged) > 0.1
    assert rule.danger.smoke == 0.0
    alone, fused = figures(ALONE, pictures), figures(rule, pictures)
    assert float(str(fused["recall"])) > float(str(alone["recall"])) + 0.1
    assert float(str(fused["log_loss"])) < float(str(alone["log_loss"]))
    json.dumps(fused)


def test_boxes_that_tell_it_the_wrong_way_weigh_nothing() -> None:
    rule = choose(looked(-1.5), THRESHOLDS)
    assert rule.danger.flames == 0.0


def test_the_boxes_can_be_weighed_alone() -> None:
    rule = choose(looked(2.0), THRESHOLDS, judged=False)
    assert (rule.danger.judged, rule.fire.judged) == (0.0, 0.0)
    assert rule.danger.flames > 0.1


@pytest.mark.parametrize("judged", [True, False])
def test_at_the_classifiers_threshold_hardly_a_calm_picture_is_called_dangerous(judged: bool) -> None:
    pictures = looked(2.0)
    danger = 1.0 - probabilities(choose(pictures, THRESHOLDS, judged), pictures)[:, 2]
    calm = pictures.truth == 2
    assert (danger[calm] >= THRESHOLDS["open_above"]).mean() <= MOST_FALSE_ALARMS
    assert (danger[~calm] >= THRESHOLDS["open_above"]).mean() > 0.6


def test_a_classifier_without_thresholds_is_held_to_the_policys() -> None:
    pictures = looked(2.0)
    assert choose(pictures, {}) == choose(pictures, {"open_above": 0.6, "fire_above": 0.5})


def test_of_nothing_calm_and_nothing_burning_there_are_figures_all_the_same() -> None:
    flame = Looked(np.zeros(1, np.int64), [FireScores(0.9, 0.05, 0.05)], [[]])
    calm = Looked(np.full(1, 2, np.int64), [FireScores(0.0, 0.1, 0.9)], [[]])
    assert figures(ALONE, flame)["recall"] == 1.0
    assert figures(ALONE, calm)["recall"] == 0.0
