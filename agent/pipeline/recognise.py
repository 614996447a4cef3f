"""Look for faces where that is asked for, in a thread beside the analyser, which it never holds up."""

from __future__ import annotations

import os
import threading
from contextlib import closing, suppress
from dataclasses import dataclass, replace
from typing import Callable, Dict, FrozenSet, List, Mapping, Optional, Sequence

import structlog
from typing_extensions import Protocol

from agent.domain.box import Box
from agent.domain.evidence import ModelInfo
from agent.domain.face_event import FaceEvent
from agent.domain.incident import Change, Incident
from agent.domain.moment import Moment
from agent.domain.policy.face import Appearance, FacePolicy
from agent.domain.policy.recognition import RecognitionSettings
from agent.errors import BeffroiError
from agent.faces.enrolled import Enrolled, Roster
from agent.faces.reader import FaceReader
from agent.pipeline.appearances import Appearances, Sighting
from agent.pipeline.record import Recorder
from agent.pipeline.schedule import Schedule
from agent.ports import Clock, Frame
from agent.telemetry import Telemetry

log = structlog.get_logger(__name__)

_IDLE_S, _LEAST_IDLE_S = 0.1, 0.02
_AGAIN_AFTER_S = 30.0
_NICER_BY = 5
"""How much the thread yields to those that look for fire."""


class DoorWatch(Protocol):
    """What a door makes of the faces of one look; `allowed` are the ids that may pass, None for everybody who
    is enrolled."""

    def look(
        self,
        sightings: Sequence[Sighting],
        frame: Frame,
        allowed: Optional[FrozenSet[int]],
        model: ModelInfo,
    ) -> List[FaceEvent]: ...


@dataclass(frozen=True, eq=False)
class WatchedCamera:
    """A camera on which faces are looked for: what they mean there, the people and roles it is about, and
    after how long without being seen a face has gone."""

    policy: FacePolicy
    people: FrozenSet[int] = frozenset()
    roles: FrozenSet[str] = frozenset()
    door: Optional[DoorWatch] = None
    lost_after_s: float = 2.0


class Recogniser:
    """Owns the networks for faces; `run` makes, uses and closes them in its thread.

    What goes wrong is told through `trouble` (None, after each look: all is well) and tried again in half a
    minute: the watch for fire goes on meanwhile.
    """

    def __init__(
        self,
        cameras: Mapping[str, WatchedCamera],
        latest: Callable[[str], Optional[Frame]],
        make_reader: Callable[[], FaceReader],
        enrolled: Enrolled,
        schedule: Schedule,
        recorder: Recorder,
        tell: Callable[[FaceEvent], None],
        trouble: Callable[[Optional[str]], None],
        clock: Clock,
        telemetry: Telemetry,
        settings: RecognitionSettings,
    ) -> None:
        self._cameras = cameras
        self._latest = latest
        self._make_reader = make_reader
        self._enrolled = enrolled
        self._schedule = schedule
        self._recorder = recorder
        self._tell = tell
        self._trouble = trouble
        self._clock = clock
        self._telemetry = telemetry
        self._appearances = {
            camera: Appearances(settings, watched.lost_after_s) for camera, watched in cameras.items()
        }
        self._thresholds = {"max_distance": settings.max_distance, "margin": settings.margin}
        self._seen: Dict[str, Frame] = {}
        self._roster: Optional[Roster] = None
        self._judging = threading.Lock()
        self._outdated = threading.Event()
        self.models: Sequence[ModelInfo] = ()
        """What finds faces and what says whose they are; none before they were loaded once."""
        self.tried = threading.Event()
        """Set once they were loaded, or could not be."""

    def run(self, stop: threading.Event) -> None:
        """Look until told to stop."""
        _yield_to_others()
        while not stop.is_set():
            try:
                self._look_with_one(stop)
            except BeffroiError as error:
                log.error("faces are not looked for", why=str(error), again_in_s=_AGAIN_AFTER_S)
                self._failed(str(error))
                self._clock.wait(stop, _AGAIN_AFTER_S)
            except Exception as error:
                # For the supervisor, which says it in full and has this run again.
                self._failed(type(error).__name__)
                raise

    def renew(self) -> None:
        """Have the networks made anew before the next turn; safe from any thread."""
        self._outdated.set()

    def _look_with_one(self, stop: threading.Event) -> None:
        self._outdated.clear()
        with closing(self._make_reader()) as reader:
            model = replace(reader.model, thresholds=self._thresholds)
            self.models = reader.models
            self.tried.set()
            while not (stop.is_set() or self._outdated.is_set()):
                self.turn(reader, model, stop)

    def _failed(self, why: str) -> None:
        self.tried.set()
        self._trouble(why)

    def turn(self, reader: FaceReader, model: ModelInfo, stop: threading.Event) -> None:
        """Look once at each camera whose turn it is, or wait a little. Raises InferenceError, StoreError,
        PeopleError."""
        self._recorder.retry()
        fresh = [camera for camera in self._cameras if self._frame(camera) is not None]
        now = self._clock.monotonic()
        chosen = self._schedule.turn(fresh, now)
        if not chosen:
            due_in_s = min(self._schedule.wait_s(camera, now) for camera in self._cameras)
            self._clock.wait(stop, min(max(due_in_s, _LEAST_IDLE_S), _IDLE_S))
            return
        roster = self._present()
        for camera in chosen:
            frame = self._frame(camera)
            if frame is not None:
                self._seen[camera] = frame
                self._look(camera, frame, reader, roster, model)
                self._trouble(None)

    def judge(self, incident: Incident, word: Callable[[Incident], Change]) -> Optional[Change]:
        """Let a person's word change an incident of a face; None where it is none of ours any more. Safe from
        any thread. Raises IllegalTransitionError."""
        watched = self._cameras.get(incident.camera)
        if watched is None:
            return None
        with self._judging:
            change = watched.policy.judge(incident.id, word, self._clock.moment())
            if change is not None:
                self._recorder.record(change, None)
        return change

    def resume(self, incident: Incident) -> bool:
        """Hand an open incident of an earlier run back to its policy; false where none takes it."""
        watched = self._cameras.get(incident.camera)
        if watched is None:
            return False
        return watched.policy.resume(incident, self._clock.moment())

    def resume_dismissed(self, incident: Incident, at: Moment) -> None:
        """What was dismissed in an earlier run, at `at`, stays so on a camera that is still looked at."""
        watched = self._cameras.get(incident.camera)
        if watched is not None:
            watched.policy.resume_dismissed(incident, at)

    def _frame(self, camera: str) -> Optional[Frame]:
        """The latest frame, unless it was looked at."""
        frame = self._latest(camera)
        return None if frame is self._seen.get(camera) else frame

    def _present(self) -> Roster:
        """Who is enrolled; where that changed, what was thought of anybody before is forgotten."""
        roster = self._enrolled.roster()
        if roster is not self._roster:
            self._roster = roster
            for appearances in self._appearances.values():
                appearances.forget()
            enrolled, now = frozenset(person.id for person in roster.people), self._clock.moment()
            with self._judging:
                for watched in self._cameras.values():
                    for change in watched.policy.forget(enrolled, now):
                        self._recorder.record(change, None)
        return roster

    def _look(self, camera: str, frame: Frame, reader: FaceReader, roster: Roster, model: ModelInfo) -> None:
        watched = self._cameras[camera]
        with self._telemetry.timed("faces"):
            sightings = self._appearances[camera].look(reader, roster.gallery, frame)
        allowed = roster.among(watched.people, watched.roles)
        if watched.door is not None:
            for event in watched.door.look(sightings, frame, allowed, model):
                self._tell(event)
        with self._judging:
            seen = [_appearance(sighting, frame) for sighting in sightings]
            outcomes = watched.policy.look(seen, allowed, frame.at, model)
            for one in outcomes:
                if isinstance(one, Change):
                    self._recorder.record(one, frame, _boxes(one, sightings))
        for one in outcomes:
            if isinstance(one, FaceEvent):
                self._tell(one)


def _boxes(change: Change, sightings: Sequence[Sighting]) -> List[Box]:
    """The faces of the enrolled person whom the incident is about, who may be seen on its picture."""
    person = change.incident.person
    return [one.face.box for one in sightings if person is not None and one.verdict.person == person]


def _appearance(one: Sighting, frame: Frame) -> Appearance:
    height, width = frame.pixels.shape[:2]
    box = one.face.box
    x, y = (box.left + box.right) / 2 / width, (box.top + box.bottom) / 2 / height
    return Appearance(one.track, one.verdict, x, y)


def _yield_to_others() -> None:
    """On Linux a thread has a priority of its own; the process's is that of its first."""
    with suppress(OSError):
        others = os.getpriority(os.PRIO_PROCESS, os.getpid())
        os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), others + _NICER_BY)
