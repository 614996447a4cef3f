from __future__ import annotations

from pathlib import Path

import pytest

from agent.config.addresses import objection


@pytest.mark.parametrize(
    "address",
    [
        "rtsp://h", "rtsp://u:p%40@10.0.0.7:8554/a?b=c", "RTSPS://h/", "http://[::1]:80/x",
        "https://h/a.m3u8",
        "csi:0", "CSI:1?width=1280&height=720&fps=15",
        "usb:0", "usb:12", "/dev/video0", "scene:", "scene:?seed=3", "/films/a.mp4", "./a", "../a", "~/a",
        "a.MP4",
        "films/a.mkv", "/with:colon", "picture.jpeg", "/",
    ],
)  # fmt: skip
def test_what_can_be_a_camera(address: str) -> None:
    assert objection(address) is None


@pytest.mark.parametrize(
    ("address", "expected"),
    [
        ("", "is empty"),
        (" ", "is empty"),
        (" rtsp://h", "has spaces around it"),
        ("rtsp://h\n", "has spaces around it"),
        ("rtsp:/h", 'has no "//" after "rtsp:"'),
        ("rtsp://", 'names no host after "rtsp://"'),
        ("rtsp://u:p@/x", 'names no host after "rtsp://"'),
        ("http://h:99999/", "has a host or port that cannot be read"),
        ("http://u:p/w@h", "has a host or port that cannot be read"),
        ("http://[x", "has a host or port that cannot be read"),
        ("rtps://h", 'starts with "rtps:", which is not known; perhaps "rtsps:" is meant'),
        ("gopher://h", 'starts with "gopher:", which is not known'),
        ("usb:one", 'is not "usb:" and the number of the camera'),
        ("csi:front", 'is not "csi:" and the number of the sensor'),
        ("csi:0?hieght=720", 'has the option "hieght", which is not known; perhaps "height" is meant'),
        ("csi:0?x=1", 'has the option "x", which is not known; known are width, height, fps'),
        ("csi:0?fps=0", 'has "fps", which must be a whole number from 1 to 240'),
        ("csi:0?fps=", 'has "fps", which must be a whole number from 1 to 240'),
        ("cis:0", 'starts with "cis:", which is not known; perhaps "csi:" is meant'),
        ("cis:/0", 'starts with "cis:", which is not known; perhaps "csi:" is meant'),
        ("10.0.0.7", "is neither a URL nor a file or folder that is here"),
        ("10.0.0.7:554/x", "is neither a URL"),
        ("camera.local:554", "is neither a URL"),
        ("camera:554", "is neither a URL"),
        ("x" * 5000, "is neither a URL"),
    ],
)
def test_what_cannot(address: str, expected: str) -> None:
    found = objection(address)
    assert found is not None
    assert found.startswith(expected)


def test_a_relative_name_counts_where_it_is_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert objection("pictures") is not None
    (tmp_path / "pictures").mkdir()
    assert objection("pictures") is None
