"""Faces of one agent, put together from its settings: who is enrolled, and who is recognised."""

from __future__ import annotations

from typing import Callable, FrozenSet, List, Optional, Sequence

from agent.assembly.storing import Store
from agent.config.camera_settings import Camera
from agent.config.face_settings import CameraFaceSettings
from agent.config.polygons import corners
from agent.config.settings import Settings
from agent.domain.evidence import ModelInfo
from agent.domain.face_event import FaceEvent
from agent.domain.incident import Change, Incident, Kind
from agent.domain.policy.face import FacePolicy, FacePolicySettings
from agent.domain.policy.recognition import RecognitionSettings
from agent.domain.zone import Zone
from agent.faces.enrolled import StoredPeople
from agent.faces.enrolment import EnrolmentService
from agent.faces.loading import load_reader, processor_reader
from agent.inference.engines import EngineShelf
from agent.pipeline.door import Door, DoorRules
from agent.pipeline.policies import incident_ids
from agent.pipeline.recognise import Recogniser, WatchedCamera
from agent.pipeline.record import Recorder
from agent.pipeline.schedule import Schedule
from agent.ports import Clock, Frame
from agent.store.faces import PeopleStore
from agent.store.vault import Vault, key_of
from agent.supervisor import Supervisor
from agent.telemetry import Telemetry

FACES = "faces"
"""The reason of the device's incident where faces cannot be looked for."""

_BATCH = 4

_LOST_AFTER_S, _STALE_AFTER_S = 2.0, 10.0
"""How long a face is missed before it has gone, and how long nobody looks before nobody knows; both hold at
least so many of a camera's looks:"""
_LOOKS_TO_LOSE, _LOOKS_TO_BE_STALE = 2.5, 3.0


def people_store(settings: Settings, store: Store, clock: Clock) -> Optional[PeopleStore]:
    """The enrolled people; None without a key. Raises PeopleError for a key that is none."""
    key = settings.faces.key
    if key is None:
        return None
    return PeopleStore(store.database, clock, Vault(key_of(key.get_secret_value())))


def enrolment_service(
    settings: Settings, store: Store, people: Optional[PeopleStore], clock: Clock
) -> Optional[EnrolmentService]:
    """What channels enrol people with; None without a key. Its networks run on the processor."""
    if people is None:
        return None
    section = settings.faces
    recognition = RecognitionSettings(section.max_distance, section.margin)
    return EnrolmentService(
        people, store.erasure, lambda: processor_reader(settings), recognition, section.pictures, clock
    )


class Faces:
    """Who is recognised on the cameras of an agent, not started yet; nobody where none looks for faces."""

    def __init__(
        self,
        settings: Settings,
        people: Optional[PeopleStore],
        recorder: Recorder,
        latest: Callable[[str], Optional[Frame]],
        tell: Callable[[FaceEvent], None],
        trouble: Callable[[bool], None],
        engines: EngineShelf,
        clock: Clock,
        telemetry: Telemetry,
    ) -> None:
        """`trouble` is told whether faces cannot be looked for, from the recogniser's thread."""
        self._recorder = recorder
        self._clock = clock
        self._recogniser: Optional[Recogniser] = None
        cameras = [camera for camera in settings.cameras if camera.enabled and camera.faces.wanted]
        if not cameras or people is None:
            trouble(False)
            return
        recognition = RecognitionSettings(settings.faces.max_distance, settings.faces.margin)
        self._recogniser = Recogniser(
            {camera.id: _watched(camera, recognition, clock) for camera in cameras},
            latest,
            lambda: load_reader(settings, engines),
            StoredPeople(people, clock),
            Schedule({camera.id: camera.faces.looks_per_second for camera in cameras}, _BATCH),
            recorder,
            tell,
            lambda why: trouble(why is not None),
            clock,
            telemetry,
            recognition,
        )

    def resume(self, unresolved: List[Incident]) -> None:
        """Hand every open incident of a face back to its camera's policy; where nothing looks there any more,
        it is over."""
        for incident in unresolved:
            if incident.kind is not Kind.FACE:
                continue
            if self._recogniser is None or not self._recogniser.resume(incident):
                self._recorder.record(incident.resolve(self._clock.now(), 0.0), None)

    def resume_dismissed(self, dismissals: List[Change]) -> None:
        """What was dismissed last on a camera, and when, so that a restart does not tell it all again."""
        now = self._clock.moment()
        for change in dismissals:
            if change.incident.kind is Kind.FACE and self._recogniser is not None:
                ago_s = max(0.0, (now.utc - change.at).total_seconds())
                self._recogniser.resume_dismissed(change.incident, now.plus(-ago_s))

    def start(self, supervisor: Supervisor) -> None:
        """Start the recogniser's thread, where there is any."""
        if self._recogniser is not None:
            supervisor.start(FACES, self._recogniser.run)

    def renew(self) -> None:
        """Look with networks made anew from now on, such as those that run a new engine."""
        if self._recogniser is not None:
            self._recogniser.renew()

    @property
    def wanted(self) -> bool:
        """Whether faces are looked for on any camera."""
        return self._recogniser is not None

    @property
    def models(self) -> Sequence[ModelInfo]:
        """What finds faces and what says whose they are; none while nobody looks for any."""
        return () if self._recogniser is None else self._recogniser.models

    @property
    def tried(self) -> bool:
        """Whether they were loaded, or it turned out that they cannot be."""
        return self._recogniser is not None and self._recogniser.tried.is_set()

    def judge(self, incident: Incident, word: Callable[[Incident], Change]) -> Optional[Change]:
        """See agent.desk.judge.Holder."""
        return None if self._recogniser is None else self._recogniser.judge(incident, word)


def _watched(camera: Camera, recognition: RecognitionSettings, clock: Clock) -> WatchedCamera:
    section = camera.faces
    new_id = incident_ids(clock)
    door = None
    if section.door is not None:
        rules = DoorRules(
            section.door.frames, section.door.within_s, section.door.liveness, section.door.again_after_s
        )
        door = Door(camera.id, rules, recognition, new_id)
    return WatchedCamera(
        FacePolicy(camera.id, _policy(section), new_id),
        frozenset(int(number) for number in _listed(section.people)),
        _listed(section.roles),
        door,
        max(_LOST_AFTER_S, _LOOKS_TO_LOSE / section.looks_per_second),
    )


def _policy(section: CameraFaceSettings) -> FacePolicySettings:
    zones = tuple((Zone(zone.name, corners(zone.polygon)), zone.policy) for zone in section.zones or [])
    stale_after_s = max(_STALE_AFTER_S, _LOOKS_TO_BE_STALE / section.looks_per_second)
    return FacePolicySettings(section.policy, zones, stale_after_s=stale_after_s)


def _listed(text: Optional[str]) -> FrozenSet[str]:
    return frozenset(part.strip() for part in text.split(",")) if text else frozenset()
