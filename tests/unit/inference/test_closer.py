"""Small parts that might burn are judged by themselves, unless they have not stirred."""

from __future__ import annotations

from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import List, Optional, Sequence

import pytest

from agent.config.settings import FireSettings
from agent.domain.box import Box
from agent.domain.detection import Detection
from agent.domain.evidence import HEAT, FireScores
from agent.domain.fusion import logit, sigmoid
from agent.errors import InferenceError
from agent.inference.closer import LENS, Closer, Lens, raised, views_of
from agent.inference.registry import load_fire_detector
from agent.ports import Picture
from tests.fakes.bundles import colour_bundle
from tests.fakes.detector import GREEN, MODEL, RED, FakeFireDetector, picture
from tests.fakes.looks import CALM, FLAMES, scores

FLAME = Detection("fire", 0.3, Box(0.6, 0.4, 0.7, 0.5))
HOT = Detection(HEAT, 0.3, Box(0.1, 0.1, 0.3, 0.2))


class Around(FakeFireDetector):
    """Says the same of every picture, however small what burns in it is."""

    def __init__(self, said: FireScores) -> None:
        super().__init__()
        self._said = said

    def look(self, pictures: Sequence[Picture], before: Sequence[Optional[Picture]] = ()) -> List[FireScores]:
        super().look(pictures)
        return [self._said for _ in pictures]


def street(flame: Sequence[int] = RED) -> Picture:
    """A green street with a fire of a hundredth of it where FLAME is."""
    canvas = picture(GREEN, (100, 200))
    canvas[40:50, 120:140] = flame
    return canvas


def test_what_is_boxed_is_seen_around_its_middle() -> None:
    (view,) = views_of(replace(CALM, boxes=(FLAME, HOT)))
    assert (view.left, view.top) == pytest.approx((0.55, 0.35))
    assert (view.width, view.height) == pytest.approx((0.2, 0.2))


def test_a_larger_box_is_seen_with_as_much_around_it() -> None:
    (view,) = views_of(replace(CALM, boxes=(Detection("smoke", 0.3, Box(0.3, 0.4, 0.6, 0.5)),)))
    assert (view.width, view.height) == pytest.approx((0.6, 0.6))


def test_a_view_lies_within_the_picture() -> None:
    for left, top in ((0.0, 0.95), (0.95, 0.0)):
        (view,) = views_of(
            replace(CALM, boxes=(Detection("fire", 0.3, Box(left, top, left + 0.05, top + 0.05)),))
        )
        assert min(view.left, view.top) >= 0
        assert max(view.right, view.bottom) <= 1 + 1e-9


def test_what_is_hot_is_looked_at_closer_too() -> None:
    views = views_of(replace(CALM, boxes=(FLAME,), heat=HOT))
    assert [view.width for view in views] == pytest.approx([0.2, 0.35])
    assert (views[1].left, views[1].top) == pytest.approx((0.025, 0.0))


@pytest.mark.parametrize("said", [CALM, replace(CALM, boxes=())])
def test_where_nothing_might_burn_there_is_nothing_to_look_at(said: FireScores) -> None:
    assert views_of(said) == []


def test_what_fills_the_picture_is_not_looked_at_again() -> None:
    assert views_of(replace(FLAMES, boxes=(Detection("fire", 0.9, Box(0.1, 0.1, 0.8, 0.6)),))) == []


def test_a_small_fire_is_a_start_fire_by_the_closer_look() -> None:
    judge = FakeFireDetector()
    canvas = street()
    canvas[30:60, 105:155] = RED  # in the view red outweighs green
    said = replace(scores(0.3, 0.5), boxes=(FLAME,))
    (closer,) = Closer(Around(said), judge).look([canvas])
    assert judge.batches == [1]
    assert closer.danger == pytest.approx(sigmoid(logit(FLAMES.danger) - LENS.doubt))
    assert closer.fire == said.fire
    assert sum((closer.fire, closer.start_fire, closer.no_fire)) == pytest.approx(1.0)
    assert closer.boxes == (FLAME,)


def test_a_calm_closer_look_changes_nothing() -> None:
    said = replace(scores(0.5), boxes=(FLAME,))
    assert Closer(Around(said), FakeFireDetector()).look([street(GREEN)]) == [said]


def test_what_has_not_stirred_is_not_looked_at_closer() -> None:
    said, still = replace(scores(0.3), boxes=(FLAME,)), street()
    flickers = still.copy()
    flickers[40:50, 120:130] = (0, 200, 255)
    elsewhere = still.copy()
    elsewhere[80:] = 0
    for before, looks in (
        (still, 0),
        (flickers, 1),
        (elsewhere, 0),
        (picture(GREEN, (10, 10)), 1),
        (None, 1),
    ):
        judge = FakeFireDetector()
        Closer(Around(said), judge).look([still.copy()], [before])
        assert len(judge.batches) == looks


def test_the_surest_box_in_which_something_stirs_is_looked_at() -> None:
    cone = Detection("fire", 0.6, Box(0.1, 0.8, 0.15, 0.9))
    boxes = (cone, FLAME)
    (calm,) = views_of(replace(CALM, boxes=boxes), lambda box: box == FLAME.box)
    assert calm == views_of(replace(CALM, boxes=(FLAME,)))[0]
    assert views_of(replace(CALM, boxes=boxes, heat=HOT), lambda _: False) == []


def test_each_picture_is_held_against_its_own_camera() -> None:
    judge = FakeFireDetector()
    said = replace(scores(0.3), boxes=(FLAME,), heat=HOT)
    Closer(Around(said), judge).look([street(), street(), street(GREEN)], [street(), None, street()])
    assert judge.batches == [3], "of the first nothing stirs, of the last only what is boxed"


def test_where_all_is_calm_the_classifier_is_not_asked_again() -> None:
    judge = FakeFireDetector()
    assert Closer(Around(CALM), judge).look([picture(GREEN)] * 2) == [CALM, CALM]
    assert judge.batches == []


def test_where_the_closer_look_fails_the_look_fails() -> None:
    said = replace(CALM, boxes=(FLAME,))
    with pytest.raises(InferenceError):
        Closer(Around(said), FakeFireDetector(failures=1)).look([street()])


def test_it_is_the_model_that_it_looks_with_and_closes_that() -> None:
    around = Around(CALM)
    closer = Closer(around, FakeFireDetector())
    assert closer.model == MODEL
    closer.close()
    assert around.closed


def test_a_lens_says_how_much_is_seen_and_how_much_is_believed() -> None:
    said = replace(scores(0.3), boxes=(FLAME,), heat=HOT)
    lens = Lens(wider=3.0, least_boxed=0.1, least_hot=0.5, doubt=0.0)
    assert [view.width for view in views_of(said, lens=lens)] == pytest.approx([0.3, 0.5])
    canvas = street()
    canvas[:] = RED
    (closer,) = Closer(Around(said), FakeFireDetector(), lens).look([canvas])
    assert closer.danger == pytest.approx(FLAMES.danger)


def test_less_than_was_said_is_not_taken_back() -> None:
    assert raised(FLAMES, 0.97, 0.0) is FLAMES


@pytest.mark.parametrize("closer", [True, False])
def test_the_configured_detector_looks_closer_unless_told_not_to(tmp_path: Path, closer: bool) -> None:
    section = {"bundle": str(colour_bundle(tmp_path)), "backend": "onnxruntime", "closer": closer}
    with closing(load_fire_detector(FireSettings.model_validate(section))) as detector:
        assert isinstance(detector, Closer) == closer
        (scores,) = detector.look([picture(RED)])
    assert scores.fire > 0.9


def test_it_looks_closer_by_default() -> None:
    assert FireSettings().closer
