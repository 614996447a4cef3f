"""Films play to their end, and every way in which a stream can fail is told in words."""

from __future__ import annotations

import socket
from pathlib import Path
from typing import Iterator, List, Optional

import av
import av.error
import numpy as np
import pytest

from agent.errors import SourceError
from agent.ports import StreamPicture
from agent.sources.av_errors import source_error
from agent.sources.pyav import PyAvSource, PyAvStream
from tests.fakes.films import turn_film, write_film


def play(path: Path) -> List[StreamPicture]:
    stream = PyAvSource(str(path), live=False).open()
    try:
        return list(iter(stream.read, None))
    finally:
        stream.close()
        stream.close()


def test_a_film_plays_with_its_own_times(tmp_path: Path) -> None:
    pictures = play(write_film(tmp_path / "film.mp4"))
    assert [round(picture.media_s, 3) for picture in pictures] == [n / 10 for n in range(20)]
    pixels = pictures[5].pixels
    assert pixels.shape == (48, 64, 3)
    assert pixels.dtype == np.uint8
    assert pixels.flags.c_contiguous
    assert pixels[25, 10].min() > 150 > pixels[40, 10].max()


@pytest.mark.skipif(not hasattr(av.VideoFrame, "rotation"), reason="this PyAV does not tell the rotation")
def test_a_film_of_a_turned_telephone_is_upright(tmp_path: Path) -> None:
    pixels = play(turn_film(write_film(tmp_path / "film.mp4")))[0].pixels
    assert pixels.shape == (64, 48, 3)
    assert pixels.flags.c_contiguous
    assert pixels[2:10, -10:-2].min() > 200  # the corner that was at the upper left


def test_a_cut_film_plays_as_far_as_it_goes(tmp_path: Path) -> None:
    film = write_film(tmp_path / "film.avi", frames=200)
    film.write_bytes(film.read_bytes()[: film.stat().st_size * 6 // 10])
    assert 20 < len(play(film)) < 200


def test_damaged_packets_are_skipped(tmp_path: Path) -> None:
    film = write_film(tmp_path / "film.avi", frames=60)
    data = bytearray(film.read_bytes())
    data[len(data) // 2 : len(data) // 2 + 1500] = bytes(1500)
    film.write_bytes(data)
    assert len(play(film)) > 30


@pytest.mark.parametrize(
    "content", [b"not a film at all", bytes(5000), b"\x00\x00\x00\x18ftypmp42" + bytes(400)]
)
def test_what_is_no_film_is_refused(tmp_path: Path, content: bytes) -> None:
    film = tmp_path / "film.mp4"
    film.write_bytes(content)
    with pytest.raises(SourceError, match="damaged, incomplete") as caught:
        play(film)
    assert caught.value.permanent


def test_a_text_is_no_film(tmp_path: Path) -> None:
    text = tmp_path / "notes.txt"
    text.write_text("a line\n" * 100)
    with pytest.raises(SourceError, match="no video in it"):
        play(text)


def test_a_port_where_nobody_listens() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        url = f"rtsp://guard:hunter2@127.0.0.1:{taken.getsockname()[1]}/live"
        with pytest.raises(SourceError, match="connection refused") as caught:
            PyAvSource(url, live=True).open()
    assert not caught.value.stalled
    assert not caught.value.permanent
    assert "hunter2" not in str(caught.value)


def test_a_camera_that_takes_the_call_and_says_nothing_has_stalled() -> None:
    with socket.socket() as mute:
        mute.bind(("127.0.0.1", 0))
        mute.listen()
        url = f"rtsp://127.0.0.1:{mute.getsockname()[1]}/live"
        with pytest.raises(SourceError, match="no answer") as caught:
            PyAvSource(url, live=True, open_timeout_s=0.3, read_timeout_s=0.3).open()
    assert caught.value.stalled


def test_a_live_stream_that_ends_is_lost(tmp_path: Path) -> None:
    stream = PyAvSource(str(write_film(tmp_path / "film.mp4", frames=3)), live=True).open()
    for _ in range(3):
        assert stream.read() is not None
    with pytest.raises(SourceError, match="closed the connection") as caught:
        stream.read()
    assert caught.value.reason == "disconnected"
    stream.close()


@pytest.mark.parametrize(
    ("error", "reason", "stalled", "permanent"),
    [
        (av.error.HTTPUnauthorizedError, "wrong user name or password", False, True),
        (av.error.HTTPForbiddenError, "access forbidden", False, True),
        (av.error.TimeoutError, "no answer", True, False),
        (av.error.ConnectionResetError, "disconnected", False, False),
        (av.error.InvalidDataError, "unreadable stream", False, False),
    ],
)
def test_ffmpegs_errors_in_our_words(error: type, reason: str, stalled: bool, permanent: bool) -> None:
    told = source_error(error(1, "rtsp://guard:hunter2@host/"), "rtsp://host/", live=True)
    assert (told.reason, told.stalled, told.permanent) == (reason, stalled, permanent)
    assert "hunter2" not in str(told)


def test_a_host_that_has_no_name_is_unreachable_while_a_file_is_unreadable() -> None:
    error = av.error.OSError(5, "Input/output error")
    assert source_error(error, "rtsp://host/", live=True).reason == "unreachable"
    assert source_error(error, "film.mp4", live=False).reason == "not a readable video"


class Broken:
    """A container whose packets never decode, or whose reading fails after them."""

    class Video:
        average_rate = 10
        thread_type = ""

    class Streams:
        video: list[Broken.Video]

    class Packet:
        def decode(self) -> List[object]:
            raise av.error.InvalidDataError(1, "rtsp://guard:hunter2@host/")

    class Silent:
        def decode(self) -> List[object]:
            return []

    def __init__(self, packets: int, packet: object, error: Optional[Exception]) -> None:
        self.streams = self.Streams()
        self.streams.video = [self.Video()]
        self._packets = packets
        self._packet = packet
        self._error = error

    def demux(self, video: object) -> Iterator[object]:
        for _ in range(self._packets):
            yield self._packet
        if self._error is not None:
            raise self._error

    def close(self) -> None:
        pass


def fail(container: Broken, live: bool, read_timeout_s: float = 5.0) -> SourceError:
    with pytest.raises(SourceError) as caught:
        PyAvStream(container, "rtsp://host/", live, read_timeout_s).read()
    assert "hunter2" not in str(caught.value)
    return caught.value


def test_a_stream_that_never_decodes_is_given_up() -> None:
    assert fail(Broken(10_000, Broken.Packet(), None), live=True).reason == "unreadable stream"


def test_a_film_without_one_picture_is_refused() -> None:
    assert fail(Broken(3, Broken.Silent(), None), live=False).permanent


def test_reading_that_fails_is_told_by_its_error() -> None:
    reset = av.error.ConnectionResetError(104, "rtsp://guard:hunter2@host/")
    assert fail(Broken(0, None, reset), live=True).reason == "disconnected"


def test_any_error_after_the_time_was_up_is_a_stall() -> None:
    broken = av.error.InvalidDataError(1, "rtsp://guard:hunter2@host/")
    assert fail(Broken(0, None, broken), live=True, read_timeout_s=0.0).stalled


def test_an_end_that_ffmpeg_raises_is_an_end() -> None:
    end = av.error.EOFError(1, "End of file")
    assert fail(Broken(0, None, end), live=True).reason == "disconnected"
