"""What a person sees on a snapshot: a banner (what, where, how sure, when) and a border in its colour."""

from __future__ import annotations

from typing import Tuple

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
_WHITE = (255, 255, 255)


def annotate(pixels: Picture, change: Change, camera_name: str) -> Picture:
    """A copy of `pixels` (H x W x 3, BGR) with the change written on it; the size stays the same.

    Text is ASCII (OpenCV's fonts have no more); other letters become `?`.
    """
    incident = change.incident
    colour = _COLOURS.get(incident.kind, _OTHER)
    height, width = pixels.shape[:2]
    scale = max(0.35, min(width / 1280.0, height / 720.0) * 0.9)
    thickness = max(1, round(scale * 2))
    title = f"{incident.kind.value.upper()} {change.transition.value} {incident.confidence:.0%}"
    detail = f"{camera_name}  {change.at:%Y-%m-%d %H:%M:%S} UTC"
    line_height = round(34 * scale) + 4
    canvas: Picture = np.array(pixels, order="C")
    canvas[:line_height] = colour
    canvas[line_height : 2 * line_height] = (canvas[line_height : 2 * line_height] * 0.35).astype(np.uint8)
    for number, text in enumerate([title, detail], start=1):
        origin = (round(14 * scale), number * line_height - round(10 * scale))
        ascii_text = text.encode("ascii", "replace").decode()
        cv2.putText(
            canvas, ascii_text, origin, cv2.FONT_HERSHEY_SIMPLEX, scale, _WHITE, thickness, cv2.LINE_AA
        )
    cv2.rectangle(canvas, (0, 0), (width - 1, height - 1), colour, max(2, round(6 * scale)))
    return canvas


def encode_jpeg(pixels: Picture, quality: int) -> bytes:
    """JPEG bytes of an H x W x 3 BGR picture; `quality` 1..100. Raises StoreError where OpenCV refuses."""
    done, data = cv2.imencode(".jpg", pixels, [cv2.IMWRITE_JPEG_QUALITY, quality])
    if not done:
        raise StoreError(f"a picture of shape {pixels.shape} could not be encoded as JPEG")
    return bytes(data)
