"""A door: who stands before it is let in once enough looks agree, and told why not otherwise."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Callable, Dict, FrozenSet, List, Optional, Sequence, Set, Tuple

import numpy as np
import numpy.typing as npt

from agent.domain.evidence import ModelInfo
from agent.domain.face import Nearest
from agent.domain.face_event import FaceEvent, FaceEventKind
from agent.domain.moment import Moment
from agent.domain.policy.face import UNAUTHORISED, UNKNOWN
from agent.domain.policy.recognition import Known, RecognitionSettings, decide
from agent.faces.liveness import LEAST_DEPTH, depth
from agent.pipeline.appearances import Sighting
from agent.ports import Frame

FLAT = "flat"

_TURN_S = 4.0
"""A head turns aside and back, and is recognised again, within this long, or within `within_s` if longer."""


@dataclass(frozen=True)
class DoorRules:
    """`frames` looks at one track within `within_s` seconds must each name the same person, and with
    `liveness` they must have moved like a head; the same person is told again after `again_after_s`.

    Somebody who seems flat may turn their head for `patience_s`, be it in one appearance or several, is
    refused then, and not let in for `locked_s`: a print that is tilted for long enough would pass in the end.
    """

    frames: int = 5
    within_s: float = 3.0
    liveness: bool = True
    again_after_s: float = 10.0
    patience_s: float = 6.0
    locked_s: float = 60.0


@dataclass(frozen=True, eq=False)
class _Look:
    at: Moment
    nearest: Optional[Nearest]
    landmarks: npt.NDArray[np.float32]


@dataclass
class _Visitor:
    looks: List[_Look] = field(default_factory=list)
    told: Set[str] = field(default_factory=set)
    passed: bool = False


@dataclass
class _Doubt:
    """Somebody seems flat: since when, when last, and when they were refused for it."""

    since: Moment
    last: Moment
    refused: Optional[Moment] = None


class Door:
    """Implements agent.pipeline.recognise.DoorWatch for one camera; used by one thread."""

    def __init__(
        self, camera: str, rules: DoorRules, settings: RecognitionSettings, new_id: Callable[[], str]
    ) -> None:
        self._camera = camera
        self._rules = rules
        self._settings = settings
        self._new_id = new_id
        self._visitors: Dict[int, _Visitor] = {}
        self._let_in: Dict[int, Moment] = {}
        self._doubts: Dict[int, _Doubt] = {}

    def look(
        self,
        sightings: Sequence[Sighting],
        frame: Frame,
        allowed: Optional[FrozenSet[int]],
        model: ModelInfo,
    ) -> List[FaceEvent]:
        """Take in the faces of one look."""
        self._visitors = {
            track: who
            for track, who in self._visitors.items()
            if frame.at.since(who.looks[-1].at) <= self._rules.within_s
        }
        events = []
        for one in sightings:
            visitor = self._visitors.setdefault(one.track, _Visitor())
            self._note(visitor, one, frame.at)
            event = self._judge(visitor, one, frame.at, allowed, model)
            if event is not None:
                events.append(event)
        return events

    def _note(self, visitor: _Visitor, one: Sighting, at: Moment) -> None:
        kept_s = max(self._rules.within_s, _TURN_S)
        visitor.looks = [look for look in visitor.looks if at.since(look.at) <= kept_s]
        visitor.looks.append(_Look(at, one.nearest, one.face.landmarks))

    def _judge(
        self,
        visitor: _Visitor,
        one: Sighting,
        at: Moment,
        allowed: Optional[FrozenSet[int]],
        model: ModelInfo,
    ) -> Optional[FaceEvent]:
        person, distance = self._agreed(visitor, at)
        if person is None:
            unknown = one.verdict.known is Known.UNKNOWN
            return self._refuse(visitor, one, at, model, None, UNKNOWN) if unknown else None
        if allowed is not None and person not in allowed:
            return self._refuse(visitor, one, at, model, person, UNAUTHORISED)
        if self._rules.liveness and not self._is_live(visitor, person, at):
            is_refused = self._has_no_patience(visitor, person, at)
            return self._refuse(visitor, one, at, model, person, FLAT) if is_refused else None
        visitor.passed = True
        last = self._let_in.get(person)
        if last is not None and at.since(last) < self._rules.again_after_s:
            return None
        self._let_in[person] = at
        kind = FaceEventKind.AUTHENTICATED
        return self._event(kind, one, at, model, person, distance, confidence=1.0)

    def _agreed(self, visitor: _Visitor, at: Moment) -> Tuple[Optional[int], Optional[float]]:
        """Whom the last looks agree on, and their mean distance."""
        embedded = [
            look.nearest
            for look in visitor.looks
            if look.nearest is not None and at.since(look.at) <= self._rules.within_s
        ]
        last = embedded[-self._rules.frames :]
        people = {decide(nearest, self._settings) for nearest in last}
        if len(last) < self._rules.frames or len(people) != 1:
            return None, None
        return people.pop(), sum(nearest.distance for nearest in last) / len(last)

    def _is_live(self, visitor: _Visitor, person: int, at: Moment) -> bool:
        doubt = self._doubts.get(person)
        if doubt is not None and at.since(doubt.refused or doubt.last) >= self._rules.locked_s:
            doubt = None
            del self._doubts[person]
        if depth(self._shapes(visitor, person)) < LEAST_DEPTH:
            return False
        return doubt is None or doubt.refused is None

    def _has_no_patience(self, visitor: _Visitor, person: int, at: Moment) -> bool:
        """Whether somebody who seems flat, or did not long ago, is to be refused. Who has passed is not."""
        if visitor.passed:
            return False
        doubt = self._doubts.setdefault(person, _Doubt(at, at))
        doubt.last = at
        if doubt.refused is None and at.since(doubt.since) >= self._rules.patience_s:
            doubt.refused = at
            visitor.told.discard(FLAT)
        return doubt.refused is not None

    def _shapes(self, visitor: _Visitor, person: int) -> List[npt.NDArray[np.float32]]:
        """The landmarks of the looks that show this person, if less surely: whoever turns their own head and
        then holds up a photo of somebody else has not moved that photo."""
        return [
            look.landmarks
            for look in visitor.looks
            if look.nearest is not None
            and look.nearest.person == person
            and look.nearest.distance <= self._settings.far
        ]

    def _refuse(
        self,
        visitor: _Visitor,
        one: Sighting,
        at: Moment,
        model: ModelInfo,
        person: Optional[int],
        reason: str,
    ) -> Optional[FaceEvent]:
        """Once for each reason, as long as they stand there."""
        if reason in visitor.told:
            return None
        visitor.told.add(reason)
        distance = one.verdict.distance if np.isfinite(one.verdict.distance) else None
        kind = FaceEventKind.REFUSED
        return self._event(kind, one, at, model, person, distance, one.verdict.confidence, reason)

    def _event(
        self,
        kind: FaceEventKind,
        one: Sighting,
        at: Moment,
        model: ModelInfo,
        person: Optional[int],
        distance: Optional[float],
        confidence: float,
        reason: Optional[str] = None,
    ) -> FaceEvent:
        return FaceEvent(
            self._new_id(),
            kind,
            self._camera,
            at.utc,
            one.track,
            person,
            (),
            confidence,
            distance,
            model,
            reason,
        )
