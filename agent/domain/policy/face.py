"""What an appearance on one camera means: an event, an incident, or nothing.

Where a face must be authorised, whoever is not opens an incident: one per enrolled person who may not be
there, and one for all strangers together. It is told again while they stay, and resolves once they were gone
for a while, which somebody must have looked to see: while a camera gives no pictures nobody is gone. What a
person dismissed does not open again before they were gone for as long, or stayed for very much longer.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Callable, Dict, FrozenSet, List, Optional, Sequence, Tuple, Union

from agent.domain.evidence import ModelInfo
from agent.domain.face_event import FaceEvent, FaceEventKind
from agent.domain.incident import Change, Incident
from agent.domain.incident import Kind as IncidentKind
from agent.domain.moment import Moment
from agent.domain.policy.heard import Heard
from agent.domain.policy.recognition import Known, Verdict
from agent.domain.zone import Zone

OFF, WATCH, AUTHORISED = "off", "watch", "authorised"
UNKNOWN, UNAUTHORISED = "unknown", "unauthorised"


@dataclass(frozen=True)
class FacePolicySettings:
    """`policy` holds outside the `zones`, each of which has its own; both are off, watch or authorised.

    `people` are the ids that it is about, None for everybody who is enrolled. An incident resolves
    `resolve_after_s` after the last look that showed its cause and is told again every `renotify_s`; looks
    that are further apart than `stale_after_s` say nothing of the time between. What was dismissed is news
    again after `dismissed_again_after_s`, even where there was somebody all the time. The same person is
    recognised again on the camera after `again_after_s`.
    """

    policy: str = OFF
    zones: Tuple[Tuple[Zone, str], ...] = ()
    resolve_after_s: float = 20.0
    renotify_s: float = 60.0
    again_after_s: float = 60.0
    stale_after_s: float = 10.0
    dismissed_again_after_s: float = 600.0


@dataclass(frozen=True)
class Appearance:
    """One face at one look: its track, whose it is so far, and its middle as shares of the picture."""

    track: int
    verdict: Verdict
    x: float
    y: float


@dataclass
class _Case(Heard):
    """What goes on with one cause."""

    incident: Optional[Incident]
    seen: Moment
    told: Moment


_Cause = Optional[int]
_Outcome = Union[Change, FaceEvent]


class FacePolicy:
    """The state machine of one camera. Looks must come in order of time; not thread-safe."""

    def __init__(self, camera: str, settings: FacePolicySettings, new_id: Callable[[], str]) -> None:
        self._camera = camera
        self._settings = settings
        self._new_id = new_id
        self._cases: Dict[_Cause, _Case] = {}
        self._recognised: Dict[int, Moment] = {}
        self._last_look: Optional[Moment] = None

    def zone(self, x: float, y: float) -> Tuple[str, Tuple[str, ...]]:
        """The policy that holds at a point, and the names of the zone that says so, where one does."""
        for zone, policy in self._settings.zones:
            if zone.holds(x, y):
                return policy, (zone.name,)
        return self._settings.policy, ()

    def resume(self, incident: Incident, at: Moment) -> bool:
        """Adopt an unresolved incident of an earlier run; false where another has the same cause already, as
        after somebody was forgotten."""
        if incident.person in self._cases:
            return False
        self._cases[incident.person] = _Case(incident, at, at)
        return True

    def resume_dismissed(self, incident: Incident, at: Moment) -> None:
        """Remember what was dismissed in an earlier run, at `at`."""
        self._cases.setdefault(incident.person, _Case(None, at, at))

    def forget(self, enrolled: FrozenSet[int], at: Moment) -> List[Change]:
        """Let nothing be about people who are not enrolled any more: their incidents are over."""
        changes = []
        for person in [one for one in self._cases if one is not None and one not in enrolled]:
            incident = self._cases.pop(person).incident
            if incident is not None:
                changes.append(replace(incident, person=None).resolve(at.utc, 0.0))
        return changes

    def judge(self, incident_id: str, word: Callable[[Incident], Change], at: Moment) -> Optional[Change]:
        """Let a person's word change an unresolved incident; None where there is none of that id any more.

        Raises IllegalTransitionError.
        """
        for case in self._cases.values():
            change = case.hear(incident_id, word, at)
            if change is not None:
                case.seen = at
                return change
        return None

    def look(
        self,
        appearances: Sequence[Appearance],
        allowed: Optional[FrozenSet[int]],
        at: Moment,
        model: ModelInfo,
    ) -> List[_Outcome]:
        """Take in one look; returns what became of it, in order.

        `allowed` are the ids that the camera's policy is about; None for everybody who is enrolled.
        """
        self._begin(at)
        outcomes: List[_Outcome] = []
        for one in appearances:
            policy, zones = self.zone(one.x, one.y)
            if policy == WATCH:
                outcomes += self._watch(one, zones, allowed, at, model)
            elif policy == AUTHORISED:
                outcomes += self._authorise(one, allowed, at, model)
        return outcomes + self._pass(at)

    def _begin(self, at: Moment) -> None:
        """After a time in which nobody looked, nobody is known to have been gone."""
        last, self._last_look = self._last_look, at
        if last is None or at.since(last) > self._settings.stale_after_s:
            for case in self._cases.values():
                case.seen = at

    def _watch(
        self,
        one: Appearance,
        zones: Tuple[str, ...],
        allowed: Optional[FrozenSet[int]],
        at: Moment,
        model: ModelInfo,
    ) -> List[_Outcome]:
        person = one.verdict.person
        if person is None or not (allowed is None or person in allowed):
            return []
        last = self._recognised.get(person)
        if last is not None and at.since(last) < self._settings.again_after_s:
            return []
        self._recognised[person] = at
        return [
            FaceEvent(
                self._new_id(),
                FaceEventKind.RECOGNISED,
                self._camera,
                at.utc,
                one.track,
                person,
                zones,
                one.verdict.confidence,
                one.verdict.distance,
                model,
            )
        ]

    def _authorise(
        self, one: Appearance, allowed: Optional[FrozenSet[int]], at: Moment, model: ModelInfo
    ) -> List[_Outcome]:
        verdict = one.verdict
        if verdict.known is Known.UNDECIDED:
            return []
        if verdict.known is Known.KNOWN and (allowed is None or verdict.person in allowed):
            return []
        case = self._cases.get(verdict.person)
        if case is None or self._news_again(case, at):
            reason = UNKNOWN if verdict.person is None else UNAUTHORISED
            opened = Incident.open(
                self._new_id(),
                self._camera,
                IncidentKind.FACE,
                at.utc,
                verdict.confidence,
                reason=reason,
                model=model,
                person=verdict.person,
            )
            self._cases[verdict.person] = _Case(opened.incident, at, at)
            return [opened]
        case.seen = at
        if case.incident is None or at.since(case.told) < self._settings.renotify_s:
            return []
        updated = case.incident.update(at.utc, verdict.confidence, model)
        case.incident, case.told = updated.incident, at
        return [updated]

    def _news_again(self, case: _Case, at: Moment) -> bool:
        return case.incident is None and at.since(case.told) >= self._settings.dismissed_again_after_s

    def _pass(self, at: Moment) -> List[_Outcome]:
        """Let time pass: who has been gone for long enough is gone."""
        outcomes: List[_Outcome] = []
        over = [
            cause
            for cause, case in self._cases.items()
            if at.since(case.seen) >= self._settings.resolve_after_s
        ]
        for cause in over:
            case = self._cases.pop(cause)
            if case.incident is not None:
                outcomes.append(case.incident.resolve(at.utc, 0.0))
        long_ago = [
            person
            for person, last in self._recognised.items()
            if at.since(last) >= self._settings.again_after_s
        ]
        for person in long_ago:
            del self._recognised[person]
        return outcomes
