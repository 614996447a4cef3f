"""GStreamer's errors, told in our words. Pure, but for the question why a host cannot be reached.

GStreamer's own messages may hold the address with its tokens, and are in the machine's language, so nothing
of them is passed on or looked at: an error is its domain and code.
"""

from __future__ import annotations

import socket
from dataclasses import dataclass
from typing import Dict, Optional, Sequence, Tuple

from agent.sources.gstreamer.pipelines import CODECS
from agent.sources.words import BROKEN, CLOSED, NO_STREAM, REFUSED, SILENT, UNAUTHORISED, UNREACHABLE, Words

_RESOURCE = "gst-resource-error-quark"
_STREAM = "gst-stream-error-quark"
_CORE = "gst-core-error-quark"

_NOT_FOUND = 3
_UNAUTHORISED = 15
_BUSY = 4
_SETTINGS = 13
_CODEC_NOT_FOUND = 6
_FAILED = 1
_MISSING_PLUGIN = 12
_OPENS = (5, 6, 7)
"""GstResourceError: open for reading, for writing, for both."""


@dataclass(frozen=True)
class Fault:
    """An error from the bus: the names and numbers of GstResourceError, GstStreamError and GstCoreError.

    No domain: the stream ended.
    """

    domain: str = ""
    code: int = 0


END = Fault()

UNBUILDABLE = Fault(_CORE, _FAILED)
"""A pipeline's text was refused: an element does not have a property that it should have."""

_UNDECODABLE = Words(
    "cannot be decoded", "set the camera to H.264 or H.265, or write decoder: pyav", permanent=True
)
CANNOT_BUILD = Words(
    "GStreamer refuses the pipeline",
    "its elements are not those of JetPack or of GStreamer 1.16 and newer: write decoder: pyav",
    permanent=True,
)
_DAMAGED = Words("unreadable stream", "it does not send a video that GStreamer knows")
_IN_USE = Words("cannot be opened", "close whatever else uses the camera")
_NO_DEVICE = Words("no such device", "is the camera plugged in?")
_DENIED = Words("cannot be opened", "let the agent's user join the group `video`")
_CSI_LOST = Words(
    "gives no picture", "is the ribbon cable in, and does `systemctl status nvargus-daemon` say active?"
)

_EVERYWHERE: Dict[Tuple[str, int], Words] = {
    (_STREAM, _CODEC_NOT_FOUND): _UNDECODABLE,
    (_CORE, _MISSING_PLUGIN): _UNDECODABLE,
    (_CORE, _FAILED): CANNOT_BUILD,
}
_RTSP: Dict[Tuple[str, int], Words] = {
    (_RESOURCE, _NOT_FOUND): NO_STREAM,
    (_RESOURCE, _UNAUTHORISED): UNAUTHORISED,
}
_USB: Dict[Tuple[str, int], Words] = {
    (_RESOURCE, _NOT_FOUND): _NO_DEVICE,
    (_RESOURCE, _UNAUTHORISED): _DENIED,
    (_RESOURCE, _BUSY): _IN_USE,
    (_RESOURCE, _SETTINGS): _IN_USE,
    **{(_RESOURCE, code): _DENIED for code in _OPENS},
}


def rtsp_words(fault: Fault, playing: bool, host: str, port: int, patience_s: float) -> Words:
    """Why an RTSP camera was lost (`playing`) or could not be opened.

    GStreamer tells a refused connection from an unknown host only in prose: it is asked again, plainly.
    """
    known = {**_EVERYWHERE, **_RTSP}.get((fault.domain, fault.code))
    if known is not None:
        return known
    if fault == END:
        return CLOSED
    if fault.domain == _RESOURCE:
        return BROKEN if playing else unreachable(host, port, patience_s)
    return _DAMAGED


def unreachable(host: str, port: int, patience_s: float) -> Words:
    """Why no connection comes about, found out by making one."""
    try:
        socket.create_connection((host, port), timeout=patience_s).close()
    except ConnectionRefusedError:
        return REFUSED
    except socket.timeout:
        return SILENT
    except (OSError, UnicodeError):  # the latter: a host's name that cannot be one
        return UNREACHABLE
    return Words(
        "not an RTSP camera",
        "something answers there, but not as one: check the port, and whether it is rtsp or rtsps "
        "(which needs the package glib-networking)",
    )


def usb_words(fault: Fault, playing: bool) -> Words:
    """Why a USB camera was lost or could not be opened."""
    if playing and fault.domain in ("", _RESOURCE):
        return Words("unplugged", "the camera is gone")
    return {**_EVERYWHERE, **_USB}.get((fault.domain, fault.code), _DAMAGED)


def csi_words(fault: Fault, _playing: bool) -> Words:
    """Why a CSI camera was lost; Argus says little."""
    return _EVERYWHERE.get((fault.domain, fault.code), _CSI_LOST)


def offer_words(offers: Sequence[Tuple[str, str]]) -> Optional[Words]:
    """What is wrong with the streams that were offered, each a medium and an encoding; None: nothing is."""
    videos = [encoding for medium, encoding in offers if medium == "video"]
    if offers and not videos:
        return Words("no video", "there is only sound or data in it: check the path", permanent=True)
    if videos and not any(encoding in CODECS for encoding in videos):
        return Words(
            f"sends {', '.join(videos)}",
            "set the camera to H.264 or H.265, or write decoder: pyav",
            permanent=True,
        )
    return None


def nothing_decoded(codec: str, within_s: float) -> Words:
    """It sends, but no picture came of it."""
    return Words(
        "no picture",
        f"it sends {codec}, but no picture came of it within {within_s:g} s: shorten the camera's key frame "
        "interval to 1 or 2 s, or raise open_timeout_s; over UDP, try transport: tcp",
        stalled=True,
    )
