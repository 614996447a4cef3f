"""When a camera counts as blind or offline, when that becomes an incident, and when it is over.

Only a new usable picture proves that a camera sees. Everything else that is told here merely explains why
none came. What a person dismissed is not opened again before the camera saw again.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Callable, Optional, Tuple

from agent.domain.camera import Blindness, CameraState, CameraStatus, Quality
from agent.domain.incident import Change, Incident, Kind, Transition
from agent.domain.moment import Moment
from agent.domain.policy.settings import CameraPolicySettings

BLURRED = "blurred"
SLOW = "low-frame-rate"
_FAR_BELOW = 0.25  # of the best frame rate since the connection was made

_Condition = Tuple[CameraState, Optional[str]]

_ONLINE: _Condition = (CameraState.ONLINE, None)
_ENDED: _Condition = (CameraState.DISABLED, "replay ended")
_STALLED: _Condition = (CameraState.BLIND, Blindness.STALLED.value)


@dataclass(frozen=True)
class Verdict:
    """What an input led to: the status where it is news, and at most one change of the incident."""

    status: Optional[CameraStatus] = None
    change: Optional[Change] = None


class CameraPolicy:
    """The state machine of one camera. Inputs must come in order of time; not thread-safe.

    Nothing is said (`status` is None) until the first usable picture or until `blind_after_s` without one.
    Short gaps do not show; once blind, good pictures must last `recover_after_s` before it is over.
    """

    def __init__(
        self, camera: str, settings: CameraPolicySettings, new_id: Callable[[], str], start: Moment
    ) -> None:
        self._camera = camera
        self._settings = settings
        self._new_id = new_id
        self._usable = start  # the last proof of sight; at first, the benefit of the doubt
        self._picture_at: Optional[Moment] = None
        self._good_since: Optional[Moment] = None
        self._saw_nothing = False
        self._opened: Optional[Moment] = None
        self._trouble: _Condition = (CameraState.OFFLINE, "connecting")
        self._trouble_since = start
        self._poor: Optional[str] = None
        self._poor_since = start
        self._bad_since: Optional[Moment] = None
        self._fps = 0.0
        self._best_fps = 0.0
        self._condition: Optional[_Condition] = None
        self._since = start
        self._incident: Optional[Incident] = None
        self._dismissed = False
        self._finished = False

    @property
    def incident(self) -> Optional[Incident]:
        """The unresolved incident, if there is one."""
        return self._incident

    @property
    def status(self) -> Optional[CameraStatus]:
        """The present status with the last known frame rate; None while nothing is known."""
        if self._condition is None:
            return None
        state, reason = self._condition
        last = None if self._picture_at is None else self._picture_at.utc
        return CameraStatus(self._camera, state, self._since.utc, last, self._fps, reason)

    def resume(self, incident: Incident) -> None:
        """Adopt an unresolved incident of an earlier run, so that one blindness does not become two."""
        self._incident = incident

    def resume_dismissed(self) -> None:
        """A blindness was dismissed in an earlier run: it is not to be told again while it lasts."""
        self._dismissed = True

    def judge(self, incident_id: str, word: Callable[[Incident], Change]) -> Optional[Change]:
        """Let a person's word change the unresolved incident; None where that is not, or no more, this one.

        Raises IllegalTransitionError.
        """
        if self._incident is None or self._incident.id != incident_id:
            return None
        change = word(self._incident)
        self._dismissed = change.transition is Transition.DISMISSED
        self._incident = None if change.incident.state.closed else change.incident
        return change

    def opened(self, at: Moment) -> Verdict:
        """The connection was made; pictures should follow."""
        self._opened = at
        self._best_fps = 0.0
        return self._judge(at)

    def picture(self, at: Moment, quality: Quality, fps: float) -> Verdict:
        """A picture was decoded; `fps` counts the pictures a second over the last few seconds."""
        self._fps = fps
        self._best_fps = max(self._best_fps, fps)
        self._opened = self._opened or at
        if quality.blindness is not Blindness.FROZEN:
            self._picture_at = at
        if quality.blindness is None:
            self._see(at)
        else:
            self._saw_nothing = True
            self._blame((CameraState.BLIND, quality.blindness.value), at)
        self._find_poor(quality.blurred, at)
        return self._judge(at)

    def lost(self, at: Moment, stalled: bool, detail: str) -> Verdict:
        """The connection is gone, or (`stalled`) the far end stays silent; `detail` in a few words.

        A time-out while nobody was connected proves no camera: it stays offline if it was.
        """
        unreachable = stalled and self._opened is None and self._trouble[0] is CameraState.OFFLINE
        self._blame(_STALLED if stalled and not unreachable else (CameraState.OFFLINE, detail), at)
        self._opened = None
        self._good_since = None
        self._fps = 0.0
        return self._judge(at)

    def tick(self, at: Moment, fps: float) -> Verdict:
        """Time passed; without ticks nobody would notice that nothing comes any more."""
        self._fps = fps
        return self._judge(at)

    def finish(self, at: Moment) -> Verdict:
        """The replay came to its end: nothing more is expected, and nothing is wrong."""
        self._finished = True
        self._fps = 0.0
        return self._judge(at)

    def _see(self, at: Moment) -> None:
        """A usable picture. A slow camera or a repeated picture does not break a run of them; a while in
        which there was nothing to see does.
        """
        gap_s = at.since(self._usable)
        broken = gap_s >= self._settle_s if self._saw_nothing else gap_s >= self._settings.blind_after_s
        if self._good_since is None or broken:
            self._good_since = at
        self._saw_nothing = False
        self._usable = at
        self._blame(_STALLED, at)  # what it will be, should no more come

    @property
    def _settle_s(self) -> float:
        return min(self._settings.recover_after_s, self._settings.blind_after_s)

    def _blame(self, trouble: _Condition, at: Moment) -> None:
        if trouble != self._trouble:
            self._trouble = trouble
            self._trouble_since = at

    def _find_poor(self, blurred: bool, at: Moment) -> None:
        slow = self._fps < _FAR_BELOW * self._best_fps
        poor = BLURRED if blurred else SLOW if slow else None
        if poor != self._poor:
            self._poor = poor
            self._poor_since = at

    def _judge(self, at: Moment) -> Verdict:
        if self._finished:
            condition: Optional[_Condition] = _ENDED
        elif at.since(self._usable) >= self._settings.blind_after_s:
            condition = self._why_blind(at)
        elif self._ill and not self._recovered:
            condition = self._condition if self._condition is None else self._why_blind(at)
        elif self._good_since is not None or self._condition is not None:
            condition = self._how_good(at)
        else:
            condition = None  # connecting, and still in time
        status = self._become(condition, at)
        return Verdict(status, self._follow(at))

    @property
    def _ill(self) -> bool:
        return self._bad_since is not None or self._incident is not None

    @property
    def _recovered(self) -> bool:
        good = self._good_since
        return good is not None and self._usable.since(good) >= self._settings.recover_after_s

    def _why_blind(self, at: Moment) -> _Condition:
        """The present trouble, once it has lasted: reasons that take turns would tell people nothing."""
        if self._trouble[0] is CameraState.OFFLINE and self._silent(at):
            self._blame(_STALLED, at)
        if self._bad_since is None or self._condition is None:
            return self._trouble
        return self._trouble if at.since(self._trouble_since) >= self._settle_s else self._condition

    def _silent(self, at: Moment) -> bool:
        """Connected for long enough, and not a picture."""
        return self._opened is not None and at.since(self._opened) >= self._settings.blind_after_s

    def _how_good(self, at: Moment) -> _Condition:
        lasted_s = at.since(self._poor_since)
        if self._poor is not None and lasted_s >= self._settings.blind_after_s:
            return (CameraState.DEGRADED, self._poor)
        degraded = self._condition is not None and self._condition[0] is CameraState.DEGRADED
        if degraded and (self._poor is not None or lasted_s < self._settings.recover_after_s):
            assert self._condition is not None
            return self._condition
        return _ONLINE

    def _become(self, condition: Optional[_Condition], at: Moment) -> Optional[CameraStatus]:
        if condition is None or condition == self._condition:
            return None
        bad = condition[0] in (CameraState.BLIND, CameraState.OFFLINE)
        self._bad_since = (self._bad_since or at) if bad else None
        if self._condition is None or self._condition[0] is not condition[0]:
            self._since = at
        self._condition = condition
        return self.status

    def _follow(self, at: Moment) -> Optional[Change]:
        if self._bad_since is None and self._condition is not None:
            self._dismissed = False
        if self._incident is None:
            if (
                self._dismissed
                or self._bad_since is None
                or at.since(self._bad_since) < self._settings.incident_after_s
            ):
                return None
            assert self._condition is not None
            change = Incident.open(
                self._new_id(),
                self._camera,
                Kind.CAMERA,
                at.utc,
                1.0,
                first_seen=min(self._usable.utc, at.utc),
                reason=self._condition[1],
            )
            self._incident = change.incident
            return change
        if self._bad_since is None and self._condition is not None:
            change = self._incident.resolve(at.utc, 0.0)
            self._incident = None
            return change
        return None
