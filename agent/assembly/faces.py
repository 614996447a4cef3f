"""Faces of one agent, put together from its settings: who is enrolled, and who is recognised."""

from __future__ import annotations

from typing import Callable, FrozenSet, Optional

from agent.assembly.beside import LookBeside
from agent.assembly.storing import Store
from agent.config.camera_settings import Camera
from agent.config.face_settings import CameraFaceSettings
from agent.config.polygons import corners
from agent.config.settings import Settings
from agent.domain.face_event import FaceEvent
from agent.domain.incident import Kind
from agent.domain.policy.face import FacePolicy, FacePolicySettings
from agent.domain.policy.recognition import RecognitionSettings
from agent.domain.zone import Zone
from agent.faces.enrolled import StoredPeople
from agent.faces.enrolment import EnrolmentService
from agent.faces.loading import load_reader, photo_reader
from agent.inference.engines import EngineShelf
from agent.pipeline.door import Door, DoorRules
from agent.pipeline.policies import incident_ids
from agent.pipeline.recognise import Recogniser, WatchedCamera
from agent.pipeline.record import Recorder
from agent.pipeline.schedule import Schedule
from agent.ports import Clock, Frame
from agent.store.faces import PeopleStore
from agent.store.vault import Vault, key_of
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
        people, store.erasure, lambda: photo_reader(settings), recognition, section.pictures, clock
    )


class Faces(LookBeside):
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
        cameras = [camera for camera in settings.cameras if camera.enabled and camera.faces.wanted]
        if not cameras or people is None:
            super().__init__(Kind.FACE, FACES, None, recorder, clock)
            trouble(False)
            return
        recognition = RecognitionSettings(settings.faces.max_distance, settings.faces.margin)
        recogniser = Recogniser(
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
        super().__init__(Kind.FACE, FACES, recogniser, recorder, clock)


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
