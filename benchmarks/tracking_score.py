"""How well tracks follow what a person boxed: CLEAR MOT (Bernardin & Stiefelhagen 2008) and IDF1 (Ristani et
al. 2016)."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import Counter as Counts
from typing import Dict, List, Mapping, Sequence, Set, Tuple

import numpy as np

from agent.domain.detection import Tracked
from agent.vision.tracking.association import Scores, overlaps, pairs
from agent.vision.tracking.track import corners
from agent.vision.tracking.tracker import kind_of
from benchmarks.tracking_truth import Annotation

SAME = 0.5
"""Overlap (IoU) from which a box is that of an annotated thing."""


@dataclass(frozen=True)
class Score:
    """Of `boxes` by hand: `switches` are looks at which a thing has another number than when it was followed
    last, `fragmentations` those at which it is followed again after it was not; `missed` boxes of things
    have no number, `false` numbers no thing. `idf1` is in 0..1."""

    boxes: int
    switches: int
    fragmentations: int
    missed: int
    false: int
    idf1: float


def score(
    truth: Mapping[int, Sequence[Annotation]],
    tracked: Mapping[int, Sequence[Tracked]],
    judged_below: float = 0.0,
) -> Score:
    """Both by frame; frames without annotations are not judged, nor are kinds that were never annotated.

    A thing that is followed keeps its number for as long as the boxes overlap, as CLEAR MOT has it; otherwise
    what overlaps most goes together. So do whole tracks and identities for IDF1.
    """
    kinds = {kind_of(one.label) for seen in truth.values() for one in seen}
    number_of: Dict[int, int] = {}
    astray: Set[int] = set()
    told: Counts[str] = Counter()
    common: Counts[Tuple[int, int]] = Counter()
    judged = 0
    for frame in sorted(truth):
        things = truth[frame]
        found = [one for one in tracked.get(frame, ()) if kind_of(one.label) in kinds]
        likeness = _likeness(things, found)
        for row, column in zip(*np.nonzero(likeness >= SAME)):
            common[things[row].identity, found[column].track] += 1
            likeness[row, column] += number_of.get(things[row].identity) == found[column].track
        matched = dict(pairs(likeness, SAME))
        for row, thing in enumerate(things):
            if row not in matched:
                told["missed"] += 1
                astray |= {thing.identity} & set(number_of)
                continue
            number = found[matched[row]].track
            told["switches"] += number_of.get(thing.identity, number) != number
            told["fragmentations"] += thing.identity in astray
            astray.discard(thing.identity)
            number_of[thing.identity] = number
        taken = set(matched.values())
        false = [
            one
            for column, one in enumerate(found)
            if column not in taken and one.detection.box.bottom >= judged_below
        ]
        told["false"] += len(false)
        judged += len(taken) + len(false)
    boxes = sum(map(len, truth.values()))
    return Score(
        boxes,
        told["switches"],
        told["fragmentations"],
        told["missed"],
        told["false"],
        2 * _identified(common) / (boxes + judged),
    )


def _likeness(things: Sequence[Annotation], found: Sequence[Tracked]) -> Scores:
    ours = np.array([corners(one.box) for one in things]).reshape(-1, 4)
    theirs = np.array([corners(one.detection.box) for one in found]).reshape(-1, 4)
    return overlaps(ours, theirs)


def _identified(common: Mapping[Tuple[int, int], int]) -> int:
    """The looks at which identities and the tracks that share most with them are together."""
    identities: List[int] = sorted({identity for identity, _ in common})
    numbers: List[int] = sorted({number for _, number in common})
    table = np.array([[common.get((one, other), 0) for other in numbers] for one in identities], float)
    if not table.size:
        return 0
    return int(sum(table[row, column] for row, column in pairs(table, 1.0)))
