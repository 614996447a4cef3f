"""What people do not want to hear of: silences and guards, kept in the store and at hand in memory."""

from __future__ import annotations

import threading
from datetime import datetime, timedelta
from typing import Dict, List, Optional, Sequence

import structlog

from agent.controls import NeverSilentError, UnknownCameraError
from agent.domain.guard import Guard, Week
from agent.domain.incident import Change, Kind
from agent.domain.silence import LONGEST_SILENCE_S, NEVER_SILENT, Silence
from agent.ports import Clock
from agent.store.guards import Guards
from agent.store.silences import Silences

log = structlog.get_logger(__name__)


class Quiet:
    """Thread-safe. Nobody else writes the silences and guards, so that a change costs no query."""

    def __init__(self, cameras: Sequence[str], silences: Silences, guards: Guards, clock: Clock) -> None:
        """Reads both stores; raises StoreError."""
        self._cameras = list(cameras)
        self._silences = silences
        self._guards = guards
        self._clock = clock
        self._lock = threading.Lock()
        self._silent: List[Silence] = silences.active(clock.now())
        self._guard_of: Dict[str, Guard] = {camera: guards.get(camera) for camera in self._cameras}

    def hushes(self, change: Change) -> bool:
        """Whether people are to be spared this change; never of fire, start-fire or smoke."""
        incident = change.incident
        if incident.kind in NEVER_SILENT:
            return False
        now = self._clock.now()
        with self._lock:
            guard = self._guard_of.get(incident.camera, Guard())
            silent = any(one.covers(incident.camera, incident.kind, now) for one in self._silent)
        return silent or not guard.armed(now, now.astimezone())

    def silence(self, camera: str, kind: Kind, duration_s: float, actor: str) -> Silence:
        """See agent.controls.Controls; in place of the one before, and LONGEST_SILENCE_S at most."""
        self._known(camera)
        if kind in NEVER_SILENT:
            raise NeverSilentError(f"{kind.value} cannot be silenced: people are always told of it")
        now = self._clock.now()
        until = now + timedelta(seconds=min(duration_s, LONGEST_SILENCE_S))
        made = Silence(camera, kind, now, until, actor)
        with self._lock:
            self._silences.add(made)
            self._silent = [*self._others(camera, kind), made]
        log.info("silence", camera=camera, kind=kind.value, until=until.isoformat(), by=actor)
        return made

    def silences(self) -> List[Silence]:
        """Those in force, the next to end first."""
        now = self._clock.now()
        with self._lock:
            self._silent = [one for one in self._silent if now < one.until]
            return sorted(
                (one for one in self._silent if one.since <= now), key=lambda one: (one.until, one.camera)
            )

    def lift(self, camera: str, kind: Kind, actor: str) -> bool:
        """See agent.controls.Controls."""
        self._known(camera)
        with self._lock:
            lifted = self._silences.lift(camera, kind)
            self._silent = self._others(camera, kind)
        log.info("silence lifted", camera=camera, kind=kind.value, was_there=lifted, by=actor)
        return lifted

    def guard(self, camera: str) -> Guard:
        """See agent.controls.Controls."""
        self._known(camera)
        with self._lock:
            return self._guard_of[camera]

    def arm(self, camera: Optional[str], actor: str) -> None:
        """See agent.controls.Controls."""
        local = self._clock.now().astimezone()
        for name in self._chosen(camera):
            with self._lock:
                self._put(name, self._guard_of[name].arm(local))
            log.info("armed", camera=name, by=actor)

    def disarm(self, camera: Optional[str], actor: str, until: Optional[datetime]) -> None:
        """See agent.controls.Controls."""
        for name in self._chosen(camera):
            with self._lock:
                self._put(name, self._guard_of[name].disarm(until))
            log.info("disarmed", camera=name, until=until and until.isoformat(), by=actor)

    def schedule(self, camera: Optional[str], week: Optional[Week], actor: str) -> None:
        """See agent.controls.Controls; what a person said before counts no more."""
        for name in self._chosen(camera):
            with self._lock:
                self._put(name, Guard(week=week))
            log.info("guard schedule", camera=name, hours=len(week or ()), by=actor)

    def _put(self, camera: str, guard: Guard) -> None:
        self._guards.put(camera, guard)
        self._guard_of[camera] = guard

    def _others(self, camera: str, kind: Kind) -> List[Silence]:
        return [one for one in self._silent if (one.camera, one.kind) != (camera, kind)]

    def _chosen(self, camera: Optional[str]) -> List[str]:
        if camera is None:
            return self._cameras
        self._known(camera)
        return [camera]

    def _known(self, camera: str) -> None:
        if camera not in self._cameras:
            raise unknown_camera(camera, self._cameras)


def unknown_camera(camera: str, cameras: Sequence[str]) -> UnknownCameraError:
    """Says which there are."""
    return UnknownCameraError(f"there is no camera {camera}: there are {', '.join(cameras)}")
