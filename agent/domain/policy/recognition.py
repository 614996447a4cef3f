"""Who somebody is, or that nobody knows them: by one look, and by the looks at one track together."""

from __future__ import annotations

import math
from collections import deque
from dataclasses import dataclass
from enum import Enum
from typing import Deque, Dict, Optional

from agent.domain.face import Nearest


@dataclass(frozen=True)
class RecognitionSettings:
    """When a face is taken for an enrolled person's.

    A look names the nearest person within `max_distance` (Euclidean, of the embeddings) if the nearest face
    of anybody else is farther by `margin`. A look beyond `far` shows a stranger; one between is a doubt, and
    counts half a stranger. A verdict needs `looks` looks that agree, by `agreement` of the weight of the last
    `window` looks. The defaults were chosen by benchmarks/faces_identification.py.
    """

    max_distance: float = 0.47
    margin: float = 0.08
    far: float = 0.52
    looks: int = 3
    agreement: float = 0.6
    window: int = 15


DEFAULTS = RecognitionSettings()


class Known(str, Enum):
    """Whether the person of a track is an enrolled one."""

    KNOWN = "known"
    UNKNOWN = "unknown"
    UNDECIDED = "undecided"


@dataclass(frozen=True)
class Verdict:
    """Whose face a track shows. `person` is the id of whom it is, where `known` is KNOWN, and None otherwise.

    `confidence` is the share in 0..1 of the weighed looks that say so (of the leading opinion where it is
    UNDECIDED; 0 without a look), `distance` the weighted mean of theirs to the nearest person (infinite
    without a look and in an empty gallery).
    """

    person: Optional[int]
    known: Known
    confidence: float
    distance: float


def decide(nearest: Nearest, settings: RecognitionSettings = DEFAULTS) -> Optional[int]:
    """The id of whom one look shows; None for a stranger, and where it could be two."""
    if nearest.distance > settings.max_distance or nearest.second - nearest.distance < settings.margin:
        return None
    return nearest.person


@dataclass(frozen=True)
class _Look:
    person: Optional[int]
    distance: float
    weight: float
    count: float


class Ballot:
    """The vote over the looks at one track: a good look says more than a small or blurred one, and no single
    look decides. Not thread-safe."""

    def __init__(self, settings: RecognitionSettings = DEFAULTS) -> None:
        self._settings = settings
        self._looks: Deque[_Look] = deque(maxlen=settings.window)

    def __len__(self) -> int:
        """How many looks count."""
        return len(self._looks)

    def add(self, nearest: Nearest, weight: float) -> None:
        """Count one look. `weight` is how good it is in any unit, such as area times sharpness; a look that
        has none does not count."""
        if not (0 < weight < math.inf):
            return
        person = decide(nearest, self._settings)
        doubt = person is None and nearest.distance <= self._settings.far
        count = 0.5 if doubt else 1.0
        self._looks.append(_Look(person, nearest.distance, weight * count, count))

    @property
    def verdict(self) -> Verdict:
        """What the looks so far say together."""
        if not self._looks:
            return Verdict(None, Known.UNDECIDED, 0.0, math.inf)
        weights: Dict[Optional[int], float] = {}
        for look in self._looks:
            weights[look.person] = weights.get(look.person, 0.0) + look.weight
        person = max(weights, key=lambda who: weights[who])
        agreeing = [look for look in self._looks if look.person == person]
        share = weights[person] / sum(weights.values())
        distance = sum(look.distance * look.weight for look in agreeing) / weights[person]
        enough = sum(look.count for look in agreeing) >= self._settings.looks
        if not enough or share < self._settings.agreement:
            return Verdict(None, Known.UNDECIDED, share, distance)
        return Verdict(person, Known.UNKNOWN if person is None else Known.KNOWN, share, distance)
