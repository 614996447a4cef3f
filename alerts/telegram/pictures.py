"""Pictures as Telegram takes them: 10 MB at most, 10,000 pixels of width and height together, 20 to 1."""

from __future__ import annotations

from pathlib import Path
from typing import Optional

import cv2
import numpy as np
import structlog

from agent.ports import Picture, SnapshotRef

log = structlog.get_logger(__name__)

MOST_BYTES = 10_000_000
MOST_PIXELS = 10_000
MOST_RATIO = 20.0
SMALL_PX = 640
_QUALITIES = (85, 70, 50)
_SMALL_QUALITY = 60
_SHRINK = 0.7


class Pictures:
    """Reads snapshots below the data folder. Safe from any thread."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def read(self, snapshot: SnapshotRef, small: bool = False) -> Optional[bytes]:
        """The annotated picture as a JPEG that Telegram takes; None where it is gone or cannot be read."""
        path = self._folder / snapshot.annotated
        try:
            jpeg = path.read_bytes()
        except OSError as error:
            log.warning("the picture cannot be read, sending the text", picture=str(path), error=str(error))
            return None
        return shrunk(jpeg) if small else fitted(jpeg, snapshot.width, snapshot.height)


def fitted(jpeg: bytes, width: int, height: int) -> Optional[bytes]:
    """The same JPEG where it is within the limits, else a scaled or recompressed one; None if unreadable."""
    ratio = max(width, height) / max(1, min(width, height))
    if len(jpeg) <= MOST_BYTES and width + height <= MOST_PIXELS and ratio <= MOST_RATIO:
        return jpeg
    pixels = _decode(jpeg)
    if pixels is None:
        return None
    pixels = _scaled(_padded(pixels), MOST_PIXELS)
    for quality in _QUALITIES:
        smaller = _encode(pixels, quality)
        if len(smaller) <= MOST_BYTES:
            return smaller
    while len(smaller) > MOST_BYTES:
        pixels = _scaled(pixels, int(sum(pixels.shape[:2]) * _SHRINK))
        smaller = _encode(pixels, _QUALITIES[-1])
    return smaller


def shrunk(jpeg: bytes) -> Optional[bytes]:
    """A small version for a line that is too slow for the whole; None if unreadable."""
    pixels = _decode(jpeg)
    if pixels is None:
        return None
    return _encode(_scaled(_padded(pixels), 2 * SMALL_PX), _SMALL_QUALITY)


def _decode(jpeg: bytes) -> Optional[Picture]:
    if not jpeg:
        return None
    pixels = cv2.imdecode(np.frombuffer(jpeg, np.uint8), cv2.IMREAD_COLOR)
    return None if pixels is None else pixels.astype(np.uint8, copy=False)


def _encode(pixels: Picture, quality: int) -> bytes:
    return bytes(cv2.imencode(".jpg", pixels, [cv2.IMWRITE_JPEG_QUALITY, quality])[1])


def _scaled(pixels: Picture, width_and_height: int) -> Picture:
    height, width = pixels.shape[:2]
    factor = width_and_height / (width + height)
    if factor >= 1:
        return pixels
    size = (max(1, int(width * factor)), max(1, int(height * factor)))
    return cv2.resize(pixels, size, interpolation=cv2.INTER_AREA).astype(np.uint8, copy=False)


def _padded(pixels: Picture) -> Picture:
    """Black bars where it is too narrow or too flat."""
    height, width = pixels.shape[:2]
    more_height = max(0, int(np.ceil(width / MOST_RATIO)) - height)
    more_width = max(0, int(np.ceil(height / MOST_RATIO)) - width)
    if not (more_height or more_width):
        return pixels
    padded = cv2.copyMakeBorder(pixels, 0, more_height, 0, more_width, cv2.BORDER_CONSTANT)
    return padded.astype(np.uint8, copy=False)
