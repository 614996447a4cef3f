"""Pictures that people judged, kept for retraining: class folders and a manifest that `models` reads.

`<data folder>/labelled/<class>/<incident>-<sequence>.jpg`, and `manifest.csv` beside the classes, to which a
line is added for every picture and press. The last line of a picture is the one that holds; a picture lies in
the folder of its last label only.
"""

from __future__ import annotations

import csv
import io
import os
import threading
from contextlib import suppress
from datetime import datetime, timezone
from pathlib import Path
from typing import Dict, Iterator, List, Optional, Tuple

from agent.domain.incident import Change, Kind, Transition
from agent.store.durable import make_folders, sync_folder
from agent.store.errors import file_errors
from agent.store.history import PastChange, PastIncident
from agent.store.retention_plan import Shot

FOLDER = "labelled"
MANIFEST = "manifest.csv"
NO_FIRE = "no-fire"
_TEMPORARY = ".tmp"

_MOST = 20
_SHOWN = (Kind.FIRE, Kind.START_FIRE)
_WORDS = (Transition.ACKNOWLEDGED, Transition.DISMISSED)
_CLASSES = (*(kind.value for kind in _SHOWN), NO_FIRE)
_COLUMNS = (
    "file",
    "group",  # what must not straddle a split
    "source_repo",  # where it comes from
    "license",
    "class",
    "incident",
    "camera",
    "at",
    "by",
    "pressed",
    "bundle",
    "sha256",
)


class Labelled:
    """The folder of one agent; thread-safe."""

    def __init__(self, folder: Path) -> None:
        self._data = folder
        self._folder = folder / FOLDER
        self._lock = threading.Lock()

    def keep(self, past: PastIncident) -> int:
        """Copy the clean pictures of a fire incident under the label that the last person's word gives them.

        Acknowledged, each shows what the incident was when it was taken; dismissed, none of them shows fire.
        Those of its end show nothing and are left out, and so are those after the first 20: what burns for
        hours looks the same. An earlier label is superseded. Returns how many there were. Raises StoreError.
        """
        words = [one.change for one in past.changes if one.change.transition in _WORDS]
        if not words:
            return 0
        pressed = words[-1]
        rows: List[Dict[str, str]] = []
        with self._lock, file_errors(self._folder):
            for taken in past.changes:
                if len(rows) == _MOST:
                    break
                label = _label(taken.change, pressed.transition)
                if label is not None and self._place(taken, label, pressed.at):
                    rows.append(_row(taken, label, pressed))
            if rows:
                self._write(rows)
        return len(rows)

    def sweep(self) -> None:
        """Delete what a crash left half-written; call at start. Raises StoreError."""
        with file_errors(self._folder):
            for path in self._folder.glob(f"*/*{_TEMPORARY}"):
                path.unlink()

    def _place(self, taken: PastChange, label: str, at: datetime) -> bool:
        """Have the picture in this class and no other; false where it is gone."""
        name = f"{taken.change.event_id}.jpg"
        target = self._folder / label / name
        if target.is_file():
            return True
        for other in _CLASSES:
            if (self._folder / other / name).is_file():
                make_folders(target.parent)
                (self._folder / other / name).replace(target)
                sync_folder(target.parent)
                return True
        return taken.snapshot is not None and _copy(self._data / taken.snapshot.clean, target, at)

    def _write(self, rows: List[Dict[str, str]]) -> None:
        text = io.StringIO()
        writer = csv.DictWriter(text, _COLUMNS, lineterminator="\n")
        path = self._folder / MANIFEST
        with path.open("ab") as file:
            if file.tell() == 0:
                writer.writeheader()
            elif not _ends_well(path):
                file.write(b"\n")  # after a line that a power cut left half-written
            writer.writerows(rows)
            file.write(text.getvalue().encode())
            file.flush()
            os.fsync(file.fileno())
        sync_folder(self._folder)


def labelled_shots(folder: Path) -> Iterator[Shot]:
    """The pictures under a data folder, for when the disk is full."""
    for path in sorted((folder / FOLDER).glob("*/*.jpg")):
        incident, _, sequence = path.stem.rpartition("-")
        found = path.stat()
        written_at = datetime.fromtimestamp(found.st_mtime, tz=timezone.utc)
        yield Shot(incident, int(sequence), written_at, found.st_blocks * 512, (path,), kept=False)


def _label(taken: Change, pressed: Transition) -> Optional[str]:
    incident = taken.incident
    if incident.kind not in _SHOWN or taken.transition is Transition.RESOLVED:
        return None
    return NO_FIRE if pressed is Transition.DISMISSED else incident.kind.value


def _row(taken: PastChange, label: str, pressed: Change) -> Dict[str, str]:
    incident = taken.change.incident
    bundle, sha256 = _model(taken)
    return {
        "file": f"{label}/{taken.change.event_id}.jpg",
        "group": incident.id,
        "source_repo": incident.camera,
        "license": "own recording",
        "class": label,
        "incident": incident.id,
        "camera": incident.camera,
        "at": taken.change.at.isoformat(),
        "by": pressed.incident.actor or "",
        "pressed": f"{pressed.transition.value} {pressed.at.isoformat()}",
        "bundle": bundle,
        "sha256": sha256,
    }


def _model(taken: PastChange) -> Tuple[str, str]:
    model = taken.change.incident.model
    return ("", "") if model is None else (model.bundle, model.sha256)


def _copy(picture: Path, target: Path, at: datetime) -> bool:
    """Durably and whole, dated by when it was judged; false where the picture is gone."""
    try:
        data = picture.read_bytes()
    except FileNotFoundError:
        return False
    make_folders(target.parent)
    aside = target.with_name(target.name + _TEMPORARY)
    try:
        with aside.open("wb") as file:
            file.write(data)
            file.flush()
            os.utime(file.fileno(), (at.timestamp(), at.timestamp()))
            os.fsync(file.fileno())
        aside.replace(target)
    finally:
        with suppress(FileNotFoundError):
            aside.unlink()
    sync_folder(target.parent)
    return True


def _ends_well(path: Path) -> bool:
    with path.open("rb") as file:
        file.seek(-1, os.SEEK_END)
        return file.read(1) == b"\n"
