"""What is written beside a plan: its key, its hash, when it was built, and how it did beside ONNX Runtime."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime
from typing import Tuple

from agent.engines.key import EngineKey, from_json, to_json

_SCHEMA = 1


@dataclass(frozen=True)
class Parity:
    """How a plan did beside ONNX Runtime on `pictures` pictures.

    `max_error` is the largest difference: of a probability of fire, of the score of a face, or the largest
    distance of two embeddings of one face. `agreement` is the share, in 0..1, of pictures that both gave the
    same label, of faces that both found, or of faces that are nearest to themselves.
    """

    pictures: int
    max_error: float
    agreement: float


@dataclass(frozen=True)
class Record:
    """One engine on the shelf; `built_at` is aware UTC, `build_s` what building and proving it took."""

    key: EngineKey
    sha256: str
    size: int
    built_at: datetime
    build_s: float
    parity: Parity
    notes: Tuple[str, ...] = ()


def write(record: Record) -> str:
    """As JSON that people can read."""
    value = {
        "schema_version": _SCHEMA,
        "key": to_json(record.key),
        "sha256": record.sha256,
        "size": record.size,
        "built_at": record.built_at.isoformat(),
        "build_s": round(record.build_s, 1),
        "parity": vars(record.parity),
        "notes": list(record.notes),
    }
    return json.dumps(value, indent=2, sort_keys=True) + "\n"


def read(text: str) -> Record:
    """The record that `write` wrote; raises ValueError where it is none, or from another version."""
    try:
        value = json.loads(text)
        if value["schema_version"] != _SCHEMA:
            raise ValueError(f"schema version {value['schema_version']}, not {_SCHEMA}")
        built_at = datetime.fromisoformat(value["built_at"])
        if built_at.tzinfo is None:
            raise ValueError("built_at has no time zone")
        return Record(
            key=from_json(value["key"]),
            sha256=str(value["sha256"]),
            size=int(value["size"]),
            built_at=built_at,
            build_s=float(value["build_s"]),
            parity=Parity(**value["parity"]),
            notes=tuple(value["notes"]),
        )
    except (KeyError, TypeError) as error:
        raise ValueError(f"not the record of an engine: {error}") from error
