"""What is told of an object at the moment: a fact, not a case that goes on."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import Enum
from typing import Optional

from agent.domain.box import Box
from agent.domain.evidence import ModelInfo


class ObjectEventKind(str, Enum):
    """What happened."""

    ENTERED = "object-entered"
    LEFT = "object-left"
    LOITERED = "object-loitered"
    CROWDED = "object-crowded"
    LEFT_BEHIND = "object-left-behind"
    WRONG_WAY = "object-wrong-way"
    CROSSED = "object-crossed"


@dataclass(frozen=True)
class ObjectEvent:
    """One rule of one camera held for something.

    `id` is unique per event. `rule` and `zone` are the configured names (`zone` is a crossed line's).
    `track` tells one appearance of a thing from the next; it is None for a crowd, which `count` numbers.
    `direction` is `in` or `out` for a crossing, None otherwise. `box` is in shares of the picture.
    """

    id: str
    kind: ObjectEventKind
    camera: str
    at: datetime
    rule: str
    zone: str
    label: str
    track: Optional[int]
    count: int
    confidence: float
    box: Optional[Box]
    model: ModelInfo
    direction: Optional[str] = None
