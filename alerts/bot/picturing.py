"""A camera's newest picture, ready to be shown."""

from __future__ import annotations

from typing import Tuple

from agent.controls import NoPictureError
from agent.store.jpeg import jpeg_size
from alerts.bot.call import Call
from alerts.bot.choosing import camera_label
from alerts.telegram.pictures import fitted
from alerts.telegram.words import local_time


def live_picture(call: Call, camera: str) -> Tuple[str, bytes]:
    """Caption and JPEG; raises NoPictureError."""
    t = call.t
    jpeg = call.controls.live_picture(camera)
    try:
        picture = fitted(jpeg, *jpeg_size(jpeg))
    except ValueError as error:
        raise NoPictureError(f"{camera}: {error}") from error
    if picture is None:
        raise NoPictureError(f"{camera}: the picture is damaged")
    at = local_time(call.now(), call.now())
    return t("<b>{camera}</b> at {time}", camera=camera_label(call, camera), time=at), picture
