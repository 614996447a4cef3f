"""What rules of zones and lines count where a tracker follows the things, beside what a person counted."""

from __future__ import annotations

from collections import Counter
from datetime import datetime, timedelta, timezone
from typing import Counter as Counts
from typing import Dict, List, Mapping, Sequence, Tuple

from agent.domain.detection import Tracked
from agent.domain.evidence import ModelInfo
from agent.domain.geometry import Line
from agent.domain.moment import Moment
from agent.domain.object_event import ObjectEvent
from agent.domain.policy.object_rules import ObjectRule, RuleKind
from agent.domain.policy.object_things import REMEMBERED_S
from agent.domain.policy.objects import ObjectPolicy, ObjectPolicySettings
from agent.domain.zone import Zone
from benchmarks.tracking_truth import LOOK_S, Clip, Count, Look, counts

_MODEL = ModelInfo("benchmark", "0" * 64, "none", "fp32", {})
_START = datetime(2026, 1, 1, tzinfo=timezone.utc)


def counted(
    clip: Clip, looks: Sequence[Look], tracked: Mapping[int, Sequence[Tracked]]
) -> List[Tuple[Count, int]]:
    """Of each rule what a person counted, and how often it held; after the film nobody is there any more."""
    by_hand = counts(clip)
    policy = ObjectPolicy(clip.name, ObjectPolicySettings(tuple(_rules(by_hand).values())), lambda: "one")
    held: Counts[Tuple[str, str]] = Counter()

    def look(seen: Sequence[Tracked], at: float) -> None:
        moment = Moment(_START + timedelta(seconds=at), at)
        for one in policy.look(seen, moment, _MODEL, clip.aspect):
            assert isinstance(one, ObjectEvent)
            held[one.rule, one.direction or ""] += 1

    for one in looks:
        look(tracked[one.frame], one.at)
    for step in range(1, round(REMEMBERED_S / LOOK_S) + 10):
        look([], looks[-1].at + step * LOOK_S)
    return [(one, held[_name(one), one.direction]) for one in by_hand]


def _rules(by_hand: Sequence[Count]) -> Dict[str, ObjectRule]:
    return {
        _name(one): ObjectRule(
            _name(one),
            RuleKind(one.kind),
            frozenset(one.labels),
            zone=None if one.kind == RuleKind.LINE.value else Zone(one.place, one.points),
            line=Line(one.place, *one.points) if one.kind == RuleKind.LINE.value else None,
        )
        for one in by_hand
    }


def _name(one: Count) -> str:
    return f"{one.kind}-{one.place}"
