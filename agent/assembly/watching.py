"""The watching half of one agent: captures, the vigil over them, and the analyser."""

from __future__ import annotations

from typing import Callable, Dict, List, Optional, Sequence

from agent.config.settings import Settings
from agent.domain.camera import CameraState, CameraStatus
from agent.domain.evidence import FireScores, ModelInfo
from agent.domain.incident import Change, Incident, Kind
from agent.domain.policy.camera import CameraPolicy
from agent.domain.policy.fire import FirePolicy
from agent.pipeline.analyse import Analyser
from agent.pipeline.capture import Capture
from agent.pipeline.policies import camera_policy_settings, fire_policy_settings, incident_ids
from agent.pipeline.record import Recorder
from agent.pipeline.schedule import Schedule
from agent.pipeline.slot import Mailbox
from agent.pipeline.vigil import Vigil, Vigilance
from agent.ports import Clock, FireDetector, Frame, Picture, StatusBoard
from agent.sources.registry import open_source
from agent.supervisor import Supervisor
from agent.telemetry import Telemetry
from agent.vision.ignored import Ignored

_BATCH = 4
_CAPTURE_PATIENCE_S = 0.1  # a read that hangs in a driver is left behind; its thread is a daemon
_ANSWER_WITHIN_S = 5.0
_OF_OTHERS = (Kind.DEVICE, Kind.FACE, Kind.OBJECT)
_SEEING = (CameraState.ONLINE, CameraState.DEGRADED)


class Watching:
    """Every enabled camera of the settings, not started yet."""

    def __init__(
        self,
        settings: Settings,
        model: ModelInfo,
        make_detector: Callable[[], FireDetector],
        recorder: Recorder,
        board: StatusBoard,
        clock: Clock,
        telemetry: Telemetry,
        on_model: Callable[[ModelInfo], None] = lambda _: None,
    ) -> None:
        """`on_model` is told, from the analyser's thread, where another model looks than before."""
        self.model = model
        self._on_model = on_model
        self.policy_settings = fire_policy_settings(settings.fire, model.thresholds)
        self._settings = settings
        self._recorder = recorder
        self._clock = clock
        self._telemetry = telemetry
        self._started = clock.moment()
        self._mailbox = Mailbox()
        cameras = [camera for camera in settings.cameras if camera.enabled]
        new_id = incident_ids(clock)
        self._fire = {camera.id: FirePolicy(camera.id, self.policy_settings, new_id) for camera in cameras}
        self._blind = {
            camera.id: CameraPolicy(camera.id, camera_policy_settings(camera.blind), new_id, self._started)
            for camera in cameras
        }
        self.vigils = {name: Vigil(policy, clock) for name, policy in self._blind.items()}
        self._vigilance = Vigilance(
            list(self.vigils.values()), board.camera, recorder.record, clock, telemetry
        )
        self._board = board
        self._analyser = Analyser(
            self._mailbox,
            make_detector,
            self._fire,
            Schedule({camera.id: camera.looks_per_second for camera in cameras}, _BATCH),
            recorder,
            clock,
            telemetry,
            Ignored({camera.id: camera.fire.ignored for camera in cameras}),
            self._looks_with,
        )

    def resume(self, unresolved: List[Incident]) -> None:
        """Hand every open incident of a camera back to its policy; where the camera is gone, or it was but a
        drill, it is over."""
        for incident in unresolved:
            if incident.kind in _OF_OTHERS:
                continue
            if incident.drill or incident.camera not in self._fire:
                self._recorder.record(incident.resolve(self._clock.now(), 0.0), None)
            elif incident.kind is Kind.CAMERA:
                self._blind[incident.camera].resume(incident)
            else:
                self._fire[incident.camera].resume(incident, self._clock.moment())

    def resume_dismissed(self, dismissals: List[Change]) -> None:
        """What was dismissed last on a camera, and when, so that a restart does not tell it all again."""
        now = self._clock.moment()
        for change in dismissals:
            incident = change.incident
            if incident.camera not in self._fire or incident.kind in _OF_OTHERS:
                continue
            if incident.kind is Kind.CAMERA:
                self._blind[incident.camera].resume_dismissed()
            else:
                ago_s = max(0.0, (now.utc - change.at).total_seconds())
                self._fire[incident.camera].resume_dismissed(incident, now.plus(-ago_s))

    def start(self, supervisor: Supervisor) -> None:
        """Start the threads: the vigil, one capture a camera, the analyser."""
        supervisor.start("vigilance", self._vigilance.run)
        for camera in self._settings.cameras:
            if not camera.enabled:
                self._board.camera(self.status(camera.id))
                continue
            capture = Capture(
                camera.id,
                open_source(camera, self._clock),
                self._mailbox,
                self.vigils[camera.id],
                self._clock,
                self._telemetry,
            )
            supervisor.start(f"capture-{camera.id}", capture.run, _CAPTURE_PATIENCE_S)
        supervisor.start("analyser", self._analyser.run)

    def judge(self, incident: Incident, word: Callable[[Incident], Change]) -> Optional[Change]:
        """Let a person's word change an incident where its policy holds it; None where none does any more.

        Whatever the policy said before is recorded when this returns, and so is the change. Safe from any
        thread. Raises IllegalTransitionError, BusyError.
        """
        if incident.kind is Kind.CAMERA:
            vigil = self.vigils.get(incident.camera)
            change = None if vigil is None else vigil.judge(incident.id, word)
            self._vigilance.turn()
            return change
        policy = self._fire.get(incident.camera)
        if policy is None:
            return None

        def decide(_: FireDetector) -> Optional[Change]:
            change = policy.judge(incident.id, word, self._clock.moment())
            if change is not None:
                self._recorder.enqueue(change)
            return change

        change = self._analyser.requests.ask(decide, _ANSWER_WITHIN_S)
        self._recorder.retry()
        return change

    def look(self, pictures: Sequence[Picture]) -> List[FireScores]:
        """What the detector in its own thread says of these pictures. Raises InferenceError, BusyError."""
        return self._analyser.requests.ask(lambda detector: detector.look(pictures), _ANSWER_WITHIN_S)

    def latest(self, camera: str) -> Optional[Frame]:
        """The last frame of a camera; None before the first."""
        return self._mailbox.latest(camera)

    def looked_at(self, camera: str) -> Optional[Frame]:
        """The last frame of a camera that fire was looked for in; None before the first."""
        return self._analyser.last_frame(camera)

    def status(self, camera: str) -> CameraStatus:
        """How a configured camera stands, also while nothing is known of it yet."""
        vigil = self.vigils.get(camera)
        if vigil is None:
            return CameraStatus(camera, CameraState.DISABLED, self._started.utc, None, 0.0, "not enabled")
        connecting = CameraStatus(camera, CameraState.OFFLINE, self._started.utc, None, 0.0, "connecting")
        return vigil.status or connecting

    def renew(self) -> None:
        """Look with a detector made anew from now on, such as one that runs a new engine."""
        self._analyser.renew()

    @property
    def ready(self) -> bool:
        """True once the model is loaded and the first turn was taken."""
        return self._analyser.last_turn is not None

    def trouble(self, limit_s: float) -> Optional[str]:
        """Why the watching is not being done, or None: what a watchdog must know.

        The analyser must turn, and every camera that sees must have been looked at within `limit_s` seconds.
        A camera that does not see is an incident, not a reason to restart.
        """
        now = self._clock.moment()
        if now.monotonic - (self._analyser.last_turn or self._started.monotonic) > limit_s:
            return f"no turn of the analyser for more than {limit_s:g} s"
        for camera, status in self._statuses().items():
            looked = self._analyser.last_look(camera) or self._started.monotonic
            seen_for_s = (now.utc - status.since).total_seconds()
            if status.state in _SEEING and min(now.monotonic - looked, seen_for_s) > limit_s:
                return f"{camera} sees, but was not looked at for more than {limit_s:g} s"
        return None

    def summary(self) -> str:
        """A line for people, and for an upgrade: how many cameras see, how many of those were looked at."""
        seeing = [camera for camera, status in self._statuses().items() if status.state in _SEEING]
        looked_at = sum(self._analyser.last_look(camera) is not None for camera in seeing)
        return f"{len(seeing)} of {len(self.vigils)} cameras online, {looked_at} looked at"

    def _looks_with(self, model: ModelInfo) -> None:
        if model != self.model:
            self.model = model
            self._on_model(model)

    def _statuses(self) -> Dict[str, CameraStatus]:
        statuses = {camera: vigil.status for camera, vigil in self.vigils.items()}
        return {camera: status for camera, status in statuses.items() if status is not None}
