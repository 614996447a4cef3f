"""What the things on one camera mean: an event, an incident, a count, or nothing.

Every rule looks at the things that it is about and says for which it holds. Where it begins to hold, an event
is told, or an incident opens and goes on as agent.domain.policy.object_cases has it. Time counts only while
somebody looks: a camera without pictures makes nobody loiter, and nobody gone.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import Callable, Dict, List, Optional, Sequence, Tuple, Union

from agent.domain.detection import Tracked
from agent.domain.evidence import ModelInfo
from agent.domain.incident import Change, Incident
from agent.domain.moment import Moment
from agent.domain.object_event import ObjectEvent
from agent.domain.policy.object_cases import Cases, Patience
from agent.domain.policy.object_counts import Counters, Counts
from agent.domain.policy.object_crowd import Crowd
from agent.domain.policy.object_left import LeftBehind
from agent.domain.policy.object_rules import PERSON, ObjectRule, Raises, RuleKind
from agent.domain.policy.object_things import Thing, Things
from agent.domain.policy.object_watchers import (
    Crossing,
    Entering,
    Finding,
    Leaving,
    Loitering,
    View,
    Watcher,
)
from agent.domain.policy.object_wrong_way import WrongWay
from agent.domain.zone import Zone

__all__ = ["Counts", "ObjectPolicy", "ObjectPolicySettings"]


@dataclass(frozen=True)
class ObjectPolicySettings:
    """`exclude` are the zones that hide things from all rules. Looks that are further apart than
    `stale_after_s` say nothing of the time between."""

    rules: Tuple[ObjectRule, ...] = ()
    exclude: Tuple[Zone, ...] = ()
    patience: Patience = field(default_factory=Patience)
    stale_after_s: float = 10.0


class ObjectPolicy:
    """The state machine of one camera. Looks must come in order of time; not thread-safe."""

    def __init__(self, camera: str, settings: ObjectPolicySettings, new_id: Callable[[], str]) -> None:
        self._camera = camera
        self._settings = settings
        self._new_id = new_id
        self._watchers = [(rule, _watcher(rule)) for rule in settings.rules]
        self._things = Things()
        self._cases = Cases(camera, settings.patience, new_id)
        self._held: Dict[str, List[Finding]] = {}
        self._counters = Counters(rule.place for rule in settings.rules if rule.kind is RuleKind.LINE)
        self._watched_s = 0.0
        self._last_look: Optional[Moment] = None

    def resume(self, incident: Incident, at: Moment) -> bool:
        """Adopt an unresolved incident of an earlier run; false where no rule of its name raises any."""
        return self._raises(incident) and self._cases.resume(
            incident, str(incident.reason), at, self._watched_s
        )

    def resume_dismissed(self, incident: Incident, at: Moment) -> None:
        """Remember what was dismissed in an earlier run, at `at`."""
        if self._raises(incident):
            self._cases.resume_dismissed(str(incident.reason), at, self._watched_s)

    def resume_counts(self, counts: Counts) -> None:
        """Count on from these of an earlier run."""
        self._counters.resume(counts)

    def judge(self, incident_id: str, word: Callable[[Incident], Change], at: Moment) -> Optional[Change]:
        """Let a person's word change an unresolved incident; None where there is none of that id any more.

        Raises IllegalTransitionError.
        """
        return self._cases.judge(incident_id, word, at, self._watched_s)

    def look(
        self, tracked: Sequence[Tracked], moment: Moment, model: ModelInfo, aspect: float
    ) -> List[Union[Change, ObjectEvent]]:
        """Take in a look at a picture, `aspect` times as wide as high; returns what came of it, in order."""
        now = self._watch(moment)
        things = [
            thing
            for thing in self._things.look(tracked, now)
            if not any(zone.holds(*thing.spot) for zone in self._settings.exclude)
        ]
        outcomes: List[Union[Change, ObjectEvent]] = []
        self._counters.begin()
        for rule, watcher in self._watchers:
            findings = self._findings(rule, watcher, things, moment, now, aspect)
            self._held[rule.name] = findings
            if rule.kind is RuleKind.LINE:
                self._counters.add(rule.place, findings)
            if rule.raises is Raises.EVENT:
                outcomes += [self._event(rule, one, moment, model) for one in findings if one.begins]
            elif rule.raises is Raises.INCIDENT and findings:
                outcomes += self._cases.hold(rule, findings, moment, now, model)
        return outcomes + list(self._cases.end(moment, now))

    def counts(self) -> Counts:
        """How many crossed each line that a rule is about, earlier runs included; a copy."""
        return self._counters.counts()

    def concerned(self, rule: str) -> List[Tracked]:
        """The things for which a rule held at the last look, as they were seen last."""
        return [thing.tracked for finding in self._held.get(rule, []) for thing in finding.things]

    def _watch(self, moment: Moment) -> float:
        last, self._last_look = self._last_look, moment
        if last is not None and moment.since(last) <= self._settings.stale_after_s:
            self._watched_s += moment.since(last)
        return self._watched_s

    def _findings(
        self,
        rule: ObjectRule,
        watcher: Watcher,
        things: Sequence[Thing],
        moment: Moment,
        now: float,
        aspect: float,
    ) -> List[Finding]:
        if rule.calendar is not None and not rule.calendar.holds(moment.utc):
            watcher.forget()
            return []
        there = [thing for thing in things if _concerns(rule, thing)]
        people = [thing for thing in things if thing.label == PERSON]
        return watcher.look(View(now, there, people, aspect))

    def _event(self, rule: ObjectRule, finding: Finding, moment: Moment, model: ModelInfo) -> ObjectEvent:
        crowd = rule.kind is RuleKind.COUNT
        ((label, _),) = Counter(thing.label for thing in finding.things).most_common(1)
        tracked = finding.things[0].tracked
        return ObjectEvent(
            self._new_id(),
            rule.kind.event,
            self._camera,
            moment.utc,
            rule.name,
            rule.place,
            label,
            None if crowd else tracked.track,
            len(finding.things),
            finding.confidence,
            None if crowd else tracked.detection.box,
            model,
            finding.direction,
        )

    def _raises(self, incident: Incident) -> bool:
        return any(
            rule.name == incident.reason and rule.raises is Raises.INCIDENT for rule in self._settings.rules
        )


def _concerns(rule: ObjectRule, thing: Thing) -> bool:
    return (
        thing.label in rule.labels
        and thing.best >= rule.min_score
        and rule.min_size <= thing.box.area <= rule.max_size
        and (rule.zone is None or rule.zone.holds(*thing.spot))
    )


def _watcher(rule: ObjectRule) -> Watcher:
    if rule.kind is RuleKind.LOITER:
        return Loitering(rule.seconds)
    if rule.kind is RuleKind.COUNT:
        return Crowd(rule.above, rule.seconds)
    if rule.kind is RuleKind.LEFT_BEHIND:
        return LeftBehind(rule.seconds)
    if rule.kind is RuleKind.WRONG_WAY and rule.way is not None:
        return WrongWay(rule.way, rule.seconds)
    if rule.kind is RuleKind.LINE and rule.line is not None:
        return Crossing(rule.line)
    return Leaving() if rule.kind is RuleKind.LEAVE else Entering()
