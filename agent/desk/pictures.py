"""What a camera sees at this moment, for people."""

from __future__ import annotations

from typing import Callable, Optional

from agent.controls import NoPictureError
from agent.faces.veil import UNVEILED, Veiling
from agent.ports import Clock, Frame, Picture
from agent.vision.annotate import caption, encode_jpeg
from agent.vision.preprocess import resized

_NOW_S = 5.0
_WIDEST = 1280


class LivePictures:
    """`latest` gives a camera's last frame; safe from any thread."""

    def __init__(
        self,
        latest: Callable[[str], Optional[Frame]],
        clock: Clock,
        jpeg_quality: int,
        veil: Veiling = UNVEILED,
    ) -> None:
        self._latest = latest
        self._clock = clock
        self._jpeg_quality = jpeg_quality
        self._veil = veil

    def take(self, camera: str, name: str) -> bytes:
        """A JPEG, 1280 pixels wide at most, with the camera's name and the local time of the picture on it,
        and under a veil.

        Raises NoPictureError where there was none in the last 5 s.
        """
        frame = self._latest(camera)
        if frame is None:
            raise NoPictureError(f"{name} has not given a picture yet")
        age_s = self._clock.moment().since(frame.at)
        if age_s > _NOW_S:
            raise NoPictureError(f"{name} gives no picture: the last one is {age_s:.0f} s old")
        veiled = self._veil.over(_narrowed(frame.pixels))
        text = f"{name}  {frame.at.utc.astimezone():%Y-%m-%d %H:%M:%S}"
        return encode_jpeg(caption(veiled.picture, text, veiled.note), self._jpeg_quality)


def _narrowed(pixels: Picture) -> Picture:
    height, width = pixels.shape[:2]
    if width <= _WIDEST:
        return pixels
    return resized(pixels, _WIDEST, max(1, round(height * _WIDEST / width)))
