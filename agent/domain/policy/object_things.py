"""The things on one camera as rules see them: where they stand, and which track goes on with which.

A detector's boxes tremble, and a thing behind another is lost for a while. So a thing stands where it was
until two looks running show it elsewhere, and what vanished where it stood still is remembered: a new track
that appears in its place goes on with it.
"""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from typing import Dict, List, Sequence, Set

from agent.domain.box import Box
from agent.domain.detection import Tracked
from agent.domain.geometry import Point

GONE_AFTER_S = 3.0
"""What moved and was not seen for so long has gone."""

REMEMBERED_S = 60.0
"""What stood still is remembered for so long."""

STILL_AFTER_S = 5.0
"""What has not moved for so long stands still."""

_TREMBLE = 0.25
"""A box moved once its foot did by so many of its widths or heights, or its size changed by twice that."""

_LEAST = 1e-9
"""Stands for nothing where something is divided by it."""

_SAME_PLACE = 0.5
"""Overlap (intersection over union) from which a new track is in the place of what was lost there."""

_LOWEST = 1 - 1e-6
"""Just within the picture: no polygon holds its own lower edge."""


def foot(box: Box) -> Point:
    """Where a thing stands: the middle of the lower edge of its box; just within the picture where that
    cuts it off, so that a zone which ends there has it."""
    return (box.left + box.right) / 2, min(box.bottom, _LOWEST)


@dataclass(eq=False)
class Thing:
    """One thing; times are in seconds watched.

    `id` tells it from all others, whatever its track; `tracked` is its latest detection. `box` is where it
    stands for the rules, `was` where its foot was at the look before. `best` is its highest score so far;
    `restless` says whether the last look, other than `box`, showed it elsewhere, `visible` whether the last
    look showed it at all.
    """

    id: int
    tracked: Tracked
    box: Box
    was: Point
    best: float
    seen: float
    stands_since: float
    restless: bool = False
    visible: bool = True

    @property
    def label(self) -> str:
        return self.tracked.label

    @property
    def spot(self) -> Point:
        """Where it stands for the rules."""
        return foot(self.box)

    def still(self, now: float) -> bool:
        return now - self.stands_since >= STILL_AFTER_S

    def show(self, tracked: Tracked, now: float) -> None:
        """Take in a look that shows it."""
        box = tracked.detection.box
        moved = _moved(self.box, box)
        if moved and self.restless:
            self.box, self.stands_since = box, now
        self.restless = moved
        self.tracked, self.seen, self.visible = tracked, now, True
        self.best = max(self.best, tracked.detection.score)


class Things:
    """Everything that is there, or was a moment ago. Not thread-safe."""

    def __init__(self) -> None:
        self._by_track: Dict[int, Thing] = {}
        self._ids = itertools.count(1)

    def look(self, tracked: Sequence[Tracked], now: float) -> List[Thing]:
        """Take in one look at `now`, in seconds watched; returns all that is there, the first seen first."""
        self._forget(now)
        for thing in self._by_track.values():
            thing.was, thing.visible = thing.spot, False
        present = {one.track for one in tracked}
        for one in tracked:
            self._thing(one, present, now).show(one, now)
        return sorted(self._by_track.values(), key=lambda thing: thing.id)

    def _thing(self, one: Tracked, present: Set[int], now: float) -> Thing:
        known = self._by_track.get(one.track)
        if known is not None:
            return known
        box = one.detection.box
        lost = [
            thing
            for track, thing in self._by_track.items()
            if track not in present
            and thing.label == one.label
            and thing.still(now)
            and thing.box.overlap(box) >= _SAME_PLACE
        ]
        if lost:
            thing = max(lost, key=lambda other: other.box.overlap(box))
            del self._by_track[thing.tracked.track]
        else:
            thing = Thing(next(self._ids), one, box, foot(box), one.detection.score, now, now)
        self._by_track[one.track] = thing
        return thing

    def _forget(self, now: float) -> None:
        for track, thing in list(self._by_track.items()):
            stood = thing.seen - thing.stands_since >= STILL_AFTER_S
            if now - thing.seen > (REMEMBERED_S if stood else GONE_AFTER_S):
                del self._by_track[track]


def sizes_between(box: Box, before: Point, after: Point) -> float:
    """How far apart two points are, in the box's widths sideways or heights up and down: the larger."""
    return _in_sizes(box, after[0] - before[0], after[1] - before[1])


def _moved(stood: Box, box: Box) -> bool:
    grown = _in_sizes(stood, box.width - stood.width, box.height - stood.height)
    return sizes_between(stood, foot(stood), foot(box)) > _TREMBLE or grown > 2 * _TREMBLE


def _in_sizes(box: Box, x: float, y: float) -> float:
    return max(abs(x) / max(box.width, _LEAST), abs(y) / max(box.height, _LEAST))
