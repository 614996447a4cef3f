"""A path: a video file, a picture or a folder of pictures; which of them shows when it is opened."""

from __future__ import annotations

from pathlib import Path

from agent.errors import SourceError
from agent.ports import Stream
from agent.sources.pictures import SUFFIXES, PicturesSource


class PathSource:
    """Implements agent.ports.Source on whatever lies at `path`."""

    live = False

    def __init__(self, path: Path) -> None:
        self._path = path

    @property
    def display(self) -> str:
        return str(self._path)

    def open(self) -> Stream:
        if not self._path.exists():
            raise self._error("there is no such file or folder: check the path", "no such file")
        if self._path.is_dir() or self._path.suffix.lower() in SUFFIXES:
            return PicturesSource(self._path).open()
        if self._path.is_file() and self._path.stat().st_size == 0:
            raise self._error("the file is empty", "not a readable video")
        from agent.sources.pyav import PyAvSource

        return PyAvSource(str(self._path), live=False).open()

    def _error(self, what: str, reason: str) -> SourceError:
        return SourceError(f"{self._path}: {what}", permanent=True, reason=reason)
