"""The Jetson's way to a camera, on a PC: the same code with FFmpeg's decoders, against a real RTSP server."""

from __future__ import annotations

from typing import Iterator

import numpy as np
import pytest

from agent.clock import SystemClock
from agent.config.settings import Camera
from agent.domain.incident import State
from agent.domain.policy.settings import CameraPolicySettings
from agent.errors import SourceError
from agent.sources.gstreamer import GStreamerSource
from agent.sources.registry import open_source
from tests.fakes import gi_here
from tests.fakes.camera_watch import CameraWatch, watching
from tests.fakes.rtsp import RtspCamera, missing
from tests.fakes.waiting import until

_MISSING = missing() or gi_here.missing()
pytestmark = pytest.mark.skipif(_MISSING is not None, reason=_MISSING or "")

LIMIT_S = 1.5
WITHIN_S = 2 * LIMIT_S
SETTINGS = CameraPolicySettings(blind_after_s=LIMIT_S, incident_after_s=0.5, recover_after_s=0.4)


@pytest.fixture(scope="module")
def server() -> Iterator[RtspCamera]:
    with RtspCamera() as camera:
        yield camera


def source(url: str) -> GStreamerSource:
    return GStreamerSource(url, SystemClock(), open_timeout_s=5.0, read_timeout_s=0.7)


@pytest.fixture
def playing(server: RtspCamera) -> Iterator[CameraWatch]:
    """A watch on the camera, which shows its moving scene before and after."""
    server.show("moving")
    with watching(source(server.url()), SETTINGS) as watch:
        watch.expect("online", 10.0)
        yield watch


def expect_recovery(watch: CameraWatch) -> None:
    watch.expect("online", 10.0)
    until(lambda: len(watch.changes) == 2, "the incident is resolved", WITHIN_S)
    assert watch.changes[1].incident.state is State.RESOLVED


@pytest.mark.parametrize("path", ["open", "hevc"])
def test_it_plays_h264_and_h265(server: RtspCamera, path: str) -> None:
    server.show("moving")
    stream = source(server.url(path)).open()
    try:
        first, second = stream.read(), stream.read()
    finally:
        stream.close()
    assert first is not None
    assert second is not None
    assert first.pixels.shape == (240, 320, 3)
    assert first.pixels.dtype == np.uint8
    assert first.pixels.flags.c_contiguous
    assert second.media_s > first.media_s
    assert first.pixels.std() > 40, "colour bars"


def test_a_configured_camera_may_ask_for_it(server: RtspCamera) -> None:
    camera = Camera.model_validate({"url": server.url(), "decoder": "gstreamer"})
    stream = open_source(camera).open()
    try:
        assert stream.read() is not None
    finally:
        stream.close()


def test_the_channels_are_blue_green_red(server: RtspCamera) -> None:
    """FFmpeg and GStreamer see the same colours."""
    from agent.sources.pyav import PyAvSource

    server.show("frozen")
    by_gstreamer, by_ffmpeg = source(server.url()), PyAvSource(server.url(), live=True)
    pictures = []
    for each in (by_gstreamer, by_ffmpeg):
        stream = each.open()
        try:
            for _ in range(5):
                picture = stream.read()
            assert picture is not None
            pictures.append(picture.pixels.reshape(-1, 3).mean(axis=0))
        finally:
            stream.close()
    assert np.abs(pictures[0] - pictures[1]).max() < 6


def test_a_camera_that_hangs_is_blind_until_it_goes_on(playing: CameraWatch, server: RtspCamera) -> None:
    server.stall()
    try:
        playing.expect("blind/stalled", WITHIN_S)
        until(lambda: len(playing.changes) == 1, "an incident opens", WITHIN_S)
    finally:
        server.resume()
    expect_recovery(playing)


def test_a_camera_that_dies_is_offline_until_it_is_back(playing: CameraWatch, server: RtspCamera) -> None:
    server.kill()
    until(lambda: playing.says.startswith("offline/"), "offline", WITHIN_S)
    until(lambda: len(playing.changes) == 1, "an incident opens", WITHIN_S)
    server.start()
    expect_recovery(playing)


@pytest.mark.parametrize("scene", ["frozen", "black"])
def test_a_picture_that_shows_nothing_new_is_blindness(
    playing: CameraWatch, server: RtspCamera, scene: str
) -> None:
    server.show(scene)
    playing.expect(f"blind/{scene}", WITHIN_S)
    until(lambda: len(playing.changes) == 1, "an incident opens", WITHIN_S)
    server.show("moving")
    expect_recovery(playing)


def test_the_right_password_opens_a_locked_camera(server: RtspCamera) -> None:
    stream = source(server.url("locked", "guard:s3cret")).open()
    try:
        assert stream.read() is not None
    finally:
        stream.close()


@pytest.mark.parametrize("user", ["guard:hunter2", ""])
def test_a_wrong_password_asks_for_a_person_and_is_never_told(server: RtspCamera, user: str) -> None:
    with pytest.raises(SourceError, match="wrong user name or password") as caught:
        source(server.url("locked", user)).open()
    assert caught.value.permanent
    assert "hunter2" not in str(caught.value)


def test_a_wrong_path_is_told(server: RtspCamera) -> None:
    with pytest.raises(SourceError, match="no such stream: check the path"):
        source(server.url("nowhere")).open()


def test_nobody_there_is_told(server: RtspCamera) -> None:
    with pytest.raises(SourceError, match="connection refused"):
        source("rtsp://127.0.0.1:9/stream").open()


def test_without_the_jetson_its_connector_says_what_is_missing() -> None:
    with pytest.raises(SourceError, match="only a Jetson has it") as caught:
        GStreamerSource("csi:0", SystemClock()).open()
    assert caught.value.permanent


def test_a_usb_camera_that_is_not_there_is_told() -> None:
    with pytest.raises(SourceError, match="no such device"):
        GStreamerSource("/dev/video99", SystemClock()).open()
