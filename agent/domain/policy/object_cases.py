"""The incidents of a camera's rules: one per rule, however many things it holds for.

It is told again while the rule holds for something new or something that moves; what stands still is no news.
It resolves once the rule has held for nothing for a while, which somebody must have looked to see. What a
person dismissed does not open again before it is over, or there is still news of it very much later.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Callable, Dict, List, Optional, Sequence, Set

from agent.domain.evidence import ModelInfo
from agent.domain.incident import Change, Incident, Kind
from agent.domain.moment import Moment
from agent.domain.policy.heard import Heard
from agent.domain.policy.object_rules import ObjectRule
from agent.domain.policy.object_things import Thing
from agent.domain.policy.object_watchers import Finding


@dataclass(frozen=True)
class Patience:
    """Seconds after which an incident resolves, is told again, and what was dismissed is news."""

    resolve_after_s: float = 20.0
    renotify_s: float = 60.0
    dismissed_again_after_s: float = 600.0


@dataclass
class _Case(Heard):
    """What goes on with one rule; `seen` is in seconds watched, `known` the things that it was told of."""

    incident: Optional[Incident]
    seen: float
    told: Moment
    known: Set[int] = field(default_factory=set)


class Cases:
    """Looks must come in order of time; not thread-safe."""

    def __init__(self, camera: str, patience: Patience, new_id: Callable[[], str]) -> None:
        self._camera = camera
        self._patience = patience
        self._new_id = new_id
        self._cases: Dict[str, _Case] = {}

    def resume(self, incident: Incident, rule: str, at: Moment, now: float) -> bool:
        """Adopt an unresolved incident; false where its rule has one."""
        if rule in self._cases:
            return False
        self._cases[rule] = _Case(incident, now, at)
        return True

    def resume_dismissed(self, rule: str, at: Moment, now: float) -> None:
        """Remember what was dismissed at `at`."""
        self._cases.setdefault(rule, _Case(None, now, at))

    def judge(
        self, incident_id: str, word: Callable[[Incident], Change], at: Moment, now: float
    ) -> Optional[Change]:
        """See agent.domain.policy.objects.ObjectPolicy.judge."""
        for case in self._cases.values():
            change = case.hear(incident_id, word, at)
            if change is not None:
                case.seen = now
                return change
        return None

    def hold(
        self, rule: ObjectRule, findings: Sequence[Finding], at: Moment, now: float, model: ModelInfo
    ) -> List[Change]:
        """The rule holds for these things, one or more, at this look."""
        confidence = max(finding.confidence for finding in findings)
        things = [thing for finding in findings for thing in finding.things]
        ids = {thing.id for thing in things}
        case = self._cases.get(rule.name)
        if case is not None:
            case.seen = now
            if not self._due(case, at) or not _news(case, things, now):
                return []
            if case.incident is not None:
                change = case.incident.update(at.utc, confidence, model)
                case.incident, case.told = change.incident, at
                case.known |= ids
                return [change]
        opened = Incident.open(
            self._new_id(), self._camera, Kind.OBJECT, at.utc, confidence, reason=rule.name, model=model
        )
        incident = replace(opened.incident, severity=rule.severity)
        self._cases[rule.name] = _Case(incident, now, at, ids)
        return [replace(opened, incident=incident)]

    def end(self, at: Moment, now: float) -> List[Change]:
        """Let time pass: what has been over for long enough is over."""
        over = [
            rule for rule, case in self._cases.items() if now - case.seen >= self._patience.resolve_after_s
        ]
        incidents = [self._cases.pop(rule).incident for rule in over]
        return [incident.resolve(at.utc, 0.0) for incident in incidents if incident is not None]

    def _due(self, case: _Case, at: Moment) -> bool:
        open_for_s, dismissed_for_s = self._patience.renotify_s, self._patience.dismissed_again_after_s
        return at.since(case.told) >= (dismissed_for_s if case.incident is None else open_for_s)


def _news(case: _Case, things: Sequence[Thing], now: float) -> bool:
    """Whether any is new to the case, or is seen to move."""
    return any(thing.id not in case.known or (thing.visible and not thing.still(now)) for thing in things)
