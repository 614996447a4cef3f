"""Enrolled people as a file: what was exported here, and encodings that others made with the same network."""

from __future__ import annotations

import base64
import csv
import io
import json
import zipfile
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Dict, List, Mapping, Optional, Sequence, Tuple

import numpy as np
import numpy.typing as npt

from agent.enrolments import Consent, PeopleError, Person, Refusal
from agent.ports import Embeddings
from agent.store.faces_records import DIMENSIONS

VERSION = 1
LARGEST_BYTES = 256 * 1024 * 1024
_SHORTEST, _LONGEST = 0.3, 3.0
"""The length of an embedding of this network is 1.2 to 1.6; what is far from that is something else."""


@dataclass(frozen=True, eq=False)
class Record:
    """Somebody in a file; `consent` is None where the file knows none."""

    name: str
    embeddings: Embeddings
    roles: Tuple[str, ...] = ()
    consent: Optional[Consent] = None
    expires_at: Optional[datetime] = None


def written(people: Sequence[Person], ids: npt.NDArray[np.int64], embeddings: Embeddings) -> str:
    """People with their embeddings (whose each is, `ids` says) as JSON; for whoever may see names."""
    return json.dumps(
        {"beffroi_people": VERSION, "people": [_row(one, embeddings[ids == one.id]) for one in people]},
        indent=2,
        ensure_ascii=False,
    )


def read(path: Path, name: Optional[str] = None) -> List[Record]:
    """Whoever is in a file: JSON as `written`, CSV (name and 128 numbers a line), .npz (an array for each
    name), or .npy (N x 128, all of the person `name`).

    Nothing in the file is executed. Raises PeopleError (BAD_FILE).
    """
    try:
        if path.stat().st_size > LARGEST_BYTES:
            raise _bad(path, f"it is larger than {LARGEST_BYTES >> 20} MB")
        records = _READERS.get(path.suffix.lower(), _unreadable)(path, name)
    except (OSError, UnicodeDecodeError) as error:
        raise _bad(path, f"it cannot be read ({error})") from error
    except (ValueError, KeyError, TypeError, EOFError, zipfile.BadZipFile) as error:
        raise _bad(path, f"it is not as it should be ({error})") from error
    if not records:
        raise _bad(path, "nobody is in it")
    return records


def _json(path: Path, _: Optional[str]) -> List[Record]:
    document = json.loads(path.read_text(encoding="utf-8"))
    if not isinstance(document, dict) or document.get("beffroi_people") != VERSION:
        raise ValueError(f"no list of people of version {VERSION}")
    return [_record(row) for row in document["people"]]


def _csv(path: Path, _: Optional[str]) -> List[Record]:
    found: Dict[str, List[npt.NDArray[np.float32]]] = {}
    for row in csv.reader(io.StringIO(path.read_text(encoding="utf-8-sig"))):
        if row and row[0].strip().lower() != "name":
            found.setdefault(row[0].strip(), []).append(np.array(row[1:], np.float32))
    return [Record(name, _checked(np.array(rows))) for name, rows in found.items()]


def _npy(path: Path, name: Optional[str]) -> List[Record]:
    if name is None:
        raise ValueError("a .npy file does not say whose faces they are: give --name")
    return [Record(name, _checked(np.load(str(path), allow_pickle=False)))]


def _npz(path: Path, _: Optional[str]) -> List[Record]:
    with np.load(str(path), allow_pickle=False) as arrays:
        return [Record(name, _checked(arrays[name])) for name in arrays.files]


def _unreadable(path: Path, _: Optional[str]) -> List[Record]:
    hint = (
        ". A pickle can run anything: save it with numpy.save" if path.suffix in (".pkl", ".pickle") else ""
    )
    raise ValueError(f"JSON, CSV, .npy and .npz files are read{hint}")


_READERS = {".json": _json, ".csv": _csv, ".npy": _npy, ".npz": _npz}


def _checked(rows: npt.NDArray[Any]) -> Embeddings:
    """N x 128 float32 (also from one embedding alone). Raises ValueError."""
    embeddings = np.atleast_2d(np.asarray(rows, np.float32))
    if embeddings.ndim != 2 or embeddings.shape[1] != DIMENSIONS or not len(embeddings):
        raise ValueError(f"{embeddings.shape} numbers, not N x {DIMENSIONS}")
    lengths = np.linalg.norm(embeddings, axis=1)
    if not ((lengths > _SHORTEST) & (lengths < _LONGEST)).all():
        raise ValueError("numbers that are no embeddings of this network")
    return embeddings


def _row(person: Person, embeddings: Embeddings) -> Dict[str, Any]:
    consent = person.consent
    return {
        "id": person.id,
        "name": person.name,
        "roles": list(person.roles),
        "consent": {"given_by": consent.given_by, "at": consent.at.isoformat(), "how": consent.how},
        "enrolled_by": person.enrolled_by,
        "enrolled_at": person.enrolled_at.isoformat(),
        "expires_at": None if person.expires_at is None else person.expires_at.isoformat(),
        "embeddings": [base64.b64encode(row.astype("<f4").tobytes()).decode() for row in embeddings],
    }


def _record(row: Mapping[str, Any]) -> Record:
    consent, expires_at = row["consent"], row["expires_at"]
    raw = [np.frombuffer(base64.b64decode(text, validate=True), "<f4") for text in row["embeddings"]]
    return Record(
        str(row["name"]),
        _checked(np.array(raw)),
        tuple(map(str, row["roles"])),
        Consent(str(consent["given_by"]), _time(consent["at"]), str(consent["how"])),
        None if expires_at is None else _time(expires_at),
    )


def _time(text: str) -> datetime:
    found = datetime.fromisoformat(text)
    if found.tzinfo is None:
        raise ValueError(f"{text!r} has no time zone")
    return found


def _bad(path: Path, why: str) -> PeopleError:
    return PeopleError(f"{path}: {why}", Refusal.BAD_FILE.value)
