"""The engines of one device on disk: a plan and its record, written whole or not at all, checked when read.

    <data folder>/engines/<bundle>-<precision>-<digest>.plan    what TensorRT built
                          <bundle>-<precision>-<digest>.json    its record, written last
                          failed/<bundle>-<precision>-<digest>  why it could not be built, and when
                          timing/<TensorRT, GPU>                what the builder measured, to build faster
                          lock                                  held by who builds

Only what has passed its parity check is put here, so everything found here may look.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Collection, Dict, List, Optional

import structlog

from agent.engines import record as records
from agent.engines.key import EngineKey, Machine
from agent.engines.record import Parity, Record
from agent.store.durable import make_folders, sync_folder
from agent.store.errors import file_errors

log = structlog.get_logger(__name__)

FOLDER = "engines"
_PLAN, _RECORD, _ASIDE = ".plan", ".json", ".tmp"
_FAILED = "failed"
_KEPT = 2
"""Of each bundle: the present engine and the one before it, for a configuration that is taken back."""


@dataclass(frozen=True)
class Stored:
    """A plan whose hash was found to be right, and its record."""

    record: Record
    plan: bytes


class Shelf:
    """`folder` is the agent's data folder. Everything raises StoreError where the disk fails."""

    def __init__(self, data_folder: Path) -> None:
        self.folder = data_folder / FOLDER

    def put(
        self,
        key: EngineKey,
        plan: bytes,
        parity: Parity,
        built_at: datetime,
        build_s: float,
        notes: Collection[str] = (),
    ) -> Record:
        """Keep a plan that has passed; it replaces one of the same key, and its failure is forgotten."""
        digest = hashlib.sha256(plan).hexdigest()
        kept = Record(key, digest, len(plan), built_at, build_s, parity, tuple(notes))
        self._write(self._plan(key), plan)
        self._write(self._record(key), records.write(kept).encode())
        with file_errors(self._failure(key)):
            _delete(self._failure(key))
        return kept

    def get(self, key: EngineKey) -> Optional[Stored]:
        """The engine of this key; a damaged one is refused and thrown away, so that it is built anew."""
        kept = self._read(self._record(key))
        if kept is None or kept.key != key:
            return None
        path = self._plan(key)
        with file_errors(path):
            plan = path.read_bytes() if path.exists() else b""
        if len(plan) != kept.size or hashlib.sha256(plan).hexdigest() != kept.sha256:
            log.error("an engine is damaged and thrown away: it must be built anew", engine=key.name)
            self._discard(key)
            return None
        return Stored(kept, plan)

    def stand_in(self, key: EngineKey) -> Optional[Stored]:
        """The newest engine that runs the same model on the same machine, but was built otherwise."""
        for kept in self.records():
            if kept.key != key and key.replaces(kept.key):
                stored = self.get(kept.key)
                if stored is not None:
                    return stored
        return None

    def records(self) -> List[Record]:
        """Every engine, the newest first; records that cannot be read are left out and logged."""
        with file_errors(self.folder):
            paths = sorted(self.folder.glob(f"*{_RECORD}"))
        found = [kept for kept in map(self._read, paths) if kept is not None]
        return sorted(found, key=lambda kept: kept.built_at, reverse=True)

    def prune(self, present: Collection[EngineKey] = ()) -> List[Record]:
        """Delete all but the present engines and, of each bundle, the newest two; also what a crash left."""
        kept_of: Dict[str, int] = {kept.bundle: 1 for kept in present}
        removed = []
        for kept in self.records():
            bundle = kept.key.bundle
            if kept.key in present:
                continue
            if kept_of.get(bundle, 0) < _KEPT:
                kept_of[bundle] = kept_of.get(bundle, 0) + 1
                continue
            self._discard(kept.key)
            removed.append(kept)
        self._sweep()
        return removed

    def note_failure(self, key: EngineKey, why: str, at: datetime) -> None:
        """Remember that it could not be built, and when."""
        self._write(self._failure(key), json.dumps({"at": at.isoformat(), "why": why}).encode())

    def failure(self, key: EngineKey) -> Optional[Failure]:
        """Why it could not be built the last time; None where it was not tried, or did not fail."""
        return _failure(self._failure(key))

    def failures(self) -> Dict[str, Failure]:
        """What could not be built, by name."""
        with file_errors(self.folder):
            paths = sorted((self.folder / _FAILED).glob("*"))
        found = {path.name: _failure(path) for path in paths}
        return {name: failed for name, failed in found.items() if failed is not None}

    def timing_cache(self, machine: Machine) -> bytes:
        """What the builder measured on this machine; empty where it has not yet."""
        path = self._timing(machine)
        with file_errors(path):
            return path.read_bytes() if path.exists() else b""

    def keep_timing_cache(self, machine: Machine, data: bytes) -> None:
        self._write(self._timing(machine), data)

    def _plan(self, key: EngineKey) -> Path:
        return self.folder / (key.name + _PLAN)

    def _record(self, key: EngineKey) -> Path:
        return self.folder / (key.name + _RECORD)

    def _failure(self, key: EngineKey) -> Path:
        return self.folder / _FAILED / key.name

    def _timing(self, machine: Machine) -> Path:
        name = f"{machine.tensorrt}-{machine.gpu}-{machine.compute_capability}"
        return self.folder / "timing" / re.sub(r"[^A-Za-z0-9.-]+", "_", name)

    def _read(self, path: Path) -> Optional[Record]:
        with file_errors(path):
            if not path.exists():
                return None
            data = path.read_bytes()
        try:
            return records.read(data.decode())
        except ValueError as error:
            log.error("the record of an engine cannot be used", path=str(path), error=str(error))
            return None

    def _write(self, path: Path, data: bytes) -> None:
        aside = path.with_name(path.name + _ASIDE)
        with file_errors(path):
            make_folders(path.parent)
            with aside.open("wb") as file:
                file.write(data)
                file.flush()
                os.fsync(file.fileno())
            aside.replace(path)
            sync_folder(path.parent)

    def _discard(self, key: EngineKey) -> None:
        with file_errors(self.folder):
            # The record first: a plan without one is swept, a record without a plan would be an error.
            _delete(self._record(key))
            _delete(self._plan(key))
            sync_folder(self.folder)

    def _sweep(self) -> None:
        """Half-written files, and plans whose record never came or cannot be read."""
        known = {self._plan(kept.key) for kept in self.records()}
        with file_errors(self.folder):
            for path in self.folder.rglob(f"*{_ASIDE}"):
                _delete(path)
            for path in self.folder.glob(f"*{_PLAN}"):
                if path not in known:
                    _delete(path)
                    _delete(path.with_suffix(_RECORD))


@dataclass(frozen=True)
class Failure:
    """Why a plan could not be built, and when that was."""

    why: str
    at: datetime


def _delete(path: Path) -> None:
    if path.exists():
        path.unlink()


def _failure(path: Path) -> Optional[Failure]:
    with file_errors(path):
        data = path.read_bytes() if path.exists() else b"{}"
    try:
        value = json.loads(data)
        return Failure(str(value["why"]), datetime.fromisoformat(value["at"]))
    except (ValueError, KeyError):
        return None
