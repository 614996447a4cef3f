"""Whatever a closer look says, it never says less, and never fire."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.domain.box import Box
from agent.domain.detection import Detection
from agent.domain.evidence import FireScores
from agent.inference.closer import raised, views_of

shares = st.floats(0, 1)


@st.composite
def judged(draw: st.DrawFn) -> FireScores:
    danger = draw(shares)
    fire = danger * draw(shares)
    return FireScores(fire, danger - fire, 1.0 - danger)


@st.composite
def boxes(draw: st.DrawFn) -> Box:
    left, top = draw(shares), draw(shares)
    return Box(left, top, left + (1 - left) * draw(shares), top + (1 - top) * draw(shares))


@given(judged(), shares, st.floats(0, 5))
def test_a_closer_look_never_says_less_and_never_fire(scores: FireScores, close: float, doubt: float) -> None:
    after = raised(scores, close, doubt)
    assert after.danger >= scores.danger
    assert after.fire == scores.fire
    assert min(after.start_fire, after.no_fire) >= 0.0
    assert after.fire + after.start_fire + after.no_fire == pytest.approx(1.0)


@given(judged(), shares, shares)
def test_the_surer_it_is_the_more_it_says(scores: FireScores, one: float, other: float) -> None:
    less, more = sorted((one, other))
    assert raised(scores, more, 1.0).danger >= raised(scores, less, 1.0).danger


@given(boxes(), st.sampled_from(["boxes", "heat"]))
def test_a_view_lies_within_the_picture_and_shows_what_it_is_taken_around(box: Box, of: str) -> None:
    thing = Detection("fire", 0.5, box)
    scores = FireScores(0.1, 0.1, 0.8)
    said = replace(scores, boxes=(thing,)) if of == "boxes" else replace(scores, heat=thing)
    for part in views_of(said):
        assert min(part.left, part.top) >= -1e-9
        assert max(part.right, part.bottom) <= 1 + 1e-9
        assert part.width == pytest.approx(part.height)
        beyond = part.left - box.left, part.top - box.top, box.right - part.right, box.bottom - part.bottom
        assert max(beyond) <= 1e-9
