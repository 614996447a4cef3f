"""Whether a picture alarms at all: the surest flame or smoke in it against a threshold."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Dict, List, Sequence, Tuple

from agent.domain.detection import Detection
from agent.domain.fusion import BURNING
from models.boxed_pictures import Scene
from models.data import DataError
from models.scoring import Interval, wilson

Scored = Tuple[List[float], List[float]]
"""The surest score of each picture that shows flames, and of each that shows neither flames nor smoke."""


@dataclass(frozen=True)
class PictureLevel:
    """Of `burning` pictures with flames `found` alarm at `threshold`, and of `calm` ones `false` do."""

    threshold: float
    burning: int
    found: int
    calm: int
    false: int

    @property
    def recall(self) -> Interval:
        """Its interval of 95 % (Wilson)."""
        return wilson(self.found, self.burning)

    @property
    def false_alarms(self) -> Interval:
        """Their share's interval of 95 % (Wilson)."""
        return wilson(self.false, self.calm)

    def as_dict(self) -> Dict[str, Any]:
        """For JSON."""
        return {
            "threshold": self.threshold,
            "burning": self.burning,
            "recall": self.found / max(1, self.burning),
            "recall_interval": list(self.recall),
            "calm": self.calm,
            "false_alarms": self.false / max(1, self.calm),
            "false_alarms_interval": list(self.false_alarms),
        }


def scored(scenes: Sequence[Scene], found: Sequence[Sequence[Detection]]) -> Scored:
    """By what is drawn in each; a picture that was not searched for both labels is never calm."""
    burning, calm = [], []
    for scene, things in zip(scenes, found):
        surest = max((one.score for one in things if one.label in BURNING), default=0.0)
        drawn = {thing.label for thing in scene.things}
        if "fire" in drawn:
            burning.append(surest)
        elif not drawn & set(BURNING) and scene.labelled.issuperset(BURNING):
            calm.append(surest)
    return burning, calm


def choose(scores: Scored, most_false: float = 0.02) -> float:
    """The lowest threshold at which at most `most_false` of the calm pictures alarm. Raises DataError."""
    _, calm = scores
    if not calm:
        raise DataError("no picture without flames and smoke is there to choose a threshold by")
    allowed = int(most_false * len(calm))
    return round(sorted(calm, reverse=True)[allowed] + 1e-3, 3)


def judged(scores: Scored, threshold: float) -> PictureLevel:
    """How many alarm."""
    burning, calm = scores
    found, false = (sum(one >= threshold for one in some) for some in scores)
    return PictureLevel(threshold, len(burning), found, len(calm), false)
