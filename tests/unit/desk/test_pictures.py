"""A live picture is live, readable and not too large."""

from __future__ import annotations

from typing import Optional, Tuple

import cv2
import numpy as np
import pytest

from agent.controls import NoPictureError
from agent.desk.pictures import LivePictures
from agent.faces.veil import UNVEILED, Veil, Veiling
from agent.ports import Frame, Picture
from agent.vision.annotate import caption
from tests.fakes.clock import FakeClock
from tests.fakes.detector import GREEN, picture
from tests.fakes.faces import FakeFaceDetector, street
from tests.fakes.passers_by import passer_by, recognisable


class Camera:
    """Gives one frame."""

    def __init__(self, size: Tuple[int, int] = (360, 640)) -> None:
        self.clock = FakeClock()
        self.frame: Optional[Frame] = Frame("yard", picture(GREEN, size), self.clock.moment(), 0.0, 0)

    def take(self, name: str = "Back yard", veil: Veiling = UNVEILED) -> Picture:
        data = LivePictures(lambda _: self.frame, self.clock, 85, veil).take("yard", name)
        decoded = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_COLOR)
        assert decoded is not None
        return np.asarray(decoded, np.uint8)


@pytest.mark.parametrize(
    ("size", "shown"),
    [
        ((360, 640), (360, 640)),
        ((720, 1280), (720, 1280)),
        ((2160, 3840), (720, 1280)),
        ((1080, 1440), (960, 1280)),
        ((10, 4000), (3, 1280)),
    ],
)
def test_it_is_1280_wide_at_most(size: Tuple[int, int], shown: Tuple[int, int]) -> None:
    assert Camera(size).take().shape[:2] == shown


def test_the_name_and_the_local_time_are_written_on_it() -> None:
    camera = Camera()
    assert camera.frame is not None
    local = camera.clock.now().astimezone()
    written = caption(camera.frame.pixels, f"Entrée  {local:%Y-%m-%d %H:%M:%S}")
    difference = np.abs(camera.take("Entrée").astype(int) - written.astype(int))
    assert difference.mean() < 3.0
    assert np.abs(camera.take("Elsewhere").astype(int) - written.astype(int)).mean() > difference.mean()


def test_the_frame_itself_stays_clean() -> None:
    camera = Camera()
    camera.take()
    assert camera.frame is not None
    assert (camera.frame.pixels == GREEN).all()


def test_whoever_is_in_it_cannot_be_told() -> None:
    camera = Camera()
    pixels = passer_by(street(360, 640), 300, 200)
    camera.frame = Frame("yard", pixels, camera.clock.moment(), 0.0, 0)
    assert recognisable(camera.take(), 300, 200)
    assert not recognisable(camera.take(veil=Veil(FakeFaceDetector, camera.clock)), 300, 200)


def test_a_picture_that_could_not_be_searched_says_so() -> None:
    camera = Camera()
    plainly = camera.take().astype(int)
    noted = camera.take(veil=Veil(lambda: FakeFaceDetector(failures=1), camera.clock)).astype(int)
    rows = np.flatnonzero(np.abs(plainly - noted).max(axis=(1, 2)) > 60)
    assert 15 < rows[0] <= rows[-1] < 45


def test_an_old_picture_is_not_live() -> None:
    camera = Camera()
    camera.clock.advance(4.9)
    camera.take()
    camera.clock.advance(10.0)
    with pytest.raises(NoPictureError, match="Back yard gives no picture: the last one is 15 s old"):
        camera.take()


def test_before_the_first_there_is_none() -> None:
    camera = Camera()
    camera.frame = None
    with pytest.raises(NoPictureError, match="has not given a picture yet"):
        camera.take()
