"""Things that move over a camera's picture, five looks a second, and what the rules about them say."""

from __future__ import annotations

import itertools
from typing import Callable, Dict, List, Optional, Sequence, Tuple, Union

from agent.domain.box import Box
from agent.domain.detection import Detection, Tracked
from agent.domain.evidence import ModelInfo
from agent.domain.incident import Change, Incident, Transition
from agent.domain.object_event import ObjectEvent
from agent.domain.policy.object_rules import THINGS, ObjectRule, RuleKind
from agent.domain.policy.objects import ObjectPolicy, ObjectPolicySettings
from agent.domain.zone import Zone
from tests.fakes.clock import FakeClock

BY = "telegram:1"
LOOK_S = 0.2
LEFT = Zone("left", ((0.0, 0.0), (0.5, 0.0), (0.5, 1.0), (0.0, 1.0)))
YOLOX = ModelInfo("yolox-nano", "ab" * 32, "onnxruntime", "fp32", {"score": 0.3})
_SIZES: Dict[str, Tuple[float, float]] = {"person": (0.04, 0.2), "car": (0.2, 0.15)}
_SMALL = (0.03, 0.04)

Told = List[Union[Change, ObjectEvent]]


def seen(x: float, y: float = 0.6, track: int = 1, label: str = "person", score: float = 0.8) -> Tracked:
    """A thing whose foot is at (x, y), of the usual size of its kind."""
    width, height = _SIZES.get(label, _SMALL)
    box = Box(x - width / 2, y - height, x + width / 2, y)
    return Tracked(track, label, Detection(label, score, box))


def rule(kind: RuleKind, name: str = "rule", **told: object) -> ObjectRule:
    """A rule about everything, in the left half of the picture unless it is about a line."""
    about: Dict[str, object] = {"labels": frozenset(THINGS), "zone": None if kind is RuleKind.LINE else LEFT}
    return ObjectRule(name, kind, **{**about, **told})  # type: ignore[arg-type]


class Walk:
    """A camera's policy, and the time that passes; the picture is `aspect` times as wide as high."""

    def __init__(
        self,
        *rules: ObjectRule,
        clock: Optional[FakeClock] = None,
        aspect: float = 16 / 9,
        **settings: object,
    ) -> None:
        self._aspect = aspect
        self.clock = clock or FakeClock()
        numbers = itertools.count(1)
        chosen = ObjectPolicySettings(rules, **settings)  # type: ignore[arg-type]
        self.policy = ObjectPolicy("square", chosen, lambda: f"o{next(numbers)}")

    def look(self, *things: Tracked, after_s: float = LOOK_S) -> Told:
        self.clock.advance(after_s)
        return self.policy.look(things, self.clock.moment(), YOLOX, self._aspect)

    def over(self, seconds: float, *things: Tracked) -> Told:
        """Look at the same for so long."""
        return [one for _ in range(round(seconds / LOOK_S)) for one in self.look(*things)]

    def go(
        self,
        start: Tuple[float, float],
        end: Tuple[float, float],
        seconds: float,
        track: int = 1,
        label: str = "person",
        beside: Sequence[Tracked] = (),
    ) -> Told:
        """Somebody walks from there to there; the last two looks show them at the end."""
        steps = max(1, round(seconds / LOOK_S))
        shares = [step / steps for step in range(steps + 1)] + [1.0]
        spots = [
            (start[0] + (end[0] - start[0]) * share, start[1] + (end[1] - start[1]) * share)
            for share in shares
        ]
        return [one for x, y in spots for one in self.look(seen(x, y, track, label), *beside)]

    def say(self, incident: Incident, word: Callable[[Incident], Change]) -> Optional[Change]:
        return self.policy.judge(incident.id, word, self.clock.moment())

    def dismiss(self, incident: Incident) -> Optional[Change]:
        at = self.clock.moment()
        return self.say(incident, lambda one: one.dismiss(at.utc, BY))


def steps(told: Told) -> List[str]:
    return [one.transition.value if isinstance(one, Change) else one.kind.value for one in told]


def events(told: Told) -> List[ObjectEvent]:
    return [one for one in told if isinstance(one, ObjectEvent)]


def opened(told: Told) -> Incident:
    """The one incident that opened."""
    (change,) = [one for one in told if isinstance(one, Change) and one.transition is Transition.OPENED]
    return change.incident
