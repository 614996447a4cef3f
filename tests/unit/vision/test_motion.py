"""What moves before a camera, and what only seems to."""

from __future__ import annotations

from typing import Any, Callable, Dict

import cv2
import numpy as np
import numpy.typing as npt
import pytest

from agent.ports import Picture
from agent.vision.motion import MotionGauge

HEIGHT, WIDTH = 180, 320
RANDOM = np.random.default_rng(1)
SMALL = RANDOM.integers(40, 200, (18, 32, 3)).astype(np.uint8)
STREET: Picture = np.asarray(cv2.resize(SMALL, (WIDTH, HEIGHT), interpolation=cv2.INTER_CUBIC), np.uint8)


def shown(picture: npt.NDArray[Any]) -> Picture:
    return np.asarray(np.clip(picture, 0, 255), np.uint8)


def grainy(number: int) -> Picture:
    """A sensor at night."""
    return shown(STREET + np.random.default_rng(number).normal(0.0, 8.0, STREET.shape))


def rainy(number: int) -> Picture:
    """Bright streaks, each time elsewhere."""
    random, drops = np.random.default_rng(number), np.zeros(STREET.shape)
    for x, y in random.integers((0, 0), (WIDTH, HEIGHT), (80, 2)).tolist():
        cv2.line(drops, (x, y), (x - 1, y + 6), (40, 40, 40))
    return shown(STREET + drops)


def breathing(number: int) -> Picture:
    """Exposure that hunts: a tenth up and down."""
    return shown(STREET * (1.0 + 0.1 * np.sin(number)))


def swaying(number: int) -> Picture:
    """Leaves in a corner, always in motion."""
    picture = STREET.astype(float)
    leaves = np.random.default_rng(number).normal(0.0, 8.0, (5, 5, 3))
    picture[:50, :50] += cv2.resize(leaves, (50, 50), interpolation=cv2.INTER_LINEAR)
    return shown(picture)


RESTLESS: Dict[str, Callable[[int], Picture]] = {
    "grain": grainy,
    "rain": rainy,
    "exposure": breathing,
    "leaves": swaying,
}


def with_person(picture: Picture, x: int = 150, height: int = 20, contrast: int = 40) -> Picture:
    person = picture.astype(int)
    person[100 - height : 100, x : x + height // 3] += contrast
    return shown(person)


def looks(gauge: MotionGauge, picture_of: Callable[[int], Picture], numbers: range) -> int:
    """How many of so many pictures are looked at, for something moved."""
    looked = 0
    for number in numbers:
        if gauge.moved(picture_of(number)):
            gauge.keep()
            looked += 1
    return looked


def settled(picture_of: Callable[[int], Picture]) -> MotionGauge:
    gauge = MotionGauge()
    looks(gauge, picture_of, range(100))
    return gauge


def test_the_first_picture_is_news_until_it_is_kept() -> None:
    gauge = MotionGauge()
    assert gauge.moved(STREET)
    assert gauge.moved(STREET)
    gauge.keep()
    assert not gauge.moved(STREET)


@pytest.mark.parametrize("picture_of", RESTLESS.values(), ids=list(RESTLESS))
def test_what_is_always_there_is_hardly_ever_motion_before_long(picture_of: Callable[[int], Picture]) -> None:
    gauge = settled(picture_of)
    assert looks(gauge, picture_of, range(100, 150)) <= 3


@pytest.mark.parametrize("picture_of", RESTLESS.values(), ids=list(RESTLESS))
def test_somebody_who_comes_is_seen_through_it(picture_of: Callable[[int], Picture]) -> None:
    gauge = settled(picture_of)
    assert gauge.moved(with_person(picture_of(100)))


def test_somebody_small_and_faint_is_seen_on_a_clear_day() -> None:
    gauge = settled(lambda number: STREET)
    assert gauge.moved(with_person(STREET, height=12, contrast=15))
    assert gauge.moved(with_person(STREET, height=12, contrast=-15))


def test_a_change_of_light_in_a_part_of_the_picture_is_one_look() -> None:
    gauge = settled(lambda number: STREET)
    lit = STREET.astype(int)
    lit[:, :100] += 50
    assert gauge.moved(shown(lit))
    gauge.keep()
    assert not gauge.moved(shown(lit))


def test_what_moves_too_slowly_to_be_seen_from_picture_to_picture_is_seen_in_the_end() -> None:
    gauge = settled(lambda number: with_person(STREET))
    moved = [gauge.moved(with_person(STREET, x=150 + step)) for step in range(10)]
    assert not moved[0]
    assert all(moved[6:])


def test_heavy_traffic_never_becomes_noise() -> None:
    def road(number: int) -> Picture:
        picture: Picture = STREET.copy()
        for car in range(0, WIDTH, 80):
            left = (car + 19 * number) % WIDTH
            picture[75:115, left : left + 45] = (20, 20, 230)
        return picture

    gauge = settled(road)
    looks(gauge, road, range(100, 300))
    assert looks(gauge, road, range(300, 330)) == 30


def test_a_black_picture_with_grain_is_still() -> None:
    def night(number: int) -> Picture:
        return shown(np.random.default_rng(number).normal(2.0, 3.0, STREET.shape))

    gauge = settled(night)
    assert looks(gauge, night, range(100, 150)) == 0
    assert gauge.moved(with_person(night(150), contrast=25))
