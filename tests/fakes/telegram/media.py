"""Files that were uploaded: kept, measured, scaled and given identifiers."""

from __future__ import annotations

import itertools
from dataclasses import dataclass, field
from typing import Dict, Optional, Tuple

import cv2
import numpy as np

from tests.fakes.telegram.errors import bad_request, picture_refused, too_large

PHOTO_LIMIT = 10 * 1024 * 1024
FILE_LIMIT = 50 * 1024 * 1024
DOWNLOAD_LIMIT = 20 * 1024 * 1024

_SIDES = (90, 320, 800)
_MAX_SIDE = 2560
_MAX_SIDES = 10_000
_MAX_RATIO = 20
_FOLDERS = {"photo": "photos", "video": "videos", "animation": "animations", "document": "documents"}


@dataclass(frozen=True)
class Upload:
    """One part of a multipart body."""

    name: str
    data: bytes = field(repr=False)
    content_type: str


@dataclass(frozen=True)
class StoredFile:
    """What a file_id stands for. `width`, `height` and `duration` are 0 where they mean nothing."""

    file_id: str
    unique_id: str
    kind: str
    name: str
    mime: str
    data: bytes = field(repr=False)
    width: int = 0
    height: int = 0
    duration: int = 0
    thumbnails: Tuple[StoredFile, ...] = ()

    @property
    def path(self) -> str:
        """Where it can be downloaded, below /file/bot<token>/."""
        ending = self.name.rpartition(".")[2] if "." in self.name else "bin"
        number = self.file_id.rpartition("-")[2]
        return f"{_FOLDERS[self.kind]}/file_{number}.{ending}"


class Files:
    """All files by identifier."""

    def __init__(self) -> None:
        self._files: Dict[str, StoredFile] = {}
        self._numbers = itertools.count(1)

    def get(self, file_id: str) -> Optional[StoredFile]:
        return self._files.get(file_id)

    def at(self, path: str) -> Optional[StoredFile]:
        """The file that `StoredFile.path` names."""
        return next((one for one in self._files.values() if one.path == path), None)

    def add_photo(self, data: bytes) -> StoredFile:
        """Raises: ApiError for what Telegram cannot show as a photo."""
        if len(data) > PHOTO_LIMIT:
            raise too_large()
        picture = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_COLOR) if data else None
        if picture is None:
            raise picture_refused()
        height, width = picture.shape[:2]
        if width + height > _MAX_SIDES or max(width, height) > _MAX_RATIO * min(width, height):
            raise bad_request("PHOTO_INVALID_DIMENSIONS")
        small = tuple(self._scaled(picture, side) for side in _SIDES if side < max(width, height))
        if max(width, height) > _MAX_SIDE:
            scale = _MAX_SIDE / max(width, height)
            width, height = round(width * scale), round(height * scale)
        return self._add("photo", "photo.jpg", "image/jpeg", data, (width, height), thumbnails=small)

    def add(self, kind: str, upload: Upload, size: Tuple[int, int] = (0, 0), duration: int = 0) -> StoredFile:
        """`kind` is video, animation or document; `size` is (width, height)."""
        if len(upload.data) > FILE_LIMIT:
            raise too_large()
        if not upload.data:
            raise bad_request("file must be non-empty")
        return self._add(kind, upload.name, upload.content_type, upload.data, size, duration)

    def _scaled(self, picture: np.ndarray, side: int) -> StoredFile:
        height, width = picture.shape[:2]
        scale = side / max(width, height)
        size = (max(1, round(width * scale)), max(1, round(height * scale)))
        _, data = cv2.imencode(".jpg", cv2.resize(picture, size, interpolation=cv2.INTER_NEAREST))
        return self._add("photo", "photo.jpg", "image/jpeg", data.tobytes(), size)

    def _add(
        self,
        kind: str,
        name: str,
        mime: str,
        data: bytes,
        size: Tuple[int, int],
        duration: int = 0,
        thumbnails: Tuple[StoredFile, ...] = (),
    ) -> StoredFile:
        number = next(self._numbers)
        stored = StoredFile(
            file_id=f"AgACAgQ-{kind}-{number}",
            unique_id=f"AQAD{number}",
            kind=kind,
            name=name,
            mime=mime,
            data=data,
            width=size[0],
            height=size[1],
            duration=duration,
            thumbnails=thumbnails,
        )
        self._files[stored.file_id] = stored
        return stored
