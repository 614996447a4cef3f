"""What GStreamer's errors mean for each kind of camera."""

from __future__ import annotations

import socket
from typing import List, Optional, Tuple

import pytest

from agent.sources.gstreamer.faults import (
    END,
    Fault,
    csi_words,
    nothing_decoded,
    offer_words,
    rtsp_words,
    unreachable,
    usb_words,
)

RESOURCE, STREAM, CORE = "gst-resource-error-quark", "gst-stream-error-quark", "gst-core-error-quark"


@pytest.mark.parametrize(
    ("fault", "playing", "reason"),
    [
        (Fault(RESOURCE, 15), False, "wrong user name or password"),
        (Fault(RESOURCE, 3), False, "no such stream"),
        (Fault(RESOURCE, 9), True, "disconnected"),
        (Fault(STREAM, 6), False, "cannot be decoded"),
        (Fault(CORE, 12), True, "cannot be decoded"),
        (Fault(STREAM, 1), True, "unreadable stream"),
        (END, True, "disconnected"),
    ],
)
def test_an_rtsp_camera(fault: Fault, playing: bool, reason: str) -> None:
    assert rtsp_words(fault, playing, "127.0.0.1", 9, 1.0).reason == reason


def test_why_nobody_answers_is_asked_again() -> None:
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        port = listening.getsockname()[1]
        assert rtsp_words(Fault(RESOURCE, 7), False, "127.0.0.1", port, 1.0).reason == "connection refused"
        listening.listen()
        assert unreachable("127.0.0.1", port, 1.0).reason == "not an RTSP camera"
    assert unreachable("no-such-host.invalid", 554, 1.0).reason == "unreachable"
    assert unreachable("a" * 70, 554, 1.0).reason == "unreachable"


@pytest.mark.parametrize(
    ("fault", "playing", "reason"),
    [
        (Fault(RESOURCE, 3), False, "no such device"),
        (Fault(RESOURCE, 5), False, "cannot be opened"),
        (Fault(RESOURCE, 4), False, "cannot be opened"),
        (Fault(RESOURCE, 9), True, "unplugged"),
        (END, True, "unplugged"),
        (Fault(STREAM, 1), False, "unreadable stream"),
    ],
)
def test_a_usb_camera(fault: Fault, playing: bool, reason: str) -> None:
    assert usb_words(fault, playing).reason == reason


def test_a_csi_camera() -> None:
    assert csi_words(Fault(RESOURCE, 1), False).reason == "gives no picture"


@pytest.mark.parametrize(
    ("offers", "reason"),
    [
        ([], None),
        ([("audio", "PCMU"), ("video", "H264")], None),
        ([("video", "JPEG"), ("video", "H265")], None),
        ([("audio", "PCMU")], "no video"),
        ([("video", "JPEG")], "sends JPEG"),
    ],
)
def test_what_a_camera_offers(offers: List[Tuple[str, str]], reason: Optional[str]) -> None:
    words = offer_words(offers)
    assert (words and words.reason) == reason


def test_a_stream_of_which_nothing_is_decoded_stalls() -> None:
    words = nothing_decoded("H264", 5.0)
    assert words.stalled
    assert "within 5 s" in words.advice
