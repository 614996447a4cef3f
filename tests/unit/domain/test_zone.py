"""What lies in a part of a picture."""

from __future__ import annotations

import pytest

from agent.domain.zone import Zone

HOOK = Zone("hook", ((0.1, 0.1), (0.9, 0.1), (0.9, 0.9), (0.6, 0.9), (0.6, 0.4), (0.1, 0.4)))


@pytest.mark.parametrize(
    ("x", "y", "inside"),
    [(0.2, 0.2, True), (0.8, 0.8, True), (0.3, 0.7, False), (0.05, 0.2, False), (0.95, 0.5, False)],
)
def test_a_point_lies_within_the_edge_or_not(x: float, y: float, inside: bool) -> None:
    assert HOOK.holds(x, y) is inside
    turned = Zone("turned", HOOK.corners[::-1])
    assert turned.holds(x, y) is inside


def test_of_two_zones_that_touch_one_holds_a_point_between() -> None:
    left = Zone("left", ((0.0, 0.0), (0.5, 0.0), (0.5, 1.0), (0.0, 1.0)))
    right = Zone("right", ((0.5, 0.0), (1.0, 0.0), (1.0, 1.0), (0.5, 1.0)))
    assert [zone.holds(0.5, 0.5) for zone in (left, right)].count(True) == 1
