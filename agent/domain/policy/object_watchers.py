"""When a rule holds for one thing: it enters, leaves, loiters, or crosses a line."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Dict, List, Optional, Protocol, Sequence, Set, Tuple

from agent.domain.geometry import Line
from agent.domain.policy.object_things import Thing


@dataclass(frozen=True)
class View:
    """What a rule sees at one look, `now` in seconds watched: the things that it is about, in its zone, and
    everybody on the camera who may own one. `aspect` is the picture's width by its height."""

    now: float
    there: Sequence[Thing]
    people: Sequence[Thing]
    aspect: float


@dataclass(frozen=True)
class Finding:
    """A rule holds for these things, more than one only of a crowd; `begins` is true of the first such look.

    `direction` is of a crossing; `needed` is how many things it takes.
    """

    things: Tuple[Thing, ...]
    begins: bool
    direction: Optional[str] = None
    needed: int = 1

    @property
    def confidence(self) -> float:
        """The score at which there are still as many things as it takes."""
        scores = sorted((thing.tracked.detection.score for thing in self.things), reverse=True)
        return scores[self.needed - 1]


class Watcher(Protocol):
    """The state of one rule."""

    def look(self, view: View) -> List[Finding]:
        """What the rule holds for at this look."""

    def forget(self) -> None:
        """The rule does not hold at this hour: when it does again, everything is new to it."""


class Entering:
    """Something is there that was not; it holds for as long as that stays."""

    def __init__(self) -> None:
        self._inside: Dict[int, Thing] = {}

    def look(self, view: View) -> List[Finding]:
        before, self._inside = self._inside, {thing.id: thing for thing in view.there}
        return [Finding((thing,), thing.id not in before) for thing in view.there]

    def forget(self) -> None:
        self._inside = {}


class Leaving:
    """Something that was there is elsewhere, or gone."""

    def __init__(self) -> None:
        self._inside: Dict[int, Thing] = {}

    def look(self, view: View) -> List[Finding]:
        before, self._inside = self._inside, {thing.id: thing for thing in view.there}
        return [Finding((thing,), True) for thing in before.values() if thing.id not in self._inside]

    def forget(self) -> None:
        self._inside = {}


class Loitering:
    """Something has been there for `seconds` without a break."""

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self._since: Dict[int, float] = {}
        self._told: Set[int] = set()

    def look(self, view: View) -> List[Finding]:
        self._since = {thing.id: self._since.get(thing.id, view.now) for thing in view.there}
        held = [thing for thing in view.there if view.now - self._since[thing.id] >= self._seconds]
        before, self._told = self._told, {thing.id for thing in held}
        return [Finding((thing,), thing.id not in before) for thing in held]

    def forget(self) -> None:
        self._since = {}
        self._told = set()


class Crossing:
    """Something moved across the line between two looks."""

    def __init__(self, line: Line) -> None:
        self._line = line

    def look(self, view: View) -> List[Finding]:
        ways = [(thing, self._line.crossed(thing.was, thing.spot)) for thing in view.there]
        return [Finding((thing,), True, way) for thing, way in ways if way is not None]

    def forget(self) -> None:
        """It remembers nothing."""
