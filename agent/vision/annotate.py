"""What a person reads on a picture: on a snapshot what, where, how sure, when, in the colour of its kind."""

from __future__ import annotations

import unicodedata
from typing import Optional, Tuple

import cv2
import numpy as np

from agent.domain.incident import Change, Kind
from agent.errors import StoreError
from agent.ports import Picture

_COLOURS: dict[Kind, Tuple[int, int, int]] = {
    Kind.FIRE: (40, 40, 225),
    Kind.START_FIRE: (0, 140, 255),
    Kind.CAMERA: (160, 160, 160),
}
_OTHER = (200, 130, 40)
_SPELT_OUT = str.maketrans(
    {"œ": "oe", "Œ": "OE", "æ": "ae", "Æ": "AE", "ß": "ss", "\u2019": "'", "\u2013": "-"}
)
_WHITE = (255, 255, 255)


def annotate(pixels: Picture, change: Change, camera_name: str, note: Optional[str] = None) -> Picture:
    """A copy of `pixels` (H x W x 3, BGR) with the change written on it, and below it the
    note, where there is one; the size stays the same.

    Text is ASCII (OpenCV's fonts have no more): letters lose their accents, others become `?`.
    """
    incident = change.incident
    colour = _COLOURS.get(incident.kind, _OTHER)
    height, width = pixels.shape[:2]
    scale = scale_of(pixels)
    drill = "DRILL " if incident.drill else ""
    rule = f" {incident.reason}" if incident.kind is Kind.OBJECT and incident.reason else ""
    what = f"{drill}{incident.kind.value.upper()}{rule}"
    title = f"{what} {change.transition.value} {incident.confidence:.0%}"
    line_height = _line_height(scale)
    canvas: Picture = np.array(pixels, order="C")
    canvas[:line_height] = colour
    _darken(canvas, 1, scale)
    _write(canvas, 0, title, scale)
    _write(canvas, 1, f"{camera_name}  {change.at:%Y-%m-%d %H:%M:%S} UTC", scale)
    _note(canvas, 2, note, scale)
    cv2.rectangle(canvas, (0, 0), (width - 1, height - 1), colour, max(2, round(6 * scale)))
    return canvas


def caption(pixels: Picture, text: str, note: Optional[str] = None) -> Picture:
    """A copy of `pixels` (H x W x 3, BGR) with one line of text across its top, written as by `annotate`, and
    below it the note, where there is one."""
    scale = scale_of(pixels)
    canvas: Picture = np.array(pixels, order="C")
    _darken(canvas, 0, scale)
    _write(canvas, 0, text, scale)
    _note(canvas, 1, note, scale)
    return canvas


def scale_of(pixels: Picture) -> float:
    """How large letters are on a picture, and strokes with them: 0.9 on one of 1280 x 720."""
    height, width = map(float, pixels.shape[:2])
    return max(0.35, min(width / 1280.0, height / 720.0) * 0.9)


def _line_height(scale: float) -> int:
    return round(34 * scale) + 4


def _note(canvas: Picture, line: int, note: Optional[str], scale: float) -> None:
    if note is not None:
        _darken(canvas, line, scale)
        _write(canvas, line, note, scale)


def _darken(canvas: Picture, line: int, scale: float) -> None:
    height = _line_height(scale)
    rows = slice(line * height, (line + 1) * height)
    canvas[rows] = (canvas[rows] * 0.35).astype(np.uint8)


def _write(canvas: Picture, line: int, text: str, scale: float) -> None:
    origin = (round(14 * scale), (line + 1) * _line_height(scale) - round(10 * scale))
    thickness = max(1, round(scale * 2))
    cv2.putText(canvas, plain(text), origin, cv2.FONT_HERSHEY_SIMPLEX, scale, _WHITE, thickness, cv2.LINE_AA)


def plain(text: str) -> str:
    """The text in ASCII: accents are taken off, what has no ASCII letter becomes `?`."""
    text = text.translate(_SPELT_OUT)
    bare = "".join(one for one in unicodedata.normalize("NFKD", text) if not unicodedata.combining(one))
    return bare.encode("ascii", "replace").decode()


def encode_jpeg(pixels: Picture, quality: int) -> bytes:
    """JPEG bytes of an H x W x 3 BGR picture; `quality` 1..100. Raises StoreError where OpenCV refuses."""
    done, data = cv2.imencode(".jpg", pixels, [cv2.IMWRITE_JPEG_QUALITY, quality])
    if not done:
        raise StoreError(f"a picture of shape {pixels.shape} could not be encoded as JPEG")
    return bytes(data)
