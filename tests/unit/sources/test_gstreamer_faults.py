"""What GStreamer's errors mean to a person."""

from __future__ import annotations

import socket
from typing import Iterator

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

RESOURCE = "gst-resource-error-quark"
STREAM = "gst-stream-error-quark"
CORE = "gst-core-error-quark"


@pytest.fixture
def port() -> Iterator[int]:
    """Somebody listens there and never answers."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield server.getsockname()[1]


@pytest.mark.parametrize(
    ("fault", "playing", "reason", "permanent"),
    [
        (Fault(RESOURCE, 15), False, "wrong user name or password", True),
        (Fault(RESOURCE, 3), False, "no such stream", False),
        (Fault(RESOURCE, 9), True, "disconnected", False),
        (END, True, "disconnected", False),
        (END, False, "disconnected", False),
        (Fault(STREAM, 6), True, "cannot be decoded", True),
        (Fault(CORE, 12), False, "cannot be decoded", True),
        (Fault(STREAM, 1), True, "unreadable stream", False),
        (Fault(RESOURCE, 7), False, "not an RTSP camera", False),
    ],
)
def test_rtsp(port: int, fault: Fault, playing: bool, reason: str, permanent: bool) -> None:
    words = rtsp_words(fault, playing, "127.0.0.1", port, 5.0)
    assert (words.reason, words.permanent, words.stalled) == (reason, permanent, False)


def test_a_host_that_cannot_be_reached_is_asked_why() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        closed = server.getsockname()[1]
    assert unreachable("127.0.0.1", closed, 5.0).reason == "connection refused"
    assert unreachable("nowhere.invalid", 554, 5.0).reason == "unreachable"
    assert unreachable("x" * 70 + ".invalid", 554, 5.0).reason == "unreachable"


def test_a_host_that_takes_too_long_is_silent(monkeypatch: pytest.MonkeyPatch) -> None:
    def late(*_: object, timeout: float) -> socket.socket:
        raise socket.timeout

    monkeypatch.setattr(socket, "create_connection", late)
    assert unreachable("h", 554, 5.0).stalled


@pytest.mark.parametrize(
    ("fault", "playing", "reason"),
    [
        (Fault(RESOURCE, 3), False, "no such device"),
        (Fault(RESOURCE, 7), False, "cannot be opened"),
        (Fault(RESOURCE, 15), False, "cannot be opened"),
        (Fault(RESOURCE, 4), False, "cannot be opened"),
        (Fault(RESOURCE, 9), True, "unplugged"),
        (END, True, "unplugged"),
        (Fault(STREAM, 1), True, "unreadable stream"),
        (Fault(CORE, 12), True, "cannot be decoded"),
    ],
)
def test_usb(fault: Fault, playing: bool, reason: str) -> None:
    assert usb_words(fault, playing).reason == reason


def test_csi() -> None:
    assert "nvargus-daemon" in csi_words(END, False).advice
    assert csi_words(Fault(CORE, 12), False).reason == "cannot be decoded"


def test_what_is_offered() -> None:
    assert offer_words([]) is None
    assert offer_words([("audio", "OPUS"), ("video", "H265")]) is None
    assert offer_words([("video", "JPEG"), ("video", "H264")]) is None
    sound, jpeg = offer_words([("audio", "OPUS")]), offer_words([("video", "JPEG")])
    assert sound is not None
    assert jpeg is not None
    assert (sound.reason, sound.permanent) == ("no video", True)
    assert (jpeg.reason, jpeg.permanent) == ("sends JPEG", True)


def test_packets_without_a_picture() -> None:
    words = nothing_decoded("H264", 10.0)
    assert words.stalled
    assert "H264" in words.advice
    assert "within 10 s" in words.advice
