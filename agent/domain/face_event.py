"""What is told of an enrolled person at the moment: a fact, not a case that goes on."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import Enum
from typing import Optional, Tuple

from agent.domain.evidence import ModelInfo


class FaceEventKind(str, Enum):
    """What happened."""

    RECOGNISED = "face-recognised"
    AUTHENTICATED = "face-authenticated"
    REFUSED = "face-refused"


@dataclass(frozen=True)
class FaceEvent:
    """A person was recognised, or asked to be let in. It never carries a name.

    `id` is unique per event; `track` tells one appearance on a camera from the next. `person` is the number
    of an enrolled person, None for anybody else; `confidence` is the share of the looks that agree, in 0..1,
    `distance` their mean distance to that person (None where there is nobody to compare with). `reason` says
    why somebody was refused: `unknown`, `unauthorised` or `flat`.
    """

    id: str
    kind: FaceEventKind
    camera: str
    at: datetime
    track: int
    person: Optional[int]
    zones: Tuple[str, ...]
    confidence: float
    distance: Optional[float]
    model: ModelInfo
    reason: Optional[str] = None
