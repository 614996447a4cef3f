"""A file that only takes up room, to be given up when the disk is full: SQLite needs room even to delete."""

from __future__ import annotations

import os
from pathlib import Path

import structlog

from agent.store.errors import DiskFullError, file_errors

log = structlog.get_logger(__name__)

NAME = "reserve"
_SIZE = 8 * 1024 * 1024


class Reserve:
    """Room for the write-ahead log (4 MiB before it is folded in) and some thousand changes."""

    def __init__(self, folder: Path, size: int = _SIZE) -> None:
        self._path = folder / NAME
        self._size = size

    def fill(self) -> bool:
        """Take the room where it is free; true where it is held now. Raises StoreError for a broken disk."""
        try:
            with file_errors(self._path), self._path.open("ab") as file:
                os.posix_fallocate(file.fileno(), 0, self._size)
        except DiskFullError:
            log.warning("no room for the reserve of the database", path=str(self._path))
            self.release()
            return False
        return True

    def release(self) -> None:
        """Give the room up; may be called twice. Raises StoreError."""
        with file_errors(self._path):
            try:
                self._path.unlink()
            except FileNotFoundError:
                return
