"""Implements agent.ports.SnapshotStore on files: written aside, fsynced, renamed."""

from __future__ import annotations

import hashlib
import os
import re
from dataclasses import dataclass
from datetime import datetime, timezone
from pathlib import Path
from typing import Callable, Iterator, Optional

import structlog

from agent.errors import StoreError
from agent.ports import Clock, SnapshotRef
from agent.store.durable import make_folders, sync_folder
from agent.store.errors import DiskFullError, file_errors
from agent.store.jpeg import jpeg_size

log = structlog.get_logger(__name__)

FOLDER = "snapshots"
_TEMPORARY = ".tmp"
_ID = re.compile(r"[A-Za-z0-9_-]{1,64}")
_NAME = re.compile(r"(?P<incident>[A-Za-z0-9_-]{1,64})-(?P<sequence>\d+)-(?:annotated|clean)\.jpg")


@dataclass(frozen=True)
class StoredFile:
    """A picture on disk; `written_at` is aware UTC."""

    path: Path
    incident_id: str
    sequence: int
    written_at: datetime
    size: int


class FileSnapshots:
    """Pictures under <data folder>/snapshots/YYYY/MM/DD.

    `make_room` is called once where the disk is full and says whether trying again is worth it.
    """

    def __init__(self, folder: Path, clock: Clock, make_room: Callable[[], bool] = lambda: False) -> None:
        self._folder = folder
        self._clock = clock
        self._make_room = make_room

    def save(self, incident_id: str, sequence: int, *, annotated: bytes, clean: bytes) -> SnapshotRef:
        """See agent.ports.SnapshotStore. The id may hold letters, digits, - and _, 64 at most."""
        if not _ID.fullmatch(incident_id) or sequence < 0:
            raise StoreError(f"no picture can be named after incident {incident_id!r}, change {sequence}")
        try:
            width, height = jpeg_size(annotated)
            jpeg_size(clean)
        except ValueError as error:
            raise StoreError(f"picture of incident {incident_id}: {error}: nothing was stored") from error
        day = Path(FOLDER) / f"{self._clock.now():%Y/%m/%d}"
        stem = f"{incident_id}-{sequence}"
        ref = SnapshotRef(
            annotated=day / f"{stem}-annotated.jpg",
            clean=day / f"{stem}-clean.jpg",
            sha256=hashlib.sha256(annotated).hexdigest(),
            width=width,
            height=height,
        )
        try:
            self._write(ref, annotated, clean)
        except DiskFullError as error:
            log.warning("no room for a picture, deleting old ones", incident=incident_id, error=str(error))
            if not self._make_room():
                raise
            self._write(ref, annotated, clean)
        return ref

    def sweep(self) -> int:
        """Delete what a crash left half-written; call at start. Returns how many files. Raises StoreError."""
        swept = 0
        with file_errors(self._folder / FOLDER):
            for path in (self._folder / FOLDER).rglob(f"*{_TEMPORARY}"):
                path.unlink()
                swept += 1
        return swept

    def _write(self, ref: SnapshotRef, annotated: bytes, clean: bytes) -> None:
        final = [self._folder / ref.annotated, self._folder / ref.clean]
        aside = [path.with_name(path.name + _TEMPORARY) for path in final]
        now_ns = int(self._clock.now().timestamp() * 1e9)
        try:
            with file_errors(final[0].parent):
                make_folders(final[0].parent)
                for path, data in zip(aside, (annotated, clean)):
                    _write_through(path, data, now_ns)
                for path, target in zip(aside, final):
                    path.replace(target)
                sync_folder(final[0].parent)
        except StoreError:
            for path in aside:
                _forget(path)
            raise


def stored_files(folder: Path) -> Iterator[StoredFile]:
    """Every picture under a data folder; what is deleted meanwhile is left out."""
    for path in (folder / FOLDER).rglob("*.jpg"):
        name = _NAME.fullmatch(path.name)
        found = _stat(path)
        if name and found:
            written_at = datetime.fromtimestamp(found.st_mtime, tz=timezone.utc)
            yield StoredFile(path, name["incident"], int(name["sequence"]), written_at, found.st_blocks * 512)


def _write_through(path: Path, data: bytes, now_ns: int) -> None:
    with path.open("wb") as file:
        file.write(data)
        file.flush()
        # Age is judged by the agent's clock, the one that incidents are dated by.
        os.utime(file.fileno(), ns=(now_ns, now_ns))
        os.fsync(file.fileno())


def _stat(path: Path) -> Optional[os.stat_result]:
    try:
        return path.stat()
    except FileNotFoundError:
        return None


def _forget(path: Path) -> None:
    try:
        path.unlink()
    except OSError:
        log.debug("nothing to clean up", path=str(path))
