"""Delete what is old, and on a full disk what is oldest: never what is unresolved or still to be told.

What people labelled for retraining does not age; on a full disk it goes when no other picture is left.
"""

from __future__ import annotations

import shutil
from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Callable, Dict, List, Optional, Set, Tuple

import structlog
from sqlalchemy import and_, delete, exists, or_, select, tuple_, update

from agent.domain.incident import Kind, State
from agent.ports import Clock
from agent.store.database import Database
from agent.store.erasure import Erasure
from agent.store.errors import file_errors
from agent.store.expiry import forget_expired
from agent.store.labelled import labelled_shots
from agent.store.reserve import Reserve
from agent.store.retention_plan import Disk, Shot, oldest, plan
from agent.store.schema import DeliveryState, changes, incidents, is_in, outbox
from agent.store.snapshots import FOLDER, StoredFile, stored_files

log = structlog.get_logger(__name__)

_CLOSED = [state.value for state in State if state.closed]
_OF_FACES = incidents.c.kind == Kind.FACE.value
_ROOM = 16 * 1024 * 1024
_BATCH = 200
_ON_ITS_WAY = timedelta(days=1)
"""A picture whose change is not in the database yet may be waiting for it this long."""


@dataclass(frozen=True)
class Report:
    """What was deleted: pictures (annotated and clean count as one), their bytes, incidents."""

    pictures: int = 0
    bytes: int = 0
    incidents: int = 0


def disk_of(folder: Path) -> Disk:
    """The disk that a folder is on."""
    usage = shutil.disk_usage(str(folder))
    return Disk(used=usage.used, free=usage.free)


class Retention:
    """Deletes from the data folder that holds `database`; safe to use from several threads."""

    def __init__(
        self,
        database: Database,
        clock: Clock,
        keep_days: float,
        disk_share: float,
        disk: Callable[[Path], Disk] = disk_of,
        face_days: Optional[float] = None,
    ) -> None:
        """`face_days` is for incidents of kind face what `keep_days` is for others, where it is shorter."""
        self._database = database
        self._clock = clock
        self._folder = database.path.parent
        self._keep_days = keep_days
        self._face_days = keep_days if face_days is None else min(face_days, keep_days)
        self._disk_share = disk_share
        self._disk = disk
        self._reserve = Reserve(self._folder)
        self._erasure = Erasure(database, clock)

    def run(self) -> Report:
        """The regular round, also once at start: what is too old goes, then the oldest while the disk is
        too full, then the rows of old closed incidents and of what people said; erasures of people are
        finished, and begun where their time is over. Raises StoreError."""
        disk = self._disk(self._folder)
        if disk.free < _ROOM:
            self._reserve.release()
        pictures = self._delete(disk.excess(self._disk_share))
        rows = self._delete_incidents()
        forget_expired(self._database, self._clock, self._keep_days)
        self._erasure.finish_erasures()
        self._erasure.expire()
        self._reserve.fill()
        return Report(pictures.pictures, pictures.bytes, rows)

    def room_for_picture(self) -> bool:
        """Delete the oldest pictures to make room for a new one; false where none may go."""
        self._reserve.release()
        try:
            report = self._delete(_ROOM)
        finally:
            self._reserve.fill()
        log.warning("disk full, old pictures deleted", pictures=report.pictures, bytes=report.bytes)
        return report.pictures > 0

    def room_for_change(self) -> None:
        """Make room for the database at any price but a protected picture: the reserve goes as well, until
        the next regular round."""
        self._reserve.release()
        report = self._delete(_ROOM)
        log.warning("disk full, reserve and old pictures given up", pictures=report.pictures)

    def _shots(self, now: datetime) -> List[Shot]:
        # Files first: a picture that is saved after this is not looked at.
        groups: Dict[Tuple[str, int], List[StoredFile]] = defaultdict(list)
        for file in stored_files(self._folder):
            groups[file.incident_id, file.sequence].append(file)
        known, kept, of_faces = self._known()
        shots = []
        for (incident_id, sequence), files in groups.items():
            written_at = max(file.written_at for file in files)
            unknown = (incident_id, sequence) not in known
            shots.append(
                Shot(
                    incident_id,
                    sequence,
                    written_at,
                    size=sum(file.size for file in files),
                    files=tuple(file.path for file in files),
                    kept=incident_id in kept or (unknown and now - written_at < _ON_ITS_WAY),
                    keep_days=self._face_days if incident_id in of_faces else self._keep_days,
                )
            )
        return shots

    def _known(self) -> Tuple[Set[Tuple[str, int]], Set[str], Set[str]]:
        """The snapshots that changes name, the incidents that are open or still to be told, and those of
        faces."""
        named = select(changes.c.incident_id, changes.c.sequence).where(changes.c.annotated.is_not(None))
        kept = select(incidents.c.id).where(incidents.c.state.not_in(_CLOSED))
        waiting = select(outbox.c.incident_id).where(is_in(DeliveryState.PENDING))
        with self._database.read() as connection:
            known = {(row.incident_id, row.sequence) for row in connection.execute(named)}
            to_keep = {*connection.scalars(kept), *connection.scalars(waiting)}
            return known, to_keep, set(connection.scalars(select(incidents.c.id).where(_OF_FACES)))

    def _delete(self, to_free: int) -> Report:
        now = self._clock.now()
        shots = plan(self._shots(now), now, to_free)
        for start in range(0, len(shots), _BATCH):
            batch = shots[start : start + _BATCH]
            keys = [(shot.incident_id, shot.sequence) for shot in batch]
            # The names go first: a crash in between leaves a file without a name, never the reverse.
            with self._database.write() as connection:
                connection.execute(
                    update(changes)
                    .where(tuple_(changes.c.incident_id, changes.c.sequence).in_(keys))
                    .values(annotated=None, clean=None, sha256=None, width=None, height=None)
                )
            for shot in batch:
                for path in shot.files:
                    self._unlink(path)
        return self._delete_labelled(Report(len(shots), sum(shot.size for shot in shots)), to_free)

    def _delete_labelled(self, others: Report, to_free: int) -> Report:
        shots = oldest(list(labelled_shots(self._folder)), to_free - others.bytes)
        for shot in shots:
            for path in shot.files:
                with file_errors(path):
                    path.unlink()
        return Report(others.pictures + len(shots), others.bytes + sum(shot.size for shot in shots))

    def _unlink(self, path: Path) -> None:
        with file_errors(path):
            path.unlink()
            for folder in path.parents:
                if folder.name == FOLDER or any(folder.iterdir()):
                    return
                folder.rmdir()

    def _delete_incidents(self) -> int:
        now = self._clock.now()
        too_old = or_(
            incidents.c.changed_at < now - timedelta(days=self._keep_days),
            and_(_OF_FACES, incidents.c.changed_at < now - timedelta(days=self._face_days)),
        )
        waits = exists().where(outbox.c.incident_id == incidents.c.id, is_in(DeliveryState.PENDING))
        shown = exists().where(changes.c.incident_id == incidents.c.id, changes.c.annotated.is_not(None))
        old = (
            select(incidents.c.id)
            .where(incidents.c.state.in_(_CLOSED), too_old)
            .where(~or_(waits, shown))
            .limit(_BATCH)
        )
        total = 0
        while True:
            with self._database.write() as connection:
                ids = list(connection.scalars(old))
                connection.execute(delete(incidents).where(incidents.c.id.in_(ids)))
            total += len(ids)
            if len(ids) < _BATCH:
                return total
