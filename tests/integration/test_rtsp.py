"""A real RTSP camera that plays, hangs, dies, freezes, goes black and comes back."""

from __future__ import annotations

from typing import Iterator

import pytest

from agent.domain.incident import State
from agent.domain.policy.settings import CameraPolicySettings
from agent.errors import SourceError
from agent.sources.pyav import PyAvSource
from tests.fakes.camera_watch import CameraWatch, watching
from tests.fakes.rtsp import RtspCamera, missing
from tests.fakes.waiting import until

_MISSING = missing()
pytestmark = pytest.mark.skipif(_MISSING is not None, reason=_MISSING or "")

LIMIT_S = 1.5
WITHIN_S = 2 * LIMIT_S
SETTINGS = CameraPolicySettings(blind_after_s=LIMIT_S, incident_after_s=0.5, recover_after_s=0.4)


@pytest.fixture(scope="module")
def server() -> Iterator[RtspCamera]:
    with RtspCamera() as camera:
        yield camera


def source(url: str) -> PyAvSource:
    return PyAvSource(url, live=True, open_timeout_s=3.0, read_timeout_s=0.7)


@pytest.fixture
def playing(server: RtspCamera) -> Iterator[CameraWatch]:
    """A watch on the camera, which shows its moving scene before and after."""
    server.show("moving")
    with watching(source(server.url()), SETTINGS) as watch:
        watch.expect("online", 10.0)
        yield watch


def expect_incident(watch: CameraWatch, reason: str) -> None:
    until(lambda: len(watch.changes) == 1, "an incident opens", WITHIN_S)
    assert watch.changes[0].incident.reason == reason


def expect_recovery(watch: CameraWatch) -> None:
    watch.expect("online", 10.0)
    until(lambda: len(watch.changes) == 2, "the incident is resolved", WITHIN_S)
    opened, resolved = (change.incident for change in watch.changes)
    assert (resolved.id, resolved.state, resolved.sequence) == (opened.id, State.RESOLVED, 2)


def test_it_plays(playing: CameraWatch) -> None:
    assert playing.mailbox.wait_fresh(5.0) == ["gate"]
    frame = playing.mailbox.take("gate")
    assert frame is not None
    assert frame.pixels.shape == (240, 320, 3)
    assert frame.pixels.flags.c_contiguous
    assert not playing.changes


def test_a_camera_that_hangs_is_blind_and_stays_so_while_nobody_answers(
    playing: CameraWatch, server: RtspCamera
) -> None:
    server.stall()
    try:
        playing.expect("blind/stalled", WITHIN_S)
        expect_incident(playing, "stalled")
    finally:
        server.resume()
    expect_recovery(playing)
    # Reconnecting in vain is not being offline; a starved machine may stall once more while it recovers.
    assert {status.state.value for status in playing.statuses} == {"online", "blind"}


def test_a_camera_that_dies_is_offline_until_it_is_back(playing: CameraWatch, server: RtspCamera) -> None:
    server.kill()
    until(lambda: playing.says.startswith("offline/"), "offline", WITHIN_S)
    until(lambda: len(playing.changes) == 1, "an incident opens", WITHIN_S)
    server.start()
    expect_recovery(playing)


def test_a_hanging_camera_that_then_dies_is_offline(playing: CameraWatch, server: RtspCamera) -> None:
    server.stall()
    playing.expect("blind/stalled", WITHIN_S)
    server.kill()
    playing.expect("offline/connection refused", 10.0)
    server.start()
    playing.expect("online", 10.0)


@pytest.mark.parametrize("scene", ["frozen", "black"])
def test_a_picture_that_shows_nothing_new_is_blindness(
    playing: CameraWatch, server: RtspCamera, scene: str
) -> None:
    server.show(scene)
    playing.expect(f"blind/{scene}", WITHIN_S)
    expect_incident(playing, scene)
    server.show("moving")
    expect_recovery(playing)


def test_the_right_password_opens_a_locked_camera(server: RtspCamera) -> None:
    stream = source(server.url("locked", "guard:s3cret")).open()
    try:
        assert stream.read() is not None
    finally:
        stream.close()


def test_a_wrong_password_asks_for_a_person_and_is_never_told(server: RtspCamera) -> None:
    locked = source(server.url("locked", "guard:hunter2"))
    with pytest.raises(SourceError, match="wrong user name or password") as caught:
        locked.open()
    assert caught.value.permanent
    assert caught.value.__suppress_context__
    for text in (str(caught.value), caught.value.reason, locked.display):
        assert "hunter2" not in text
        assert "guard" not in text


def test_a_stream_that_is_not_there_is_said_so(server: RtspCamera) -> None:
    with pytest.raises(SourceError, match="no such stream") as caught:
        source(server.url("elsewhere")).open()
    assert not caught.value.permanent
