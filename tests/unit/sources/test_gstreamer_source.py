"""The stream on a player that is told what to give, and the source where GStreamer is missing."""

from __future__ import annotations

from typing import Any, List, Optional, Tuple

import numpy as np
import pytest

from agent.config.settings import Camera
from agent.errors import SourceError
from agent.sources.gstreamer import GStreamerSource
from agent.sources.gstreamer.faults import END, Fault, rtsp_words
from agent.sources.gstreamer.player import Sample
from agent.sources.gstreamer.runtime import gstreamer, has_jetson_decoder
from agent.sources.gstreamer.stream import GStreamerStream
from agent.sources.registry import Options, open_source, source_of
from agent.sources.words import Words
from tests.fakes import gi_here
from tests.fakes.clock import FakeClock


class Player:
    """Implements agent.sources.gstreamer.player.Player: its samples in order, then nothing, or a fault."""

    def __init__(self, clock: FakeClock, *samples: Sample) -> None:
        self.offers: List[Tuple[str, str]] = []
        self.codec: Optional[str] = None
        self.wrong: Optional[Fault] = None
        self.closed = 0
        self._clock = clock
        self._samples = list(samples)

    def pull(self, timeout_s: float) -> Optional[Sample]:
        if self._samples:
            return self._samples.pop(0)
        self._clock.advance(timeout_s)
        return None

    def fault(self) -> Optional[Fault]:
        return self.wrong

    def close(self) -> None:
        self.closed += 1


def sample(stamp_s: Optional[float], gap_s: Optional[float] = 0.1) -> Sample:
    return Sample(np.zeros((4, 4, 3), np.uint8), stamp_s, gap_s)


def explain(fault: Fault, playing: bool) -> Words:
    return rtsp_words(fault, playing, "127.0.0.1", 9, 0.1)


def stream_of(player: Player, clock: FakeClock) -> GStreamerStream:
    return GStreamerStream(player, "rtsp://camera", clock, explain, 2.0)


def test_pictures_carry_media_time() -> None:
    clock = FakeClock()
    player = Player(clock, sample(7.0), sample(7.5), sample(None))
    stream = stream_of(player, clock)
    stream.start(5.0)
    seen = [stream.read() for _ in range(3)]
    assert [round(one.media_s, 3) for one in seen if one is not None] == [0.0, 0.5, 0.6]
    stream.close()
    assert player.closed == 1


def test_a_stream_that_falls_silent_stalls() -> None:
    clock = FakeClock()
    stream = stream_of(Player(clock, sample(0.0)), clock)
    stream.start(5.0)
    stream.read()
    with pytest.raises(SourceError, match="no answer") as caught:
        stream.read()
    assert caught.value.stalled


def test_a_fault_ends_the_wait() -> None:
    clock = FakeClock()
    player = Player(clock, sample(0.0))
    stream = stream_of(player, clock)
    stream.start(5.0)
    stream.read()
    player.wrong = END
    with pytest.raises(SourceError, match="the far end closed the connection"):
        stream.read()


@pytest.mark.parametrize(
    ("offers", "codec", "told"),
    [
        ([("video", "H264")], "H264", "no picture came of it within 5 s"),
        ([("video", "JPEG")], None, "sends JPEG"),
        ([], None, "no answer"),
    ],
)
def test_why_the_first_picture_does_not_come(
    offers: List[Tuple[str, str]], codec: Optional[str], told: str
) -> None:
    clock = FakeClock()
    player = Player(clock)
    player.offers, player.codec = offers, codec
    with pytest.raises(SourceError, match=told):
        stream_of(player, clock).start(5.0)


def test_an_offer_explains_a_fault_better() -> None:
    clock = FakeClock()
    player = Player(clock)
    player.offers, player.wrong = [("audio", "PCMU")], Fault("gst-stream-error-quark", 1)
    with pytest.raises(SourceError, match="no video"):
        stream_of(player, clock).start(5.0)


def _absent(display: str) -> Any:
    raise Words("GStreamer for Python is missing", "install it", permanent=True).error(display)


def test_without_gstreamer_the_error_says_so() -> None:
    with pytest.raises(SourceError, match="rtsp://h/: GStreamer for Python is missing") as caught:
        GStreamerSource("rtsp://u:hunter2@h/", FakeClock(), load=_absent).open()
    assert caught.value.permanent


class _Gst:
    """A GStreamer that has no element at all."""

    class ElementFactory:
        @staticmethod
        def find(name: str) -> None:
            return None


@pytest.mark.parametrize("address", ["rtsp://h/", "/dev/video0", "csi:0"])
def test_missing_elements_are_named_before_anything_is_tried(address: str) -> None:
    with pytest.raises(SourceError, match="GStreamer has no ") as caught:
        GStreamerSource(address, FakeClock(), load=lambda _: _Gst).open()
    assert caught.value.permanent


@pytest.mark.parametrize("address", ["rtsp:///nobody", "csi:nought"])
def test_an_address_that_cannot_be_read(address: str) -> None:
    with pytest.raises(SourceError, match="bad address"):
        GStreamerSource(address, FakeClock(), load=lambda _: _Gst).open()


def test_the_binding_is_loaded_or_its_packages_are_named() -> None:
    if gi_here.missing() is None:
        assert gstreamer("x").is_initialized()
    else:
        with pytest.raises(SourceError, match="python3-gi"):
            gstreamer("x")
    assert not has_jetson_decoder()


@pytest.mark.parametrize("url", ["rtsp://h/a", "usb:0", "csi:0"])
def test_a_camera_may_ask_for_gstreamer(url: str) -> None:
    camera = Camera.model_validate({"url": url, "decoder": "gstreamer"})
    assert isinstance(open_source(camera, FakeClock()), GStreamerSource)


def test_the_jetsons_connector_needs_no_asking() -> None:
    assert isinstance(source_of("csi:0", Options(FakeClock())), GStreamerSource)
