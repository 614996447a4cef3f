"""A folder of pictures, or one picture, played as a film."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Iterator, List, Optional, Tuple, Union

import cv2
import numpy as np
import structlog

from agent.errors import SourceError
from agent.ports import Picture, StreamPicture
from agent.sources.picture_size import picture_size

log = structlog.get_logger(__name__)

SUFFIXES = (".jpg", ".jpeg", ".png", ".bmp", ".webp")
PICTURES_PER_SECOND = 5.0  # the rate at which a camera is looked at: every picture is seen

_MOST_PIXELS = 100_000_000  # 300 MB decoded; a small file can claim far more


class PicturesSource:
    """Implements agent.ports.Source on the pictures of `path`, in the natural order of their names."""

    live = False

    def __init__(self, path: Path) -> None:
        self._path = path

    @property
    def display(self) -> str:
        return str(self._path)

    def open(self) -> PicturesStream:
        files = _pictures_in(self._path) if self._path.is_dir() else [self._path]
        if not files:
            raise SourceError(
                f"{self._path}: there is no picture in it; pictures end in {', '.join(SUFFIXES)}",
                permanent=True,
                reason="no pictures",
            )
        return PicturesStream(self._path, files)


class PicturesStream:
    """Implements agent.ports.Stream; pictures that cannot be read are skipped and logged."""

    def __init__(self, path: Path, files: List[Path]) -> None:
        self._path = path
        self._files = iter(files)
        self._shown = 0

    def read(self) -> Optional[StreamPicture]:
        for file in self._files:
            try:
                pixels = load_picture(file)
            except SourceError as error:
                log.warning("picture skipped", error=str(error))
                continue
            self._shown += 1
            return StreamPicture(pixels, (self._shown - 1) / PICTURES_PER_SECOND)
        if not self._shown:
            raise SourceError(
                f"{self._path}: not one picture of it can be read", permanent=True, reason="no pictures"
            )
        return None

    def close(self) -> None:
        self._files = iter(())


def load_picture(file: Path) -> Picture:
    """Decode a picture of any depth and colour to 8-bit BGR, upright by its EXIF. Raises SourceError."""
    try:
        data = file.read_bytes()
    except OSError as error:
        raise _unreadable(file, (error.strerror or "it cannot be read").lower()) from None
    size = picture_size(data)
    if size is None:
        raise _unreadable(file, "it is empty, damaged or not a picture")
    if size[0] * size[1] > _MOST_PIXELS:
        raise _unreadable(file, f"{size[0]} x {size[1]} is too large; the limit is {_MOST_PIXELS:,} pixels")
    try:
        pixels = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_COLOR)
    except cv2.error:
        pixels = None
    if pixels is None:
        raise _unreadable(file, "it is damaged or incomplete")
    return np.asarray(pixels, np.uint8)


def _pictures_in(folder: Path) -> List[Path]:
    return sorted(_visible(folder), key=lambda file: _natural(file.name))


def _visible(folder: Path) -> Iterator[Path]:
    for file in folder.iterdir():
        if file.suffix.lower() in SUFFIXES and not file.name.startswith(".") and file.is_file():
            yield file


def _natural(name: str) -> List[Tuple[int, Union[int, str]]]:
    """picture-2 before picture-10."""
    parts = re.split(r"([0-9]+)", name)
    return [(0, int(part)) if part.isdecimal() else (1, part) for part in parts]


def _unreadable(file: Path, why: str) -> SourceError:
    return SourceError(f"{file}: {why}", permanent=True, reason="unreadable picture")
