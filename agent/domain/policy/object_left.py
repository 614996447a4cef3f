"""When a bag stands without its person.

Whose it is no picture says. So a bag is looked after while somebody near it stays: who brought it has been
near from the start, while a passer-by is gone before counting. PETS 2006 calls a bag abandoned likewise once
its owner has been away from it for a time.
"""

from __future__ import annotations

from typing import Dict, List, Set, Tuple

from agent.domain.policy.object_things import Thing
from agent.domain.policy.object_watchers import Finding, View

PASSES_WITHIN_S = 5.0
"""Who is near for less long than this only passes."""

_WIDTHS, _HEIGHTS = 3.0, 0.5
"""How far from a bag's somebody's foot may be, in their own widths sideways and heights up and down: some two
metres on the ground, as a street camera sees it."""


class LeftBehind:
    """A thing stands still, and for `seconds` nobody looked after it."""

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self._near_since: Dict[Tuple[int, int], float] = {}
        self._with_somebody: Dict[int, float] = {}
        self._told: Set[int] = set()

    def look(self, view: View) -> List[Finding]:
        known = {bag for bag, _ in self._near_since} | set(self._with_somebody)
        near = {(bag.id, person.id) for bag in view.there for person in view.people if _near(bag, person)}
        for_long = view.now - PASSES_WITHIN_S
        self._near_since = {
            pair: self._near_since.get(pair, view.now if pair[0] in known else for_long) for pair in near
        }
        attended = {bag for (bag, _), since in self._near_since.items() if since <= for_long}
        self._with_somebody = {
            bag.id: view.now if bag.id in attended else self._with_somebody.get(bag.id, view.now)
            for bag in view.there
        }
        left = [bag for bag in view.there if self._alone_s(bag, view.now) >= self._seconds]
        before, self._told = self._told, {bag.id for bag in left}
        return [Finding((bag,), bag.id not in before) for bag in left]

    def forget(self) -> None:
        self._near_since = {}
        self._with_somebody = {}
        self._told = set()

    def _alone_s(self, bag: Thing, now: float) -> float:
        return now - max(bag.stands_since, self._with_somebody[bag.id])


def _near(bag: Thing, person: Thing) -> bool:
    (x, y), (px, py), box = bag.spot, person.spot, person.box
    return abs(x - px) <= _WIDTHS * box.width and abs(y - py) <= _HEIGHTS * box.height
