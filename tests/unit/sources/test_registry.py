"""Each address goes to the source that reads it."""

from __future__ import annotations

import threading
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Iterator

import pytest

from agent.config.settings import Camera
from agent.errors import SourceError
from agent.sources.gstreamer import GStreamerSource
from agent.sources.pace import PacedSource
from agent.sources.pyav import PyAvSource
from agent.sources.registry import Options, open_source, source_of
from agent.sources.usb import UsbSource
from tests.fakes.clock import FakeClock
from tests.fakes.films import write_film


@pytest.mark.parametrize(
    "url", ["rtsp://h/a", "rtsps://h/a", "RTSP://h/a", "http://h/mjpg", "https://h/a.m3u8"]
)
def test_cameras_on_the_network_are_live(url: str) -> None:
    source = source_of(url)
    assert isinstance(source, PyAvSource)
    assert source.live


@pytest.mark.parametrize(
    ("address", "device"),
    [
        ("0", "/dev/video0"),
        ("usb:2", "/dev/video2"),
        ("usb:/dev/video3", "/dev/video3"),
        ("/dev/video1", "/dev/video1"),
    ],
)
def test_usb_cameras(address: str, device: str) -> None:
    source = source_of(address)
    assert isinstance(source, UsbSource)
    assert source.display == device


@pytest.mark.parametrize(
    ("address", "display"),
    [
        ("rtsp://guard:hunter2@h/a", "rtsp://h/a"),
        ("RTSPS://h/a", "RTSPS://h/a"),
        ("usb:2", "/dev/video2"),
        ("0", "/dev/video0"),
    ],
)
def test_a_camera_goes_to_gstreamer_where_it_is_told_to(address: str, display: str) -> None:
    source = source_of(address, Options(FakeClock(), decoder="gstreamer"))
    assert isinstance(source, GStreamerSource)
    assert source.display == display
    assert source.live


def test_only_gstreamer_reads_the_jetsons_connector() -> None:
    source = source_of("csi:0")
    assert isinstance(source, GStreamerSource)
    assert source.display == "csi:0"


@pytest.mark.parametrize("hardware", [True, False])
def test_nothing_said_gstreamer_is_for_the_jetsons_decoder(
    monkeypatch: pytest.MonkeyPatch, hardware: bool
) -> None:
    monkeypatch.setattr("agent.sources.gstreamer.runtime.has_jetson_decoder", lambda: hardware)
    for address in ("rtsp://h/a", "usb:0"):
        assert isinstance(source_of(address), GStreamerSource) is hardware
        assert not isinstance(source_of(address, Options(FakeClock(), decoder="pyav")), GStreamerSource)
    assert isinstance(source_of("http://h/mjpg"), PyAvSource)


def test_a_scene_is_a_replay() -> None:
    source = source_of("scene:?seed=3", Options(FakeClock(), real_time=False))
    assert not source.live
    with pytest.raises(SourceError, match="did you mean 'seed'"):
        source_of("scene:?sed=3")


def test_a_film_plays_at_its_own_pace_or_as_fast_as_it_is_read(tmp_path: Path) -> None:
    film = write_film(tmp_path / "film.mp4")
    clock = FakeClock()
    for real_time, seconds in ((True, 1.9), (False, 0.0)):
        before = clock.monotonic()
        stream = source_of(str(film), Options(clock, real_time=real_time)).open()
        assert len(list(iter(stream.read, None))) == 20
        stream.close()
        assert clock.monotonic() - before == pytest.approx(seconds)


def test_a_file_may_be_a_url_or_have_a_colon_in_its_name(tmp_path: Path) -> None:
    film = write_film(tmp_path / "yard:1.mp4")
    for address in (f"file://{film}", f"file:{film}", str(film)):
        assert source_of(address).display == str(film)


def test_an_unknown_scheme_is_refused_without_its_password() -> None:
    with pytest.raises(SourceError, match="no source reads ftp") as caught:
        source_of("ftp://guard:hunter2@host/film.mp4")
    assert "hunter2" not in str(caught.value)
    assert caught.value.permanent


def test_a_configured_camera_has_its_own_settings() -> None:
    camera = Camera.model_validate({"url": "rtsp://guard:hunter2@host/live", "transport": "udp"})
    source = open_source(camera)
    assert isinstance(source, PyAvSource)
    assert source.display == "rtsp://host/live"
    assert "hunter2" not in repr(source)


@pytest.fixture
def web(tmp_path: Path) -> Iterator[str]:
    class Quiet(SimpleHTTPRequestHandler):
        def log_message(self, *args: object) -> None:
            pass

    write_film(tmp_path / "film.mp4")
    with ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=str(tmp_path))) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()


def test_a_film_on_a_web_server_ends_as_a_file_does(web: str) -> None:
    source = source_of(f"{web}/film.mp4", Options(FakeClock()))
    assert isinstance(source, PacedSource)
    assert not source.live
    stream = source.open()
    assert len(list(iter(stream.read, None))) == 20
    stream.close()


def test_what_the_web_server_does_not_have_is_said_so(web: str) -> None:
    with pytest.raises(SourceError, match="no such stream"):
        source_of(f"{web}/live").open()


def test_a_configured_camera_may_name_its_decoder() -> None:
    camera = Camera.model_validate({"url": "rtsp://h/a", "decoder": "gstreamer"})
    assert isinstance(open_source(camera), GStreamerSource)
