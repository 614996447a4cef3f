"""All that is measured of bundles for fire; the first is what the others are held against."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any, Dict, List, Mapping, Sequence

from agent.inference.bundle import Bundle
from models.compare_cost import THREADS, Costed, costs, works
from models.compare_scores import Answers, Quality, answers, quality, rates
from models.data import Item
from models.verify import judge


@dataclass(frozen=True, eq=False)
class Compared(Costed):
    """One bundle: what it said, how right that is, and what it costs."""

    answers: Answers
    quality: Quality

    def as_dict(self) -> Dict[str, Any]:
        """For JSON."""
        curves = rates(self.answers)
        return {
            **super().as_dict(),
            "open_above": self.answers.open_above,
            "quality": self.quality.as_dict(),
            "roc_area": None if curves is None else curves.area,
            "average_precision": None if curves is None else curves.average_precision,
        }


@dataclass(frozen=True, eq=False)
class Comparison:
    """The bundles in the order in which they were named, and the pictures that all of them judged."""

    bundles: List[Compared]
    items: List[Item]
    unreadable: List[Path]


def measure(bundles: Mapping[str, Bundle], items: Sequence[Item], rounds: int, seed: int) -> Comparison:
    """Judge `items` once by each bundle, then measure what each costs. Raises DataError (see work_of, judge,
    peak_memory)."""
    work = works(bundles)
    judged = {name: judge(bundle, items, max(THREADS)) for name, bundle in bundles.items()}
    of_any = judged[next(iter(judged))]
    said = {name: answers(bundle, judged[name]) for name, bundle in bundles.items()}
    first = said[next(iter(said))]
    cost = costs(bundles, work, [item.path for item in of_any.items], rounds, seed)
    compared = [
        Compared(**vars(cost[name]), answers=said[name], quality=quality(said[name], first, seed))
        for name in bundles
    ]
    return Comparison(compared, of_any.items, of_any.unreadable)
