"""A decoder is only taken for an address that it reads."""

from __future__ import annotations

from pathlib import Path

import pytest

from agent.config.csi import CsiAddress, parse_csi
from tests.unit.config.writing import Desk


@pytest.mark.parametrize(
    ("url", "decoder"),
    [
        ("rtsp://h/a", "gstreamer"),
        ("rtsps://h/a", "gstreamer"),
        ("usb:0", "gstreamer"),
        ("/dev/video1", "gstreamer"),
        ("csi:0", "gstreamer"),
        ("csi:0", "auto"),
        ("rtsp://h/a", "pyav"),
        ("usb:0", "pyav"),
        ("scene:", "pyav"),
        ("film.mp4", "auto"),
    ],
)
def test_what_goes_together(tmp_path: Path, url: str, decoder: str) -> None:
    (camera,) = Desk(tmp_path).load(f"cameras: [{{url: '{url}', decoder: {decoder}}}]\n").cameras
    assert camera.decoder == decoder


@pytest.mark.parametrize("url", ["http://h/live", "scene:", "film.mp4"])
def test_gstreamer_is_for_cameras(tmp_path: Path, url: str) -> None:
    problem = Desk(tmp_path).problem(f"cameras: [{{url: '{url}', decoder: gstreamer}}]\n")
    assert "cameras[0].decoder: cannot be gstreamer for this url" in problem
    assert "Write auto, or an rtsp, usb or csi address" in problem


def test_a_csi_camera_needs_gstreamer(tmp_path: Path) -> None:
    problem = Desk(tmp_path).problem("cameras: [{url: 'csi:0', decoder: pyav}]\n")
    assert "cameras[0].decoder: cannot be pyav for a csi address" in problem


def test_a_decoder_is_one_of_three(tmp_path: Path) -> None:
    assert "decoder" in Desk(tmp_path).problem("cameras: [{url: 'csi:0', decoder: gstramer}]\n")


def test_a_csi_address_has_a_sensor_and_may_have_a_size() -> None:
    assert parse_csi("csi:1") == CsiAddress(1, 1920, 1080, 30)
    assert parse_csi("csi:0?fps=15&width=1280&height=720") == CsiAddress(0, 1280, 720, 15)


@pytest.mark.parametrize(
    ("address", "problem"), [("csi:", "number of the sensor"), ("csi:0?fsp=1", '"fps" is meant')]
)
def test_a_csi_address_is_read_strictly(address: str, problem: str) -> None:
    with pytest.raises(ValueError, match=problem):
        parse_csi(address)
