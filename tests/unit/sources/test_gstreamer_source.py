"""A source that cannot even start: GStreamer, an element or the address is not what it must be."""

from __future__ import annotations

import sys
from types import SimpleNamespace

import pytest

from agent.errors import SourceError
from agent.sources.gstreamer import GStreamerSource
from agent.sources.gstreamer.runtime import gstreamer, has_jetson_decoder
from tests.fakes.clock import FakeClock


def bare(_display: str) -> object:
    """A GStreamer with not one plug-in."""
    return SimpleNamespace(ElementFactory=SimpleNamespace(find=lambda name: None))


@pytest.mark.parametrize(
    ("address", "expected"),
    [
        ("rtsp://guard:hunter2@h/x", "rtsp://h/x: GStreamer has no rtspsrc, queue, rtph264depay, h264parse"),
        ("/dev/video0", "/dev/video0: GStreamer has no v4l2src, decodebin, videoconvert"),
        ("csi:0", "csi:0: GStreamer has no nvarguscamerasrc, nvvidconv"),
        ("csi:0?x=1", 'bad address: it has the option "x"'),
        ("rtsp:///x", "bad address: it names no host"),
    ],
)
def test_what_is_missing_asks_for_a_person(address: str, expected: str) -> None:
    with pytest.raises(SourceError) as caught:
        GStreamerSource(address, FakeClock(), load=bare).open()
    assert expected in str(caught.value)
    assert "hunter2" not in str(caught.value)
    assert caught.value.permanent


def test_a_decoder_can_be_forced() -> None:
    with pytest.raises(SourceError, match="nvv4l2decoder"):
        GStreamerSource("rtsp://h/x", FakeClock(), decoder="nvidia", load=bare).open()


def test_without_gi_the_packages_are_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "gi", None)
    with pytest.raises(SourceError, match=r"apt install python3-gi .*--system-site-packages") as caught:
        gstreamer("camera")
    assert caught.value.permanent
    assert not has_jetson_decoder()
    with pytest.raises(SourceError, match="rtsp://h/x: GStreamer for Python is missing"):
        GStreamerSource("rtsp://guard:hunter2@h/x", FakeClock()).open()


def test_without_gstreamers_description_the_packages_are_named(monkeypatch: pytest.MonkeyPatch) -> None:
    def require_version(namespace: str, version: str) -> None:
        raise ValueError(f"Namespace {namespace} not available")

    monkeypatch.setitem(sys.modules, "gi", SimpleNamespace(require_version=require_version))
    with pytest.raises(SourceError, match=r"gir1\.2-gst-plugins-base-1\.0"):
        gstreamer("camera")
