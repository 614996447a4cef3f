"""Looks beside the analyser: a thread of its own for networks that must never hold up the watch for fire."""

from __future__ import annotations

import os
import threading
from abc import ABC, abstractmethod
from contextlib import closing, suppress
from typing import Callable, Dict, Generic, Mapping, Optional, Sequence, TypeVar

import structlog
from typing_extensions import Protocol

from agent.domain.evidence import ModelInfo
from agent.domain.incident import Change, Incident
from agent.domain.moment import Moment
from agent.errors import BeffroiError
from agent.pipeline.record import Recorder
from agent.pipeline.schedule import Schedule
from agent.ports import Clock, Frame

log = structlog.get_logger(__name__)

_IDLE_S, _LEAST_IDLE_S = 0.1, 0.02
_AGAIN_AFTER_S = 30.0
_NICER_BY = 5
"""How much the thread yields to those that look for fire."""


class Networks(Protocol):
    """What looks: made, used and closed in the thread."""

    def close(self) -> None: ...


class Holder(Protocol):
    """The policy of one camera, as far as it holds incidents; see agent.domain.policy.face."""

    def resume(self, incident: Incident, at: Moment) -> bool: ...

    def resume_dismissed(self, incident: Incident, at: Moment) -> None: ...

    def judge(self, incident_id: str, word: Callable[[Incident], Change], at: Moment) -> Optional[Change]: ...


N = TypeVar("N", bound=Networks)


class Beside(ABC, Generic[N]):
    """Owns its networks; a subclass says which those are (`_models`) and what a look is (`_look`).

    What goes wrong is told through `trouble` (None, after each look: all is well) and tried again in half a
    minute: the watch for fire goes on meanwhile.
    """

    def __init__(
        self,
        what: str,
        holders: Mapping[str, Holder],
        latest: Callable[[str], Optional[Frame]],
        make: Callable[[], N],
        schedule: Schedule,
        recorder: Recorder,
        trouble: Callable[[Optional[str]], None],
        clock: Clock,
    ) -> None:
        """`what` is looked for, in a word; `holders` are the policies by camera."""
        self._what = what
        self._holders = holders
        self._latest = latest
        self._make = make
        self._schedule = schedule
        self._recorder = recorder
        self._trouble = trouble
        self._clock = clock
        self._seen: Dict[str, Frame] = {}
        self._judging = threading.Lock()
        """Held wherever a policy changes: people's words come from other threads."""
        self._outdated = threading.Event()
        self.models: Sequence[ModelInfo] = ()
        """The networks that look; none before they were loaded once."""
        self.tried = threading.Event()
        """Set once they were loaded, or could not be."""

    def run(self, stop: threading.Event) -> None:
        """Look until told to stop."""
        _yield_to_others()
        while not stop.is_set():
            try:
                self._look_with_one(stop)
            except BeffroiError as error:
                log.error(f"{self._what} are not looked for", why=str(error), again_in_s=_AGAIN_AFTER_S)
                self._failed(str(error))
                self._clock.wait(stop, _AGAIN_AFTER_S)
            except Exception as error:
                # For the supervisor, which says it in full and has this run again.
                self._failed(type(error).__name__)
                raise

    def renew(self) -> None:
        """Have the networks made anew before the next turn; safe from any thread."""
        self._outdated.set()

    def turn(self, networks: N, stop: threading.Event) -> None:
        """Look once at each camera whose turn it is, or wait a little. Raises InferenceError, StoreError and
        what the look raises."""
        self._recorder.retry()
        fresh = [camera for camera in self._holders if self._frame(camera) is not None]
        now = self._clock.monotonic()
        chosen = self._schedule.turn(fresh, now)
        if not chosen:
            due_in_s = min(self._schedule.wait_s(camera, now) for camera in self._holders)
            self._clock.wait(stop, min(max(due_in_s, _LEAST_IDLE_S), _IDLE_S))
            return
        for camera in chosen:
            frame = self._frame(camera)
            if frame is not None:
                self._seen[camera] = frame
                self._look(frame, networks)
                self._trouble(None)

    def judge(self, incident: Incident, word: Callable[[Incident], Change]) -> Optional[Change]:
        """Let a person's word change an incident; None where it is none of ours any more. Safe from any
        thread. Raises IllegalTransitionError."""
        holder = self._holders.get(incident.camera)
        if holder is None:
            return None
        with self._judging:
            change = holder.judge(incident.id, word, self._clock.moment())
            if change is not None:
                self._recorder.record(change, None)
        return change

    def resume(self, incident: Incident) -> bool:
        """Hand an open incident of an earlier run back to its policy; false where none takes it."""
        holder = self._holders.get(incident.camera)
        return holder is not None and holder.resume(incident, self._clock.moment())

    def resume_dismissed(self, incident: Incident, at: Moment) -> None:
        """What was dismissed in an earlier run, at `at`, stays so on a camera that is still looked at."""
        holder = self._holders.get(incident.camera)
        if holder is not None:
            holder.resume_dismissed(incident, at)

    @abstractmethod
    def _models(self, networks: N) -> Sequence[ModelInfo]:
        """What looks, network by network."""

    @abstractmethod
    def _look(self, frame: Frame, networks: N) -> None:
        """Look at one frame, and record and tell what became of it."""

    def _look_with_one(self, stop: threading.Event) -> None:
        self._outdated.clear()
        with closing(self._make()) as networks:
            self.models = self._models(networks)
            self.tried.set()
            while not (stop.is_set() or self._outdated.is_set()):
                self.turn(networks, stop)

    def _failed(self, why: str) -> None:
        self.tried.set()
        self._trouble(why)

    def _frame(self, camera: str) -> Optional[Frame]:
        """The latest frame, unless it was looked at."""
        frame = self._latest(camera)
        return None if frame is self._seen.get(camera) else frame


def _yield_to_others() -> None:
    """On Linux a thread has a priority of its own; the process's is that of its first."""
    with suppress(OSError):
        others = os.getpriority(os.PRIO_PROCESS, os.getpid())
        os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), others + _NICER_BY)
