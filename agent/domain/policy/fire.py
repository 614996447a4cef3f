"""When looks at one camera become a fire incident: smooth, confirm, escalate, resolve.

One burning bin is one incident: while it is open, every later look belongs to it. Fire is never held back by
a cool-down; a recurring start-fire is, for `cooldown_s` after the last incident ended.

What a person dismissed does not come back at the next look, and yet nobody can mute fire: the camera opens
again once it has been calm, at once where a dismissed start-fire becomes a fire, and in any case where it
still burns `dismissed_again_after_s` after the dismissal.

Where the looks say how large it is, fewer of them make a fire of what grows, and what has spread since it was
told of is told again before its time. Neither ever holds anything back.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, replace
from typing import Callable, Deque, List, Optional

from agent.domain.evidence import FireScores, ModelInfo
from agent.domain.extent import NOWHERE
from agent.domain.incident import Change, Incident, Kind, Transition
from agent.domain.moment import Moment
from agent.domain.policy.growth import LEAST_AREA, Growth
from agent.domain.policy.settings import FirePolicySettings


@dataclass(frozen=True)
class _Vote:
    at: Moment
    danger: bool
    fire: bool


@dataclass(frozen=True)
class _Dismissed:
    """What a person dismissed, when, and how many seconds of calm end it."""

    kind: Kind
    at: Moment
    calm_s: float


class FirePolicy:
    """The state machine of one camera. Looks must come in order of time; not thread-safe.

    An incident's confidence is the smoothed danger: how sure the agent is that something burns, in 0..1.
    """

    def __init__(self, camera: str, settings: FirePolicySettings, new_id: Callable[[], str]) -> None:
        self._camera = camera
        self._settings = settings
        self._new_id = new_id
        self._votes: Deque[_Vote] = deque(maxlen=settings.window)
        self._growth = Growth(settings.grows_within_s)
        self._extent = NOWHERE
        self._told_area: Optional[float] = None
        self._danger = 0.0
        self._last_look: Optional[Moment] = None
        self._incident: Optional[Incident] = None
        self._told: Optional[Moment] = None
        self._quiet_since: Optional[Moment] = None
        self._ended: Optional[Moment] = None
        self._dismissed: Optional[_Dismissed] = None

    @property
    def incident(self) -> Optional[Incident]:
        """The unresolved incident, if there is one."""
        return self._incident

    @property
    def danger(self) -> float:
        """The smoothed danger, in 0..1."""
        return self._danger

    def resume(self, incident: Incident, at: Moment) -> None:
        """Adopt an unresolved incident of an earlier run, so that one fire does not become two."""
        self._incident = incident
        self._told = at
        area = incident.extent.area
        self._told_area = None if area is None else max(LEAST_AREA, area)

    def resume_dismissed(self, incident: Incident, at: Moment) -> None:
        """Remember what was dismissed in an earlier run, at `at`. Whether it was calm since nobody saw: the
        first calm look ends it."""
        self._dismissed = _Dismissed(incident.kind, at, calm_s=0.0)

    def judge(self, incident_id: str, word: Callable[[Incident], Change], at: Moment) -> Optional[Change]:
        """Let a person's word change the unresolved incident; None where that is not, or no more, this one.

        Raises IllegalTransitionError.
        """
        if self._incident is None or self._incident.id != incident_id:
            return None
        change = word(self._incident)
        self._keep(change, at)
        if change.transition is Transition.DISMISSED:
            self._dismissed = _Dismissed(change.incident.kind, at, self._settings.resolve_after_s)
        return change

    def look(self, scores: FireScores, at: Moment, model: Optional[ModelInfo] = None) -> List[Change]:
        """Take in one look; returns what became of it, in order (at most one change)."""
        self._smooth(scores, at)
        # Growth goes by what a detector boxed: the heat tells where, not how much.
        self._extent = replace(self._growth.look(scores.boxes, at), boxes=scores.where)
        change = self._open(at, model) if self._incident is None else self._follow(self._incident, at, model)
        if change is None:
            return []
        self._keep(change, at)
        self._told = at
        if self._incident is not None:
            self._told_area = max(self._told_area or 0.0, self._growth.lately or 0.0) or None
        return [change]

    def _keep(self, change: Change, at: Moment) -> None:
        self._incident = None if change.incident.state.closed else change.incident
        self._dismissed = None
        if self._incident is None:
            self._ended = at
            self._quiet_since = None
            self._told_area = None

    def _smooth(self, scores: FireScores, at: Moment) -> None:
        """Exponential smoothing by elapsed time, so that the look rate does not change its reach."""
        gap = None if self._last_look is None else at.since(self._last_look)
        if gap is None or gap > self._settings.stale_after_s:
            self._votes.clear()
            self._growth.forget()
            self._quiet_since = None
            self._danger = scores.danger
        else:
            keep = 0.5 ** (max(gap, 0.0) / self._settings.half_life_s)
            self._danger = keep * self._danger + (1.0 - keep) * scores.danger
        self._last_look = at
        self._votes.append(
            _Vote(at, scores.danger >= self._settings.open_above, scores.fire >= self._settings.fire_above)
        )

    def _open(self, at: Moment, model: Optional[ModelInfo]) -> Optional[Change]:
        self._forget_dismissed(at)
        if self._confirmed_fire():
            kind = Kind.FIRE
        elif self._confirmed_danger() and not self._cooling(at):
            kind = Kind.START_FIRE
        else:
            return None
        if self._dismissed is not None and (kind is not Kind.FIRE or self._dismissed.kind is Kind.FIRE):
            return None
        first = next(vote.at for vote in self._votes if vote.danger or vote.fire)
        return Incident.open(
            self._new_id(),
            self._camera,
            kind,
            at.utc,
            self._danger,
            first_seen=first.utc,
            model=model,
            extent=self._extent,
        )

    def _follow(self, incident: Incident, at: Moment, model: Optional[ModelInfo]) -> Optional[Change]:
        if incident.kind is not Kind.FIRE and self._confirmed_fire():
            self._quiet_since = None
            return incident.escalate(Kind.FIRE, at.utc, self._danger, model, self._extent)
        if self._danger < self._settings.close_below:
            self._quiet_since = self._quiet_since or at
            if at.since(self._quiet_since) >= self._settings.resolve_after_s:
                return incident.resolve(at.utc, self._danger)
            return None
        self._quiet_since = None
        due = self._told is None or at.since(self._told) >= self._settings.renotify_s
        if due or self._spread():
            return incident.update(at.utc, self._danger, model, self._extent)
        return None

    def _spread(self) -> bool:
        """Whether it covers so much more than the most that was told."""
        lately = self._growth.lately
        if lately is None or self._told_area is None:
            return False
        return lately >= self._settings.spreads_by * self._told_area

    def _forget_dismissed(self, at: Moment) -> None:
        """What was dismissed is over once it was calm for long enough, or news again after a while."""
        if self._dismissed is None:
            return
        if at.since(self._dismissed.at) >= self._settings.dismissed_again_after_s:
            self._dismissed = None
            self._ended = None  # it waited longer than any cool-down asks
        elif self._danger >= self._settings.close_below:
            self._quiet_since = None
        else:
            self._quiet_since = self._quiet_since or at
            if at.since(self._quiet_since) >= self._dismissed.calm_s:
                self._dismissed = None
                self._quiet_since = None

    def _confirmed_danger(self) -> bool:
        enough = sum(vote.danger for vote in self._votes) >= self._settings.needed
        return enough and self._danger >= self._settings.open_above

    def _confirmed_fire(self) -> bool:
        growth = self._extent.growth
        grows = growth is not None and growth >= self._settings.grows_above
        needed = self._settings.needed_growing if grows else self._settings.needed
        enough = sum(vote.fire for vote in self._votes) >= needed
        return enough and self._danger >= self._settings.open_above

    def _cooling(self, at: Moment) -> bool:
        return self._ended is not None and at.since(self._ended) < self._settings.cooldown_s
