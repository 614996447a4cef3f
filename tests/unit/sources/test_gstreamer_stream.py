"""Waiting for pictures: what comes, what does not, and when it is given up."""

from __future__ import annotations

import numpy as np
import pytest

from agent.errors import SourceError
from agent.sources.gstreamer.faults import END, Fault, usb_words
from agent.sources.gstreamer.player import Sample
from agent.sources.gstreamer.stream import GStreamerStream
from tests.fakes.clock import FakeClock
from tests.fakes.gstreamer import FakePlayer


def sample(stamp_s: object = None, gap_s: object = None) -> Sample:
    return Sample(np.zeros((2, 3, 3), np.uint8), stamp_s, gap_s)  # type: ignore[arg-type]


def stream(player: FakePlayer) -> GStreamerStream:
    return GStreamerStream(player, "camera", player.clock, usb_words, read_timeout_s=2.0)


def times(*samples: Sample) -> list[float]:
    player = FakePlayer(FakeClock(), samples)
    playing = stream(player)
    playing.start(5.0)
    read = [playing.read() for _ in samples]
    return [round(picture.media_s, 3) for picture in read if picture is not None]


def test_pictures_carry_the_streams_time() -> None:
    assert times(sample(7.0), sample(7.5), sample(8.0)) == [0.0, 0.5, 1.0]


def test_without_stamps_the_rate_is_taken_or_25_a_second() -> None:
    assert times(sample(None, 0.1), sample(), sample()) == [0.0, 0.1, 0.2]
    assert times(sample(), sample()) == [0.0, 0.04]


def test_the_wait_for_a_picture_ends() -> None:
    player = FakePlayer(FakeClock(), (sample(),))
    playing = stream(player)
    began = player.clock.monotonic()
    playing.start(5.0)
    playing.read()
    with pytest.raises(SourceError, match="no answer") as caught:
        playing.read()
    assert caught.value.stalled
    assert player.clock.monotonic() - began == pytest.approx(2.0)


@pytest.mark.parametrize(
    ("offers", "codec", "reason"),
    [
        ([], None, "no answer"),
        ([("video", "H264")], "H264", "no picture"),
        ([("audio", "OPUS")], None, "no video"),
        ([("video", "VP8")], None, "sends VP8"),
    ],
)
def test_the_first_picture_may_never_come(offers: list[tuple[str, str]], codec: object, reason: str) -> None:
    player = FakePlayer(FakeClock())
    player.offers = offers
    player.codec = codec  # type: ignore[assignment]
    began = player.clock.monotonic()
    with pytest.raises(SourceError) as caught:
        stream(player).start(5.0)
    assert caught.value.reason == reason
    assert player.clock.monotonic() - began == pytest.approx(5.0)


def test_a_fault_ends_it_at_once() -> None:
    player = FakePlayer(FakeClock(), (sample(), sample()))
    playing = stream(player)
    playing.start(5.0)
    playing.read()
    player.failed = END
    with pytest.raises(SourceError, match="camera: unplugged"):
        playing.read()
    playing.close()
    assert player.closed == 1


def test_what_was_offered_explains_a_fault() -> None:
    player = FakePlayer(FakeClock())
    player.failed = Fault("gst-stream-error-quark", 1)
    player.offers = [("video", "VP8")]
    with pytest.raises(SourceError, match="sends VP8") as caught:
        stream(player).start(5.0)
    assert caught.value.permanent
