"""The incident: a stateful case, changed only through the methods here.

    open --acknowledge--> acknowledged
    acknowledged --escalate--> open
    open | acknowledged --resolve--> resolved
    open | acknowledged | resolved --dismiss--> dismissed

People judge afterwards, too: what is over may still be called a false alarm. Dismissed is the end.

Every method returns a Change: the transition and the incident after it. The sequence number grows by one
with each change, so that a consumer can order what arrives late and drop what arrives twice.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from enum import Enum
from typing import Optional

from agent.domain.evidence import ModelInfo
from agent.domain.extent import NOWHERE, Extent


class Kind(str, Enum):
    """What an incident is about."""

    FIRE = "fire"
    START_FIRE = "start-fire"
    SMOKE = "smoke"
    OBJECT = "object"
    FACE = "face"
    CAMERA = "camera"
    DEVICE = "device"


class Transition(str, Enum):
    """What happened to an incident."""

    OPENED = "opened"
    UPDATED = "updated"
    ESCALATED = "escalated"
    ACKNOWLEDGED = "acknowledged"
    RESOLVED = "resolved"
    DISMISSED = "dismissed"


class State(str, Enum):
    """Where an incident stands."""

    OPEN = "open"
    ACKNOWLEDGED = "acknowledged"
    RESOLVED = "resolved"
    DISMISSED = "dismissed"

    @property
    def closed(self) -> bool:
        return self in (State.RESOLVED, State.DISMISSED)


class Severity(str, Enum):
    """How bad, in the order of the city interface."""

    INFORMATIONAL = "informational"
    LOW = "low"
    MEDIUM = "medium"
    HIGH = "high"
    CRITICAL = "critical"

    @property
    def rank(self) -> int:
        """0 (informational) to 4 (critical)."""
        return list(Severity).index(self)


SEVERITY_OF = {
    Kind.FIRE: Severity.CRITICAL,
    Kind.START_FIRE: Severity.HIGH,
    Kind.SMOKE: Severity.HIGH,
    Kind.OBJECT: Severity.MEDIUM,
    Kind.FACE: Severity.MEDIUM,
    Kind.CAMERA: Severity.MEDIUM,
    Kind.DEVICE: Severity.MEDIUM,
}

NO_CAMERA = ""
"""Stands for the camera of an incident of the device itself."""


class IllegalTransitionError(ValueError):
    """The state of `incident` does not allow the change; nothing was changed."""

    def __init__(self, message: str, incident: Incident) -> None:
        super().__init__(message)
        self.incident = incident


@dataclass(frozen=True)
class Incident:
    """One case on one camera, or on none (NO_CAMERA). Times are aware UTC; confidences are in 0..1.

    `confidence` is that of the last look, `peak` the highest so far. `reason` says in a few words why
    (for a camera incident: `stalled`, `frozen`, ...; for the device's: `engine`); `actor` who acknowledged or
    dismissed it, or asked for a drill. A drill is a rendered fire that tests the way of an alert: nothing
    burns. `person` is the number of the enrolled person that a face incident is about, None for a stranger.
    `extent` is what it covered when it was last told of.
    """

    id: str
    camera: str
    kind: Kind
    state: State
    severity: Severity
    sequence: int
    first_seen: datetime
    last_seen: datetime
    confidence: float
    peak: float
    reason: Optional[str] = None
    actor: Optional[str] = None
    model: Optional[ModelInfo] = None
    drill: bool = False
    person: Optional[int] = None
    extent: Extent = NOWHERE

    @classmethod
    def open(
        cls,
        id: str,
        camera: str,
        kind: Kind,
        at: datetime,
        confidence: float,
        *,
        first_seen: Optional[datetime] = None,
        reason: Optional[str] = None,
        model: Optional[ModelInfo] = None,
        person: Optional[int] = None,
        extent: Extent = NOWHERE,
    ) -> Change:
        """A new case; `first_seen` is when it began, where that is before its confirmation at `at`."""
        incident = cls(
            id=id,
            camera=camera,
            kind=kind,
            state=State.OPEN,
            severity=SEVERITY_OF[kind],
            sequence=1,
            first_seen=first_seen or at,
            last_seen=at,
            confidence=confidence,
            peak=confidence,
            reason=reason,
            model=model,
            person=person,
            extent=extent,
        )
        return Change(Transition.OPENED, incident, at)

    @classmethod
    def rehearse(
        cls,
        id: str,
        camera: str,
        at: datetime,
        confidence: float,
        *,
        actor: str,
        model: Optional[ModelInfo] = None,
    ) -> Change:
        """A drill that `actor` asked for: a fire of no severity, for which nobody is to be sent out."""
        opened = cls.open(id, camera, Kind.FIRE, at, confidence, reason="self-test", model=model)
        drill = replace(opened.incident, severity=Severity.INFORMATIONAL, actor=actor, drill=True)
        return replace(opened, incident=drill)

    def update(
        self,
        at: datetime,
        confidence: float,
        model: Optional[ModelInfo] = None,
        extent: Optional[Extent] = None,
    ) -> Change:
        """It still goes on; without a model or an extent those before hold."""
        return self._next(Transition.UPDATED, at, **self._seen(at, confidence, model, extent))

    def escalate(
        self,
        kind: Kind,
        at: datetime,
        confidence: float,
        model: Optional[ModelInfo] = None,
        extent: Optional[Extent] = None,
    ) -> Change:
        """It became a worse kind; an acknowledged incident is open again, for it is news."""
        return self._next(
            Transition.ESCALATED,
            at,
            kind=kind,
            severity=SEVERITY_OF[kind],
            state=State.OPEN,
            **self._seen(at, confidence, model, extent),
        )

    def acknowledge(self, at: datetime, actor: str) -> Change:
        """A person has taken it on."""
        return self._next(Transition.ACKNOWLEDGED, at, state=State.ACKNOWLEDGED, actor=actor)

    def resolve(self, at: datetime, confidence: float) -> Change:
        """It is over: quiet for long enough."""
        return self._next(Transition.RESOLVED, at, state=State.RESOLVED, confidence=confidence)

    def dismiss(self, at: datetime, actor: str) -> Change:
        """A person said that it is, or was, a false alarm."""
        return self._next(Transition.DISMISSED, at, state=State.DISMISSED, actor=actor)

    def _seen(
        self, at: datetime, confidence: float, model: Optional[ModelInfo], extent: Optional[Extent]
    ) -> dict[str, object]:
        return {
            "last_seen": at,
            "confidence": confidence,
            "peak": max(self.peak, confidence),
            "model": model or self.model,
            "extent": self.extent if extent is None else extent,
        }

    def _next(self, transition: Transition, at: datetime, **fields: object) -> Change:
        hindsight = self.state is State.RESOLVED and transition is Transition.DISMISSED
        if self.state.closed and not hindsight:
            raise IllegalTransitionError(
                f"incident {self.id} is {self.state.value}: it cannot be {transition.value}", self
            )
        if transition is Transition.ACKNOWLEDGED and self.state is State.ACKNOWLEDGED:
            raise IllegalTransitionError(f"incident {self.id} is already acknowledged by {self.actor}", self)
        after = replace(self, sequence=self.sequence + 1, **fields)  # type: ignore[arg-type]
        return Change(transition, after, at)


@dataclass(frozen=True)
class Change:
    """An immutable fact: at `at` (UTC), `transition` happened and the incident became `incident`."""

    transition: Transition
    incident: Incident
    at: datetime
    capture_to_event_ms: Optional[float] = None

    @property
    def event_id(self) -> str:
        """Unique per change and the same across retries."""
        return f"{self.incident.id}-{self.incident.sequence}"
