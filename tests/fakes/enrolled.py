"""Enrolled people of a store: their intents, embeddings and a vault."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Optional

import numpy as np

from agent.enrolments import Consent, Person
from agent.ports import Clock, Embeddings
from agent.store.database import Database
from agent.store.faces import PeopleStore
from agent.store.faces_records import Intent, KeptFace
from agent.store.vault import Vault
from tests.fakes.changes import AT

KEY = bytes(range(32))
LASTS = timedelta(hours=1)


def people_store(database: Database, clock: Clock, key: bytes = KEY) -> PeopleStore:
    return PeopleStore(database, clock, Vault(key))


def intent(name: str, expires_at: Optional[datetime] = None) -> Intent:
    return Intent(name, ("staff",), Consent(name, AT, "signed form 12"), "shell:root", expires_at, False)


def embeddings_of(seed: int, count: int = 3) -> Embeddings:
    """Always the same for a seed; no bytes in common with those of another."""
    return np.random.default_rng(seed).standard_normal((count, 128)).astype(np.float32)


def enrol(store: PeopleStore, name: str, seed: int, expires_at: Optional[datetime] = None) -> Person:
    """The whole way: begun, faces one by one, finished."""
    under_way = begin(store, name, seed, expires_at)
    return store.finish(under_way)


def begin(store: PeopleStore, name: str, seed: int, expires_at: Optional[datetime] = None) -> str:
    """An enrolment with three faces that nobody finishes; its id."""
    number = f"enrolment-{seed}"
    store.begin(number, intent(name, expires_at), LASTS)
    for index, embedding in enumerate(embeddings_of(seed)):
        store.add_face(number, KeptFace(embedding, f"{seed:032x}{index:032x}"))
    return number
