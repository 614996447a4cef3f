"""The store of one agent: database, outbox, pictures, and what keeps them in bounds."""

from __future__ import annotations

from datetime import timedelta
from typing import Callable, List

from agent.assembly.masks import masks_of
from agent.config.settings import Settings
from agent.desk.quiet import Quiet
from agent.domain.incident import Change
from agent.faces.veil import Veiling
from agent.pipeline.record import Recorder, Route
from agent.ports import Clock
from agent.store.database import Database, open_database
from agent.store.erasure import Erasure
from agent.store.guards import Guards
from agent.store.history import History
from agent.store.incidents import SqliteJournal
from agent.store.labelled import Labelled
from agent.store.line_counts import StoredLineCounts
from agent.store.maintenance import Maintenance
from agent.store.outbox import SqliteOutbox
from agent.store.retention import Retention
from agent.store.shedding import OutboxBounds
from agent.store.silences import Silences
from agent.store.snapshots import FileSnapshots
from agent.telemetry import Telemetry

_DISMISSALS_HOLD = timedelta(days=1)


class Store:
    """Opened at once: raises StoreError where the data folder cannot be used."""

    def __init__(self, settings: Settings, clock: Clock) -> None:
        section = settings.store
        self._settings = settings
        self._clock = clock
        self.database: Database = open_database(section.folder / "beffroi.db", clock)
        self.outbox = SqliteOutbox(self.database, clock)
        self.labelled = Labelled(section.folder)
        self.line_counts = StoredLineCounts(self.database, clock)
        self.retention = Retention(
            self.database,
            clock,
            section.keep_days,
            section.disk_share,
            face_days=settings.faces.incident_days,
        )
        self.maintenance = Maintenance(self.database, clock)
        self.erasure = Erasure(self.database, clock)

    def recover(self) -> None:
        """What a run that died left behind: leases are given back, half-written pictures swept, erasures
        finished, and what is too old goes."""
        self.outbox.release()
        FileSnapshots(self._settings.store.folder, self._clock).sweep()
        self.labelled.sweep()
        self.erasure.finish_erasures()
        self.retention.run()

    def quiet(self) -> Quiet:
        """Silences and guards as they stood at the end of the last run."""
        cameras = [camera.id for camera in self._settings.cameras]
        return Quiet(
            cameras, Silences(self.database, self._clock), Guards(self.database, self._clock), self._clock
        )

    def last_dismissals(self) -> List[Change]:
        """What people dismissed in the last day and nothing has come after."""
        return History(self.database).last_dismissals(self._clock.now() - _DISMISSALS_HOLD)

    def journal(self, notify: Callable[[], None]) -> SqliteJournal:
        """`notify` is called after each commit that put something into the outbox."""
        section = self._settings.store
        return SqliteJournal(
            self.database,
            self._clock,
            OutboxBounds(section.outbox_max_rows, section.outbox_max_bytes),
            notify=notify,
            make_room=self.retention.room_for_change,
        )

    def recorder(self, journal: SqliteJournal, route: Route, telemetry: Telemetry, veil: Veiling) -> Recorder:
        """Stores changes and their pictures, all under the cameras' masks and those for others under a veil;
        `route` names the sinks to tell of a change."""
        section = self._settings.store
        return Recorder(
            journal,
            FileSnapshots(section.folder, self._clock, make_room=self.retention.room_for_picture),
            route,
            self._clock,
            telemetry,
            {camera.id: camera.name or camera.id for camera in self._settings.cameras},
            section.jpeg_quality,
            veil,
            masks_of(self._settings),
        )

    def close(self) -> None:
        self.database.close()
