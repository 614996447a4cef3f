"""The composition root: the agent as a list of parts, started in order and stopped in reverse."""

from __future__ import annotations

from contextlib import ExitStack, closing
from typing import List, Optional

from agent.assembly.boards import Boards
from agent.assembly.desk import make_desk
from agent.assembly.engines import make_keepers
from agent.assembly.faces import FACES, Faces, enrolment_service, people_store
from agent.assembly.masks import masks_of
from agent.assembly.objects import OBJECTS, Objects, sharing
from agent.assembly.present import Present
from agent.assembly.storing import Store
from agent.assembly.trouble import DeviceTrouble
from agent.assembly.watching import Watching
from agent.config.settings import Settings
from agent.desk.door import Door
from agent.domain.evidence import ModelInfo
from agent.domain.health import AgentStatus
from agent.domain.incident import Kind
from agent.engines.machine import find_toolkit
from agent.engines.offer import DeviceEngines
from agent.faces.bundles import cache
from agent.faces.veil import Veiling, veil_of
from agent.inference.registry import load_fire_detector
from agent.inference.shared import Seen
from agent.jobs.health import HealthReader
from agent.jobs.timetable import Timetable
from agent.pipeline.masking import MaskedFrames
from agent.pipeline.policies import incident_ids
from agent.pipeline.record import Recorder
from agent.pipeline.sharing import SharedFrames
from agent.ports import Clock, FireDetector, StatusBoard
from agent.supervisor import Supervisor
from agent.telemetry import MetricsServer, Telemetry
from agent.version import VERSION
from alerts.dispatcher import Dispatcher
from alerts.routing import Listener, Router
from alerts.sinks.registry import Surroundings, channels

STOP_WITHIN_S = 5.0


class Agent:
    """One configuration at work. `start` and `stop` once each, from the same thread."""

    def __init__(self, settings: Settings, clock: Clock) -> None:
        self.settings = settings
        self.telemetry = Telemetry(clock)
        self.controls = Door()
        self._clock = clock
        self._started = clock.moment()
        self._supervisor = Supervisor(clock, self.telemetry)
        self._stack = ExitStack()
        self._stuck: List[str] = []
        self._watching: Optional[Watching] = None

    def start(self) -> None:
        """Start every part; where one cannot start, those before it are stopped again.

        Raises BeffroiError. A camera or broker that cannot be reached is no reason not to start.
        """
        try:
            self._start()
        except BaseException:
            self.stop()
            raise

    def _start(self) -> None:
        settings, clock, telemetry = self.settings, self._clock, self.telemetry
        engines = DeviceEngines(settings, find_toolkit)
        seen = Seen()

        def detector() -> FireDetector:
            return load_fire_detector(
                settings.fire, settings.tensorrt, engines, settings.objects, cache(settings), seen
            )

        with closing(detector()) as probed:
            model = probed.model

        store = Store(settings, clock)
        self._stack.callback(store.close)
        store.recover()

        people = people_store(settings, store, clock)
        quiet = store.quiet()
        enrolments = enrolment_service(settings, store, people, clock)
        if enrolments is not None:
            self._stack.callback(enrolments.close)
        told = channels(Surroundings(settings, clock, store.database, self.controls, telemetry, enrolments))
        dispatchers = [Dispatcher(channel.sink, store.outbox, clock, telemetry) for channel in told]
        board = Boards([channel.board for channel in told if channel.board is not None])
        listeners = [Listener(channel.sink.name, channel.floor, channel.people) for channel in told]

        def wake() -> None:
            for dispatcher in dispatchers:
                dispatcher.wake()

        journal = store.journal(wake)
        router = Router(listeners, quiet.hushes)

        def recorder_under(veil: Veiling) -> Recorder:
            return store.recorder(journal, router, telemetry, veil)

        veil = veil_of(settings.faces.blur, settings.faces.threads, clock)
        recorder = recorder_under(veil)
        # Faces and objects have a recorder and a veil of their own: a fire never waits for their pictures.
        recorder_beside = recorder_under(veil_of(settings.faces.blur, settings.faces.threads, clock))
        status = Present(self._status(store, model), board)
        watching = Watching(
            settings,
            model,
            detector,
            recorder,
            board,
            clock,
            telemetry,
            on_model=status.looks_with,
        )
        watching.resume(journal.unresolved())
        dismissals = store.last_dismissals()
        watching.resume_dismissed(dismissals)
        trouble = DeviceTrouble(recorder, incident_ids(clock), clock)
        trouble.resume(journal.unresolved())
        frames = MaskedFrames(watching.latest, masks_of(settings))
        faces = Faces(
            settings,
            people,
            recorder_beside,
            frames.latest,
            board.face,
            lambda wrong: trouble.tell(FACES, wrong),
            engines,
            clock,
            telemetry,
        )
        shared = SharedFrames(sharing(settings), watching.looked_at, frames.latest, clock)
        objects = Objects(
            settings,
            recorder_beside,
            shared.latest,
            board.object,
            board.counts,
            store.line_counts,
            lambda wrong: trouble.tell(OBJECTS, wrong),
            engines,
            seen,
            clock,
            telemetry,
        )
        for look in (faces, objects):
            look.resume(journal.unresolved())
            look.resume_dismissed(dismissals)

        health = HealthReader(clock, self._started, settings.store.folder, store.outbox, telemetry)
        status.show()
        self._stack.callback(self._stop_threads)
        for channel in told:
            self._supervisor.start(f"link-{channel.sink.name}", channel.run)
        for channel, dispatcher in zip(told, dispatchers):
            self._supervisor.start(f"dispatch-{channel.sink.name}", dispatcher.run)
        watching.start(self._supervisor)
        faces.start(self._supervisor)
        objects.start(self._supervisor)
        keepers = make_keepers(settings, watching, faces, objects, trouble, clock)
        if keepers is not None:
            self._supervisor.start("engines", keepers.run)
        self._watching = watching

        desk = make_desk(
            settings,
            status.read,
            health.read,
            store,
            quiet,
            recorder,
            recorder_beside,
            watching,
            frames.latest,
            {Kind.DEVICE: trouble, Kind.FACE: faces, Kind.OBJECT: objects},
            veil,
            clock,
        )
        self._stack.callback(desk.close)
        self.controls.open(desk)
        self._stack.callback(self.controls.shut)

        self._start_jobs(store, board, health)
        self._start_metrics()

    def stop(self) -> List[str]:
        """Requests and jobs, then looks and cameras, then delivery, which drains, then the store.

        Returns the names of the threads that did not end within STOP_WITHIN_S; they are daemons.
        """
        self._stack.close()
        return self._stuck

    def _stop_threads(self) -> None:
        self._stuck = self._supervisor.stop(STOP_WITHIN_S)

    @property
    def ready(self) -> bool:
        """True once the model is loaded and the watching has begun."""
        return self._watching is not None and self._watching.ready

    def trouble(self, limit_s: float) -> Optional[str]:
        """Why the agent does not do its work, or None; see Watching.trouble."""
        return "not started" if self._watching is None else self._watching.trouble(limit_s)

    def summary(self) -> str:
        """A line for people."""
        return "starting" if self._watching is None else self._watching.summary()

    def _status(self, store: Store, model: ModelInfo) -> AgentStatus:
        cameras = [camera.id for camera in self.settings.cameras]
        return AgentStatus(VERSION, self._started.utc, store.database.next_boot(), [model], cameras)

    def _start_jobs(self, store: Store, board: StatusBoard, health: HealthReader) -> None:
        timetable = Timetable(
            self.settings.jobs,
            heartbeat=lambda: board.health(health.read()),
            retention=store.retention.run,
            nightly=store.maintenance.nightly,
        )
        timetable.start()
        self._stack.callback(timetable.stop)

    def _start_metrics(self) -> None:
        metrics = self.settings.metrics
        if metrics.port is not None:
            server = MetricsServer(self.telemetry, metrics.address, metrics.port)
            self._stack.callback(server.close)
