"""Nobody can be told in a picture that leaves, whatever becomes of the detector."""

from __future__ import annotations

import threading
from typing import List, Optional, Sequence

import numpy as np
import pytest

from agent.domain.box import Box
from agent.errors import BundleError
from agent.faces.veil import UNVEILED, Veil, eager_detector, veil_of
from agent.ports import Face, FaceDetector, Picture
from tests.fakes.clock import FakeClock
from tests.fakes.faces import FakeFaceDetector, street
from tests.fakes.passers_by import SIDE, passer_by, recognisable

LIMIT_S = 20.0


class SlowDetector(FakeFaceDetector):
    """Takes half a second a picture."""

    def __init__(self, clock: FakeClock) -> None:
        super().__init__()
        self._clock = clock

    def find(self, pictures: Sequence[Picture]) -> List[List[Face]]:
        self._clock.advance(0.5)
        return super().find(pictures)


class HeldDetector(FakeFaceDetector):
    """Hangs until it is let go."""

    def __init__(self) -> None:
        super().__init__()
        self.hangs, self.go = threading.Event(), threading.Event()

    def find(self, pictures: Sequence[Picture]) -> List[List[Face]]:
        self.hangs.set()
        assert self.go.wait(LIMIT_S)
        return super().find(pictures)


class BlindDetector(FakeFaceDetector):
    """Finds nobody."""

    def find(self, pictures: Sequence[Picture]) -> List[List[Face]]:
        return [[] for _ in pictures]


class Maker:
    """Makes detectors of which the first ones fail: to be made (`missing`), or to look (`failing`)."""

    def __init__(self, missing: int = 0, failing: int = 0) -> None:
        self.made: List[FakeFaceDetector] = []
        self._missing, self._failing = missing, failing

    def __call__(self) -> FaceDetector:
        if self._missing:
            self._missing -= 1
            raise BundleError("there is no bundle 'yunet'")
        self.made.append(FakeFaceDetector(failures=1 if self._failing > len(self.made) else 0))
        return self.made[-1]


HERE, THERE = (100, 150), (300, 150)
THERE_BOX = Box(300, 150, 300 + SIDE, 150 + SIDE)


def scene(height: int = 360, width: int = 640) -> Picture:
    """Two people; something bright burns at the right."""
    picture = passer_by(passer_by(street(height, width), *HERE), *THERE)
    picture[200:300, 500:600] = (0, 255, 255)
    return picture


def test_faces_are_veiled_and_nothing_else() -> None:
    picture = scene()
    veiled = Veil(FakeFaceDetector, FakeClock()).over(picture)
    assert not recognisable(veiled.picture, *HERE)
    assert not recognisable(veiled.picture, *THERE)
    assert veiled.note is None
    assert len(veiled.faces) == 2
    assert (veiled.picture[:, 420:] == picture[:, 420:]).all()
    assert recognisable(picture, *HERE)


def test_who_may_be_seen_is_seen() -> None:
    veiled = Veil(FakeFaceDetector, FakeClock()).over(scene(), clear=[THERE_BOX])
    assert not recognisable(veiled.picture, *HERE)
    assert recognisable(veiled.picture, *THERE)
    assert len(veiled.faces) == 1


def test_a_face_that_is_known_to_be_there_is_veiled_unfound() -> None:
    veiled = Veil(BlindDetector, FakeClock()).over(scene(), also=[THERE_BOX])
    assert recognisable(veiled.picture, *HERE)
    assert not recognisable(veiled.picture, *THERE)
    assert veiled.faces == []


def test_one_detector_serves_every_picture_until_the_veil_is_closed() -> None:
    make = Maker()
    veil = Veil(make, FakeClock())
    assert make.made == []
    for _ in range(3):
        veil.over(scene())
    veil.close()
    veil.close()
    assert [one.closed for one in make.made] == [True]
    assert not recognisable(veil.over(scene()).picture, *HERE)
    assert len(make.made) == 2


@pytest.mark.parametrize("make", [Maker(missing=1), Maker(failing=1)])
def test_a_picture_that_cannot_be_searched_is_coarse_and_the_next_is_tried_again(make: Maker) -> None:
    veil = Veil(make, FakeClock())
    picture = scene()
    first = veil.over(picture, clear=[THERE_BOX])
    assert first.note == "veiled as a whole: faces could not be looked for"
    assert not recognisable(first.picture, *HERE)
    assert not recognisable(first.picture, *THERE)
    assert first.picture[250, 550, 1:].min() > 200, "what burns is still a glow"
    assert all(one.closed for one in make.made if one.failures == 0 and not one.batches)
    second = veil.over(picture)
    assert second.note is None
    assert not recognisable(second.picture, *HERE)
    assert (second.picture[:, 420:] == picture[:, 420:]).all()


def test_where_the_time_runs_out_only_small_faces_may_hide_and_they_are_coarse() -> None:
    clock = FakeClock()
    picture = street(1080, 1920)
    passer_by(picture, *HERE)
    picture[:, 1500:1508] = 255
    picture[300:308] = 255
    picture[600:, ::2] = 255
    detector = SlowDetector(clock)
    veiled = Veil(lambda: detector, clock, within_s=1.2).over(picture)
    assert detector.batches == [1] * 3  # the whole, and two parts
    assert veiled.note == "partly veiled: no time to look for small faces"
    assert not recognisable(veiled.picture, *HERE)
    assert (veiled.picture[300:308, 300:700] == 255).all(), "a part that was looked at"
    fine = veiled.picture[700:1000, 100:1800].astype(int)
    assert np.abs(np.diff(fine[..., 0], axis=1)).max() < 20, "a part that was not"


def test_a_picture_never_waits_long_for_another() -> None:
    held = HeldDetector()
    veil = Veil(lambda: held, FakeClock(), within_s=0.05)
    first: List[Optional[str]] = []
    thread = threading.Thread(target=lambda: first.append(veil.over(scene()).note))
    thread.start()
    assert held.hangs.wait(LIMIT_S)
    second = veil.over(scene())
    held.go.set()
    thread.join(LIMIT_S)
    assert second.note == "veiled as a whole: faces could not be looked for"
    assert not recognisable(second.picture, *HERE)
    assert first == [None]


def test_the_configuration_says_whether_there_is_a_veil() -> None:
    picture = scene()
    assert veil_of(False, None, FakeClock()) is UNVEILED
    assert (UNVEILED.over(picture).picture == picture).all()
    assert isinstance(veil_of(True, 1, FakeClock()), Veil)


def test_the_detector_of_the_veil_is_easily_convinced() -> None:
    detector = eager_detector(threads=1)
    assert detector.model.thresholds["score"] < 0.3
    assert detector.find([street()]) == [[]]
    detector.close()


def test_the_veil_looks_with_what_ships() -> None:
    veil = veil_of(True, 1, FakeClock())
    assert veil.over(street()).note is None
