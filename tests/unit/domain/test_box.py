from __future__ import annotations

import pytest

from agent.domain.box import Box

BOX = Box(100, 100, 140, 140)


@pytest.mark.parametrize(
    ("one", "other", "shared"),
    [
        (BOX, BOX, 1.0),
        (BOX, Box(300, 100, 340, 140), 0.0),
        (BOX, Box(120, 100, 160, 140), 1 / 3),
        (BOX, Box(110, 110, 130, 130), 0.25),
        (Box(5, 5, 5, 5), Box(5, 5, 5, 5), 0.0),
    ],
)
def test_what_two_boxes_share(one: Box, other: Box, shared: float) -> None:
    assert one.overlap(other) == pytest.approx(shared)
    assert other.overlap(one) == pytest.approx(shared)


def test_a_box_elsewhere_is_as_large() -> None:
    assert BOX.moved(-100, 5) == Box(0, 105, 40, 145)
    assert BOX.moved(-100, 5).area == BOX.area
