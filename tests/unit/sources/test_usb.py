"""A USB camera plays, is unplugged, hangs or is somebody else's."""

from __future__ import annotations

from pathlib import Path
from typing import List, Optional, Tuple

import numpy as np
import pytest

from agent.errors import SourceError
from agent.ports import Picture
from agent.sources.usb import UsbSource
from tests.fakes.clock import FakeClock


class FakeGrabber:
    def __init__(self, pictures: int, opens: bool = True) -> None:
        self.left = pictures
        self.opens = opens
        self.released = 0

    def isOpened(self) -> bool:  # noqa: N802
        return self.opens

    def read(self) -> Tuple[bool, Optional[Picture]]:
        self.left -= 1
        return (True, np.zeros((4, 6, 3), np.uint8)) if self.left >= 0 else (False, None)

    def release(self) -> None:
        self.released += 1


@pytest.fixture
def device(tmp_path: Path) -> Path:
    path = tmp_path / "video0"
    path.touch()
    return path


def test_it_gives_pictures_stamped_by_the_clock(device: Path) -> None:
    clock = FakeClock()
    asked: List[str] = []
    grabber = FakeGrabber(2)

    def grab(name: str) -> FakeGrabber:
        asked.append(name)
        return grabber

    source = UsbSource(str(device), clock, grab)
    stream = source.open()
    first = stream.read()
    clock.advance(0.1)
    second = stream.read()
    assert first is not None
    assert second is not None
    assert (first.media_s, second.media_s) == (0.0, 0.1)
    assert second.pixels.shape == (4, 6, 3)
    assert asked == [source.display]
    stream.close()
    assert grabber.released == 1
    assert source.live


def test_a_camera_that_gives_nothing_has_stalled(device: Path) -> None:
    stream = UsbSource(str(device), FakeClock(), lambda _: FakeGrabber(0)).open()
    with pytest.raises(SourceError, match="gives no picture") as caught:
        stream.read()
    assert caught.value.stalled


def test_an_unplugged_camera_is_gone(device: Path) -> None:
    stream = UsbSource(str(device), FakeClock(), lambda _: FakeGrabber(0)).open()
    device.unlink()
    with pytest.raises(SourceError, match="unplugged") as caught:
        stream.read()
    assert not caught.value.stalled


def test_a_camera_in_use_is_told_with_what_to_do(device: Path) -> None:
    grabber = FakeGrabber(0, opens=False)
    with pytest.raises(SourceError, match="group `video`"):
        UsbSource(str(device), FakeClock(), lambda _: grabber).open()
    assert grabber.released == 1


def test_opencv_says_no_for_what_is_no_camera(device: Path, capfd: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SourceError, match="cannot be opened"):
        UsbSource(str(device), FakeClock()).open()
    assert capfd.readouterr().err == ""


def test_no_device_is_no_camera() -> None:
    with pytest.raises(SourceError, match="plugged in"):
        UsbSource("/dev/video77", FakeClock()).open()
