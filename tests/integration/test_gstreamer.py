"""A real RTSP camera through GStreamer: the same trials as through PyAV, and H.265."""

from __future__ import annotations

import socket
import threading
from contextlib import closing, contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any, Iterator, Optional

import numpy as np
import pytest

from agent.clock import SystemClock
from agent.errors import SourceError
from agent.ports import Picture, Source, Stream
from agent.sources.gstreamer import GStreamerSource
from agent.sources.gstreamer.decoders import DECODERS, NVIDIA
from agent.sources.gstreamer.pipelines import Pipeline, rtsp, rtsp_address
from agent.sources.gstreamer.player import GstPlayer
from agent.sources.gstreamer.runtime import gstreamer, has_jetson_decoder
from agent.sources.pyav import PyAvSource
from agent.sources.registry import Options, source_of
from tests.fakes.gstreamer import missing_gstreamer, standing_in
from tests.fakes.rtsp import RtspCamera, missing
from tests.fakes.waiting import until
from tests.integration.camera_trials import CameraTrials

_MISSING = missing() or missing_gstreamer()
pytestmark = pytest.mark.skipif(_MISSING is not None, reason=_MISSING or "")


@pytest.fixture(scope="module")
def server() -> Iterator[RtspCamera]:
    with RtspCamera() as camera:
        yield camera


def source(url: str, *, transport: str = "tcp", open_timeout_s: float = 3.0) -> GStreamerSource:
    return GStreamerSource(
        url,
        SystemClock(),
        transport=transport,
        open_timeout_s=open_timeout_s,
        read_timeout_s=0.7,
        decoder="libav",
    )


def refusal(url: str) -> SourceError:
    with pytest.raises(SourceError) as caught:
        source(url).open()
    return caught.value


def picture(of: Source) -> Picture:
    with closing(of.open()) as stream:
        read = stream.read()
    assert read is not None
    return read.pixels


@pytest.mark.parametrize("path", ["open", "h265", "both"])
def test_the_pictures_are_those_that_were_sent(server: RtspCamera, path: str) -> None:
    server.show("frozen")
    seen = picture(source(server.url(path), open_timeout_s=10.0))
    assert seen.shape == (240, 320, 3)
    assert seen.dtype == np.uint8
    assert seen.flags.c_contiguous
    # The first three of the colour bars: white, yellow, cyan, of 75 %.
    for x, bgr in ((22, (191, 191, 191)), (68, (0, 191, 191)), (114, (191, 191, 0))):
        assert np.abs(seen[60, x].astype(int) - bgr).max() <= 16, (path, x, seen[60, x])


def test_both_decoders_see_the_same(server: RtspCamera) -> None:
    server.show("frozen")
    ours = picture(source(server.url()))
    theirs = picture(PyAvSource(server.url(), live=True))
    upper = slice(0, 150)  # below it snows
    assert np.abs(ours[upper].astype(int) - theirs[upper]).mean() < 4.0


def test_media_time_goes_on_as_the_camera_films(server: RtspCamera) -> None:
    with closing(source(server.url()).open()) as stream:
        times = [read.media_s for read in (stream.read() for _ in range(16)) if read is not None]
    assert times[0] == 0.0
    assert times == sorted(times)
    assert times[-1] == pytest.approx(1.0, abs=0.2)  # 15 a second


def test_udp(server: RtspCamera) -> None:
    assert picture(source(server.url(), transport="udp")).shape == (240, 320, 3)


class TestThroughGStreamer(CameraTrials):
    def source(self, url: str) -> GStreamerSource:
        return source(url)


def test_the_right_password_opens_a_locked_camera(server: RtspCamera) -> None:
    assert picture(source(server.url("locked", "guard:s3cret"))).shape == (240, 320, 3)


@pytest.mark.parametrize("user", ["guard:hunter2", ""])
def test_a_wrong_password_asks_for_a_person_and_is_never_told(server: RtspCamera, user: str) -> None:
    error = refusal(server.url("locked", user))
    assert error.reason == "wrong user name or password"
    assert error.permanent
    assert error.__cause__ is None
    assert "hunter2" not in str(error)
    assert "guard" not in str(error)


@pytest.mark.parametrize(
    ("path", "reason", "permanent"),
    [
        ("elsewhere", "no such stream", False),
        ("sound", "no video", True),
        ("vp8", "sends VP8", True),
    ],
)
def test_what_cannot_be_shown_is_said_so(server: RtspCamera, path: str, reason: str, permanent: bool) -> None:
    error = refusal(server.url(path))
    assert (error.reason, error.permanent) == (reason, permanent)


def test_garbage_is_no_picture(server: RtspCamera) -> None:
    error = refusal(server.url("garbage"))
    assert error.stalled
    assert error.reason == "no picture"


@contextmanager
def answering(reply: Optional[bytes]) -> Iterator[str]:
    """The address of something that says this, or nothing, to everyone who connects."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        stop = threading.Event()

        def serve() -> None:
            with closing(server):
                while not stop.is_set():
                    client, _ = server.accept()
                    with client:
                        client.recv(1000)
                        client.sendall(reply or b"")

        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        port = server.getsockname()[1]
        try:
            yield f"rtsp://127.0.0.1:{port}/x"
        finally:
            stop.set()
            socket.create_connection(("127.0.0.1", port), timeout=5.0).close()
            thread.join(5.0)


@pytest.mark.parametrize("reply", [b"SSH-2.0-OpenSSH_9.2\r\n" * 50, None])
def test_what_is_no_rtsp_camera_is_told(reply: Optional[bytes]) -> None:
    with answering(reply) as url:
        assert refusal(url).reason in ("not an RTSP camera", "unreadable stream")


def test_nobody_there_is_said_so() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
    assert refusal(f"rtsp://127.0.0.1:{port}/x").reason == "connection refused"
    assert refusal("rtsp://nowhere.invalid/x").reason == "unreachable"


def test_devices_that_are_not_there() -> None:
    assert refusal("/dev/video77").reason == "no such device"
    assert refusal("/dev/null").reason == "cannot be opened"
    if not has_jetson_decoder():  # as on a PC
        assert "only a Jetson has it" in str(refusal("csi:0"))


@pytest.fixture
def jetson() -> Iterator[None]:
    """The names of a Jetson's elements; the decoder lacks the property that the real one has."""
    with standing_in(nvv4l2decoder="avdec_h264", nvvidconv="videoconvert", nvarguscamerasrc="fakesrc"):
        yield


@pytest.mark.usefixtures("jetson")
def test_on_a_jetson_gstreamer_is_taken_and_its_decoder_used(server: RtspCamera) -> None:
    address = server.url()
    assert has_jetson_decoder()
    taken = source_of(address, Options(SystemClock()))
    assert isinstance(taken, GStreamerSource)
    with pytest.raises(SourceError, match="GStreamer refuses the pipeline") as caught:
        taken.open()
    assert caught.value.permanent
    assert "refuses the pipeline" in str(refusal("csi:0"))


@pytest.mark.usefixtures("jetson")
def test_pictures_pass_the_jetsons_elements(server: RtspCamera, monkeypatch: pytest.MonkeyPatch) -> None:
    like_the_real = replace(NVIDIA, h264="nvv4l2decoder max-threads=1")
    monkeypatch.setitem(DECODERS, "nvidia", like_the_real)
    forced = GStreamerSource(server.url(), SystemClock(), decoder="nvidia")
    assert picture(forced).shape == (240, 320, 3)


@pytest.mark.parametrize("after", ["opening", "a picture", "a stall", "its death"])
def test_it_closes_from_any_state_and_leaves_no_thread(server: RtspCamera, after: str) -> None:
    gst = gstreamer("tests")
    before = threads()
    stream = source(server.url()).open()
    try:
        if after == "a picture":
            stream.read()
        elif after == "a stall":
            server.stall()
            with pytest.raises(SourceError):
                drain(stream)
        elif after == "its death":
            server.kill()
            with pytest.raises(SourceError):
                drain(stream)
    finally:
        stream.close()
        stream.close()
        if after == "a stall":
            server.resume()
        if after == "its death":
            server.start()
    assert gst.is_initialized()
    until(lambda: threads() <= before + POOLED, "the threads end", 10.0)


def drain(stream: Stream) -> None:
    while stream.read() is not None:
        pass


POOLED = 8
"""GLib keeps a few idle threads of its own for the next pipeline."""


def threads() -> int:
    return len(list(Path("/proc/self/task").iterdir()))


def test_many_reconnects_leave_nothing_behind(server: RtspCamera) -> None:
    def files() -> int:
        return len(list(Path("/proc/self/fd").iterdir()))

    picture(source(server.url()))
    before = files(), threads()
    for _ in range(10):
        picture(source(server.url()))
        refusal(server.url("elsewhere"))
    until(lambda: files() <= before[0] + 2, "the files are closed", 10.0)
    until(lambda: threads() <= before[1] + POOLED, "the threads end", 10.0)


def test_the_end_of_a_pipeline_is_told() -> None:
    gst = gstreamer("tests")
    pipeline = Pipeline(
        "videotestsrc name=camera ! video/x-raw,format=BGRx,width=36,height=20 "
        "! appsink name=pictures max-buffers=1 sync=false",
        {"num-buffers": 3},
    )
    with closing(GstPlayer(gst, pipeline)) as player:
        sizes = [sample.pixels.shape for sample in iter(lambda: player.pull(5.0), None)]
        assert sizes == [(20, 36, 3)] * 3
        fault = player.fault()
    assert fault is not None
    assert fault.domain == ""


def offered(text: str) -> Any:
    return gstreamer("tests").Caps.from_string(f"application/x-unknown,{text}")


def test_the_first_video_that_can_be_decoded_is_taken() -> None:
    gst = gstreamer("tests")
    unreachable = rtsp(rtsp_address("rtsp://127.0.0.1:1/x"), "tcp", 1.0)
    parts = iter(["identity nonsense=1", "identity ! identity"])
    with closing(GstPlayer(gst, unreachable, lambda codec: next(parts))) as player:
        pad = gst.Pad.new("src", gst.PadDirection.SRC)
        player._link(None, pad)  # nothing was taken yet
        taken = [
            player._select(None, number, offered(text))
            for number, text in enumerate(
                [
                    "media=audio,encoding-name=OPUS",
                    "payload=96",
                    "media=video,encoding-name=JPEG",
                    "media=video,encoding-name=h265",
                    "media=video,encoding-name=H264",
                ]
            )
        ]
        player._link(None, pad)
        refused = player.fault()
        player._link(None, pad)
        linked = pad.is_linked()
    assert taken == [False, False, False, True, False]
    assert player.codec == "H265"
    assert player.offers[:3] == [("audio", "OPUS"), ("data", "UNKNOWN"), ("video", "JPEG")]
    assert refused is not None
    assert linked
    player._link(None, pad)  # GStreamer may be late: nothing is made any more
    assert next(parts, None) is None
