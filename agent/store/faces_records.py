"""What is sealed of people: as values, as bytes, and the place that each record belongs to."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Dict, Iterable, Optional, Tuple

import numpy as np
import numpy.typing as npt

from agent.enrolments import Consent

DIMENSIONS = 128


@dataclass(frozen=True)
class Intent:
    """Who is to be enrolled: what the person will be once the pictures are there."""

    name: str
    roles: Tuple[str, ...]
    consent: Consent
    by: str
    expires_at: Optional[datetime]
    lookalikes: bool


@dataclass(frozen=True, eq=False)
class KeptFace:
    """A face of an enrolment under way: its embedding (128 float32), and the SHA-256 of its picture file."""

    embedding: npt.NDArray[np.float32]
    digest: str


def person_place(id: int) -> str:
    return f"people:{id}"


def face_place(person: int) -> str:
    return f"embeddings:{person}"


def enrolment_place(id: str) -> str:
    return f"enrolments:{id}"


def embedding_bytes(embedding: Iterable[float]) -> bytes:
    return np.asarray(embedding, np.float32).tobytes()


def kept_bytes(face: KeptFace) -> bytes:
    return face.digest.encode() + b"\n" + embedding_bytes(face.embedding)


def kept_face(record: bytes) -> KeptFace:
    digest, _, raw = record.partition(b"\n")
    return KeptFace(np.frombuffer(raw, np.float32), digest.decode())


def intent_bytes(intent: Intent) -> bytes:
    consent = intent.consent
    record: Dict[str, Any] = {
        "name": intent.name,
        "roles": list(intent.roles),
        "consent": {"given_by": consent.given_by, "at": consent.at.isoformat(), "how": consent.how},
        "by": intent.by,
        "expires_at": None if intent.expires_at is None else intent.expires_at.isoformat(),
        "lookalikes": intent.lookalikes,
    }
    return json.dumps(record).encode()


def intent_of(record: bytes) -> Intent:
    value = json.loads(record)
    consent = value["consent"]
    expires_at = value["expires_at"]
    return Intent(
        value["name"],
        tuple(value["roles"]),
        Consent(consent["given_by"], datetime.fromisoformat(consent["at"]), consent["how"]),
        value["by"],
        None if expires_at is None else datetime.fromisoformat(expires_at),
        value["lookalikes"],
    )
