"""Look for faces where that is asked for, in a thread beside the analyser, which it never holds up."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Callable, FrozenSet, List, Mapping, Optional, Sequence

from typing_extensions import Protocol

from agent.domain.box import Box
from agent.domain.evidence import ModelInfo
from agent.domain.face_event import FaceEvent
from agent.domain.incident import Change
from agent.domain.policy.face import Appearance, FacePolicy
from agent.domain.policy.recognition import RecognitionSettings
from agent.faces.enrolled import Enrolled, Roster
from agent.faces.reader import FaceReader
from agent.pipeline.appearances import Appearances, Sighting
from agent.pipeline.beside import Beside
from agent.pipeline.record import Recorder
from agent.pipeline.schedule import Schedule
from agent.ports import Clock, Frame
from agent.telemetry import Telemetry


class DoorWatch(Protocol):
    """What a door makes of the faces of one look, without zones; `allowed` are the ids that may pass, None
    for everybody who is enrolled."""

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


class Recogniser(Beside[FaceReader]):
    """The look for faces; see agent.pipeline.beside."""

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
        policies = {camera: watched.policy for camera, watched in cameras.items()}
        super().__init__("faces", policies, latest, make_reader, schedule, recorder, trouble, clock)
        self._cameras = cameras
        self._enrolled = enrolled
        self._tell = tell
        self._telemetry = telemetry
        self._appearances = {
            camera: Appearances(settings, watched.lost_after_s) for camera, watched in cameras.items()
        }
        self._thresholds = {"max_distance": settings.max_distance, "margin": settings.margin}
        self._roster: Optional[Roster] = None

    def _models(self, networks: FaceReader) -> Sequence[ModelInfo]:
        """What finds faces and what says whose they are."""
        return networks.models

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

    def _look(self, frame: Frame, networks: FaceReader) -> None:
        """Raises InferenceError, StoreError, PeopleError."""
        watched = self._cameras[frame.camera]
        roster = self._present()
        model = replace(networks.model, thresholds=self._thresholds)
        with self._telemetry.timed("faces"):
            sightings = self._appearances[frame.camera].look(networks, roster.gallery, frame)
        allowed = roster.among(watched.people, watched.roles)
        seen = [_appearance(sighting, frame) for sighting in sightings]
        if watched.door is not None:
            zones = {one.track: watched.policy.zone(one.x, one.y)[1] for one in seen}
            for event in watched.door.look(sightings, frame, allowed, model):
                self._tell(replace(event, zones=zones[event.track]))
        with self._judging:
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
