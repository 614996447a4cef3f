"""How much of a picture boxes cover."""

from __future__ import annotations

from typing import List

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.domain.box import Box
from agent.domain.extent import covered

CELLS = 8


@st.composite
def boxes(draw: st.DrawFn) -> Box:
    left, top = draw(st.integers(0, CELLS - 1)), draw(st.integers(0, CELLS - 1))
    return Box(left, top, draw(st.integers(left + 1, CELLS)), draw(st.integers(top + 1, CELLS)))


def test_nothing_covers_nothing() -> None:
    assert covered([]) == 0.0


def test_what_two_cover_counts_once() -> None:
    assert covered([Box(0, 0, 0.5, 0.5), Box(0.25, 0.25, 0.75, 0.75)]) == pytest.approx(0.4375)


def test_a_box_in_another_adds_nothing() -> None:
    assert covered([Box(0, 0, 1, 1), Box(0.2, 0.2, 0.3, 0.9)]) == pytest.approx(1.0)


@given(st.lists(boxes(), max_size=6))
def test_it_is_the_number_of_cells_under_any_box(found: List[Box]) -> None:
    under = {
        (x, y)
        for box in found
        for x in range(int(box.left), int(box.right))
        for y in range(int(box.top), int(box.bottom))
    }
    assert covered(found) == pytest.approx(len(under))
