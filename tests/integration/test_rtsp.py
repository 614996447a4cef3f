"""A real RTSP camera that plays, hangs, dies, freezes, goes black and comes back."""

from __future__ import annotations

from typing import Iterator

import pytest

from agent.errors import SourceError
from agent.sources.pyav import PyAvSource
from tests.fakes.rtsp import RtspCamera, missing
from tests.integration.camera_trials import CameraTrials

_MISSING = missing()
pytestmark = pytest.mark.skipif(_MISSING is not None, reason=_MISSING or "")


@pytest.fixture(scope="module")
def server() -> Iterator[RtspCamera]:
    with RtspCamera() as camera:
        yield camera


def source(url: str) -> PyAvSource:
    return PyAvSource(url, live=True, open_timeout_s=3.0, read_timeout_s=0.7)


class TestThroughFfmpeg(CameraTrials):
    def source(self, url: str) -> PyAvSource:
        return source(url)


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
