"""When something moves against the way that things should go."""

from __future__ import annotations

from collections import deque
from typing import Deque, Dict, List, Set, Tuple

from agent.domain.geometry import Point, turned_from
from agent.domain.policy.object_things import Thing, sizes_between
from agent.domain.policy.object_watchers import Finding, View

_AGAINST = 120.0
"""Degrees from the way: who crosses it at a right angle, or a little backwards, does not go against it."""

_FAR = 0.5
"""Whoever moves goes so far in that time, in their own widths or heights."""


class WrongWay:
    """Something moved against `way` over the last `seconds`; it begins once while the thing is there."""

    def __init__(self, way: Tuple[Point, Point], seconds: float) -> None:
        self._way = way
        self._seconds = seconds
        self._trails: Dict[int, Deque[Tuple[float, Point]]] = {}
        self._told: Set[int] = set()

    def look(self, view: View) -> List[Finding]:
        here = {thing.id for thing in view.there}
        self._trails = {one: trail for one, trail in self._trails.items() if one in here}
        self._told &= here
        findings = []
        for thing in view.there:
            if thing.visible and self._wrong(thing, view):
                findings.append(Finding((thing,), thing.id not in self._told))
                self._told.add(thing.id)
        return findings

    def forget(self) -> None:
        self._trails = {}
        self._told = set()

    def _wrong(self, thing: Thing, view: View) -> bool:
        now, trail = view.now, self._trails.setdefault(thing.id, deque())
        trail.append((now, thing.spot))
        while len(trail) > 1 and now - trail[1][0] >= self._seconds:
            trail.popleft()
        since, before = trail[0]
        if now - since < self._seconds:
            return False
        far = sizes_between(thing.box, before, thing.spot) >= _FAR
        start, end, was, stands = (
            _on_screen(point, view.aspect) for point in (*self._way, before, thing.spot)
        )
        return far and turned_from(was, stands, (start, end)) >= _AGAINST


def _on_screen(point: Point, aspect: float) -> Point:
    """In heights of the picture both ways: an angle in shares is not the one that people see."""
    return point[0] * aspect, point[1]
