"""Pictures that alarm, and those that should."""

from __future__ import annotations

from pathlib import Path
from typing import FrozenSet, List

import pytest

from agent.domain.box import Box
from agent.domain.detection import Detection
from models.boxed_pictures import Scene, Thing
from models.data import DataError
from models.picture_level import choose, judged, scored

WHOLE = Box(0.0, 0.0, 1.0, 1.0)
BOTH = frozenset({"fire", "smoke"})


def scene(*labels: str, labelled: FrozenSet[str] = BOTH) -> Scene:
    return Scene(Path("x"), tuple(Thing(label, WHOLE) for label in labels), labelled)


def found(**scores: float) -> List[Detection]:
    return [Detection(label, score, WHOLE) for label, score in scores.items()]


def test_the_surest_flame_or_smoke_speaks_for_a_picture() -> None:
    scenes = [scene("fire", "smoke"), scene("smoke"), scene(), scene(), scene(labelled=frozenset({"fire"}))]
    things = [found(fire=0.4, smoke=0.7), found(smoke=0.9), found(person=0.9, fire=0.2), [], found(fire=0.8)]
    assert scored(scenes, things) == ([0.7], [0.2, 0.0])


def test_the_threshold_is_the_lowest_at_which_so_few_calm_pictures_alarm() -> None:
    scores = ([0.9, 0.5], [0.3, 0.6] + [0.1] * 48)
    threshold = choose(scores, most_false=0.02)
    assert 0.3 < threshold < 0.302
    level = judged(scores, threshold)
    assert (level.found, level.burning, level.false, level.calm) == (2, 2, 1, 50)
    assert choose(scores, most_false=0.0) > 0.6


def test_shares_have_their_intervals() -> None:
    told = judged(([0.9, 0.1], [0.1]), 0.5).as_dict()
    assert (told["recall"], told["false_alarms"]) == (0.5, 0.0)
    assert told["recall_interval"] == pytest.approx([0.0945, 0.9055], abs=1e-3)


def test_calm_pictures_are_needed_to_choose() -> None:
    with pytest.raises(DataError, match="without flames"):
        choose(([0.9], []))
