"""What a rule about objects says; agent.domain.policy.objects has its life."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import FrozenSet, Optional, Tuple

from agent.domain.calendar import Calendar
from agent.domain.geometry import Line
from agent.domain.incident import Severity
from agent.domain.object_event import ObjectEventKind
from agent.domain.zone import Zone

THINGS = (
    "person",
    "bicycle",
    "car",
    "motorcycle",
    "bus",
    "truck",
    "train",
    "dog",
    "cat",
    "bird",
    "backpack",
    "handbag",
    "suitcase",
)
"""What rules may be about. Fire and smoke, which the same networks may box, have a policy of their own."""

PERSON = "person"
BAGS = ("backpack", "handbag", "suitcase")


class RuleKind(str, Enum):
    """When a rule holds."""

    ENTER = "enter"
    LEAVE = "leave"
    LOITER = "loiter"
    COUNT = "count"
    LEFT_BEHIND = "left-behind"
    WRONG_WAY = "wrong-way"
    LINE = "line"

    @property
    def event(self) -> ObjectEventKind:
        """What is told once it holds."""
        return _EVENTS[self]


_EVENTS = {
    RuleKind.ENTER: ObjectEventKind.ENTERED,
    RuleKind.LEAVE: ObjectEventKind.LEFT,
    RuleKind.LOITER: ObjectEventKind.LOITERED,
    RuleKind.COUNT: ObjectEventKind.CROWDED,
    RuleKind.LEFT_BEHIND: ObjectEventKind.LEFT_BEHIND,
    RuleKind.WRONG_WAY: ObjectEventKind.WRONG_WAY,
    RuleKind.LINE: ObjectEventKind.CROSSED,
}


class Raises(str, Enum):
    """What a rule that holds becomes; a line that raises nothing still counts."""

    EVENT = "event"
    INCIDENT = "incident"
    NOTHING = "nothing"


@dataclass(frozen=True)
class ObjectRule:
    """`zone` is where it holds, None for the whole picture; `line` is what a crossing is of.

    `labels` are what it is about, with a score of `min_score` (0..1) or more at some look and an area within
    `min_size` and `max_size`, shares of the picture's. `seconds` is how long it must be so; `above` the
    number that a crowd exceeds; `way` leads from the first point to the second as things should move.
    `calendar` is when the rule holds, None for always.
    """

    name: str
    kind: RuleKind
    labels: FrozenSet[str]
    zone: Optional[Zone] = None
    line: Optional[Line] = None
    min_score: float = 0.4
    min_size: float = 0.0
    max_size: float = 1.0
    seconds: float = 0.0
    above: int = 0
    way: Optional[Tuple[Tuple[float, float], Tuple[float, float]]] = None
    calendar: Optional[Calendar] = None
    raises: Raises = Raises.EVENT
    severity: Severity = Severity.MEDIUM

    @property
    def place(self) -> str:
        """The name of its zone or line; empty where it is about the whole picture."""
        if self.line is not None:
            return self.line.name
        return "" if self.zone is None else self.zone.name
