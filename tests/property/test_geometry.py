"""Zones and lines against plainer ways to say the same, in exact fractions."""

from __future__ import annotations

from fractions import Fraction
from typing import List, Optional, Tuple

from hypothesis import assume, given
from hypothesis import strategies as st

from agent.domain.geometry import IN, OUT, Line, Point, turned_from
from agent.domain.zone import Zone

_GRID = 64
"""Of points on it every product is exact in floating point, so that edges and corners are met, too."""

points = st.tuples(st.integers(0, _GRID), st.integers(0, _GRID)).map(
    lambda at: (at[0] / _GRID, at[1] / _GRID)
)
polygons = st.lists(points, min_size=3, max_size=8)
segments = st.tuples(points, points).filter(lambda ends: ends[0] != ends[1])

Exact = Tuple[Fraction, Fraction]


def exact(point: Point) -> Exact:
    return Fraction(point[0]), Fraction(point[1])


def side(origin: Exact, end: Exact, point: Exact) -> Fraction:
    return (end[0] - origin[0]) * (point[1] - origin[1]) - (end[1] - origin[1]) * (point[0] - origin[0])


def under_an_odd_number(corners: List[Point], at: Point) -> Optional[bool]:
    """Whether a ray from the point downwards, and not to the right as the zone has it, cuts an odd number of
    edges; None on an edge."""
    x, y = exact(at)
    inside = False
    for one, other in zip(corners, corners[1:] + corners[:1]):
        start, end = exact(one), exact(other)
        beside = min(start[0], end[0]) <= x <= max(start[0], end[0])
        level = min(start[1], end[1]) <= y <= max(start[1], end[1])
        if beside and level and side(start, end, (x, y)) == 0:
            return None
        if (start[0] > x) != (end[0] > x):
            crossing = start[1] + (x - start[0]) * (end[1] - start[1]) / (end[0] - start[0])
            inside ^= crossing > y
    return inside


@given(polygons, points)
def test_a_zone_holds_what_a_ray_in_another_direction_finds_inside(corners: List[Point], at: Point) -> None:
    expected = under_an_odd_number(corners, at)
    assume(expected is not None)
    assert Zone("any", tuple(corners)).holds(*at) is expected


@given(polygons, points, st.integers(0, 7), st.booleans())
def test_a_zone_is_the_same_from_whichever_corner_it_is_written(
    corners: List[Point], at: Point, first: int, backwards: bool
) -> None:
    assume(under_an_odd_number(corners, at) is not None)
    first %= len(corners)
    other = corners[first:] + corners[:first]
    written = Zone("other", tuple(other[::-1] if backwards else other))
    assert written.holds(*at) is Zone("one", tuple(corners)).holds(*at)


@given(polygons)
def test_a_zone_holds_nothing_outside_the_box_around_it(corners: List[Point]) -> None:
    zone = Zone("any", tuple(corners))
    xs, ys = [x for x, _ in corners], [y for _, y in corners]
    middle = (sum(xs) / len(xs), sum(ys) / len(ys))
    beyond = [(min(xs) - 0.1, middle[1]), (max(xs) + 0.1, middle[1])]
    beyond += [(middle[0], min(ys) - 0.1), (middle[0], max(ys) + 0.1)]
    assert not any(zone.holds(*at) for at in beyond)


@given(segments, points, points)
def test_a_line_is_crossed_where_the_two_stretches_meet(
    ends: Tuple[Point, Point], before: Point, after: Point
) -> None:
    start, end, was, now = map(exact, (*ends, before, after))
    sides = [side(start, end, was), side(start, end, now), side(was, now, start), side(was, now, end)]
    assume(all(value != 0 for value in sides))
    meet = (sides[0] > 0) != (sides[1] > 0) and (sides[2] > 0) != (sides[3] > 0)
    way = Line("any", *ends).crossed(before, after)
    assert way == ((IN if sides[1] > 0 else OUT) if meet else None)


@given(segments, points, points)
def test_who_goes_back_crosses_the_other_way(ends: Tuple[Point, Point], before: Point, after: Point) -> None:
    line = Line("any", *ends)
    there, back = line.crossed(before, after), line.crossed(after, before)
    assume(all(side(*map(exact, (before, after, one))) != 0 for one in ends))
    assert back == {IN: OUT, OUT: IN, None: None}[there]


@given(st.lists(points, min_size=2, max_size=12))
def test_a_line_from_edge_to_edge_lets_nobody_by_uncounted(path: List[Point]) -> None:
    """Whoever walks anywhere: what went in less what went out says on which side they ended."""
    line = Line("all", (-1.0, 0.5), (2.0, 0.5))
    ways = [line.crossed(before, after) for before, after in zip(path, path[1:])]
    assert ways.count(IN) - ways.count(OUT) == (path[-1][1] >= 0.5) - (path[0][1] >= 0.5)


@given(segments, segments)
def test_a_turn_is_at_most_half_a_circle_and_the_same_from_both(
    move: Tuple[Point, Point], way: Tuple[Point, Point]
) -> None:
    turned = turned_from(*move, way)
    assert 0.0 <= turned <= 180.0
    assert abs(turned - turned_from(*way, move)) < 1e-9
    assert abs(turned + turned_from(move[1], move[0], way) - 180.0) < 1e-9
