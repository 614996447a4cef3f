"""What every way to an RTSP camera lives through: it plays, hangs, dies, freezes, goes black, comes back."""

from __future__ import annotations

from typing import Iterator

import pytest

from agent.domain.incident import State
from agent.domain.policy.settings import CameraPolicySettings
from agent.ports import Source
from tests.fakes.camera_watch import CameraWatch, watching
from tests.fakes.rtsp import RtspCamera
from tests.fakes.waiting import until

LIMIT_S = 1.5
WITHIN_S = 2 * LIMIT_S
SETTINGS = CameraPolicySettings(blind_after_s=LIMIT_S, incident_after_s=0.5, recover_after_s=0.4)


def expect_incident(watch: CameraWatch, reason: str) -> None:
    until(lambda: len(watch.changes) == 1, "an incident opens", WITHIN_S)
    assert watch.changes[0].incident.reason == reason


def expect_recovery(watch: CameraWatch) -> None:
    watch.expect("online", 10.0)
    until(lambda: len(watch.changes) == 2, "the incident is resolved", WITHIN_S)
    opened, resolved = (change.incident for change in watch.changes)
    assert (resolved.id, resolved.state, resolved.sequence) == (opened.id, State.RESOLVED, 2)


class CameraTrials:
    """For a test class that says how a camera is read; its module has a fixture `server`."""

    def source(self, url: str) -> Source:
        raise NotImplementedError

    @pytest.fixture
    def playing(self, server: RtspCamera) -> Iterator[CameraWatch]:
        """A watch on the camera, which shows its moving scene before and after."""
        server.show("moving")
        with watching(self.source(server.url()), SETTINGS) as watch:
            watch.expect("online", 10.0)
            yield watch

    def test_it_plays(self, playing: CameraWatch) -> None:
        assert playing.mailbox.wait_fresh(5.0) == ["gate"]
        frame = playing.mailbox.take("gate")
        assert frame is not None
        assert frame.pixels.shape == (240, 320, 3)
        assert frame.pixels.flags.c_contiguous
        assert not playing.changes

    def test_a_camera_that_hangs_is_blind_and_stays_so_while_nobody_answers(
        self, playing: CameraWatch, server: RtspCamera
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

    def test_a_camera_that_dies_is_offline_until_it_is_back(
        self, playing: CameraWatch, server: RtspCamera
    ) -> None:
        server.kill()
        until(lambda: playing.says.startswith("offline/"), "offline", WITHIN_S)
        until(lambda: len(playing.changes) == 1, "an incident opens", WITHIN_S)
        server.start()
        expect_recovery(playing)

    def test_a_hanging_camera_that_then_dies_is_offline(
        self, playing: CameraWatch, server: RtspCamera
    ) -> None:
        server.stall()
        playing.expect("blind/stalled", WITHIN_S)
        server.kill()
        playing.expect("offline/connection refused", 10.0)
        server.start()
        playing.expect("online", 10.0)

    @pytest.mark.parametrize("scene", ["frozen", "black"])
    def test_a_picture_that_shows_nothing_new_is_blindness(
        self, playing: CameraWatch, server: RtspCamera, scene: str
    ) -> None:
        server.show(scene)
        playing.expect(f"blind/{scene}", WITHIN_S)
        expect_incident(playing, scene)
        server.show("moving")
        expect_recovery(playing)
