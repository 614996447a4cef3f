"""What shows nothing is told from what shows little: a night, a lamp, a flame, a fog."""

from __future__ import annotations

from pathlib import Path
from typing import Iterator, Optional

import cv2
import numpy as np
import pytest

from agent.domain.camera import Blindness, Quality
from agent.ports import Picture
from agent.vision.quality import QualityGauge

CLIPS = Path(__file__).parents[4] / "shared" / "videos"


def rng() -> np.random.Generator:
    return np.random.default_rng(4)


def street(height: int = 720, width: int = 1280) -> Picture:
    """Shapes of many sizes and a sensor's noise."""
    random = rng()
    pixels = np.full((height, width, 3), 120, np.uint8)
    for _ in range(150):
        x, y = int(random.integers(width)), int(random.integers(height))
        w, h = int(random.integers(8, width // 6)), int(random.integers(8, height // 5))
        colour = [int(value) for value in random.integers(20, 235, 3)]
        cv2.rectangle(pixels, (x, y), (x + w, y + h), colour, -1)
    return noisy(pixels, 3.0)


def flat(level: float, noise: float = 2.0) -> Picture:
    return noisy(np.full((720, 1280, 3), level, np.uint8), noise)


def noisy(pixels: Picture, spread: float) -> Picture:
    noise = rng().normal(0, spread, pixels.shape)
    return np.clip(pixels + noise, 0, 255).astype(np.uint8)


def blindness(pixels: Picture) -> Optional[Blindness]:
    return QualityGauge().assess(pixels).blindness


def test_a_street_is_usable_and_sharp() -> None:
    quality = QualityGauge().assess(street())
    assert quality.blindness is None
    assert not quality.blurred


@pytest.mark.parametrize("level", [0, 5, 16, 24])
def test_darkness_is_black(level: int) -> None:
    assert blindness(flat(level)) is Blindness.BLACK


def test_a_night_with_one_lamp_is_not_black() -> None:
    night = flat(6)
    cv2.circle(night, (900, 200), 9, (200, 230, 255), -1)
    assert blindness(night) is None


def test_a_small_flame_in_the_dark_is_not_black() -> None:
    night = flat(3)
    cv2.ellipse(night, (400, 600), (8, 16), 0, 0, 360, (20, 120, 240), -1)
    assert blindness(night) is None


def test_a_dim_street_is_not_black() -> None:
    assert blindness((street() * 0.12).astype(np.uint8)) is None


def test_a_burnt_picture_is_washed_out() -> None:
    assert blindness(flat(253)) is Blindness.WASHED_OUT


@pytest.mark.parametrize("level", [60, 120, 200])
def test_a_lens_behind_cloth_or_paint_is_covered(level: int) -> None:
    shaded = np.linspace(level - 15, level + 15, 1280)[None, :, None] * np.ones((720, 1, 3))
    assert blindness(noisy(shaded.astype(np.uint8), 3.0)) is Blindness.COVERED


def test_thin_fog_is_not_covered() -> None:
    fog = (street().astype(np.float32) * 0.15 + 170).astype(np.uint8)
    assert blindness(fog) is None


def test_the_same_picture_again_is_frozen() -> None:
    gauge = QualityGauge()
    assert gauge.assess(street()).blindness is None
    assert gauge.assess(street()).blindness is Blindness.FROZEN


def test_a_frozen_picture_that_is_encoded_anew_is_frozen() -> None:
    gauge = QualityGauge()
    group = [noisy(street(), 1.0 + step) for step in range(5)]
    verdicts = [gauge.assess(group[n % 5]).blindness for n in range(15)]
    assert verdicts == [None] * 5 + [Blindness.FROZEN] * 10


def test_the_noise_of_a_sensor_is_enough_to_be_new() -> None:
    gauge = QualityGauge()
    scene = street()
    random = rng()
    for _ in range(10):
        fresh = scene.copy()
        rows, columns = random.integers(0, 720, 4000), random.integers(0, 1280, 4000)
        fresh[rows, columns] ^= 1
        assert gauge.assess(fresh).blindness is None


def test_what_is_out_of_focus_is_blurred() -> None:
    soft = np.asarray(cv2.GaussianBlur(street(), (0, 0), 1280 / 20), np.uint8)
    quality = QualityGauge().assess(noisy(soft, 1.0))
    assert quality.blindness is None
    assert quality.blurred


def test_black_outranks_frozen() -> None:
    gauge = QualityGauge()
    gauge.assess(flat(3))
    assert gauge.assess(flat(3)).blindness is Blindness.BLACK


@pytest.mark.parametrize("size", [(1, 1), (37, 61), (90, 160), (2000, 300)])
def test_any_size_is_judged(size: tuple[int, int]) -> None:
    pixels = rng().integers(0, 255, (*size, 3), np.uint8)
    assert isinstance(QualityGauge().assess(pixels), Quality)


@pytest.mark.skipif(not CLIPS.is_dir(), reason="the clips are not here")
def test_no_real_clip_is_called_blind() -> None:
    clips = sorted(CLIPS.glob("*.mp4"))
    assert clips
    for clip in clips:
        gauge = QualityGauge()
        for pixels in _some_pictures(clip):
            quality = gauge.assess(pixels)
            assert quality.blindness is None, clip.name
            assert not quality.blurred, clip.name


def _some_pictures(clip: Path) -> Iterator[Picture]:
    """One a second, of the first eight seconds."""
    capture = cv2.VideoCapture(str(clip))
    step = max(1, round(capture.get(cv2.CAP_PROP_FPS)))
    for index in range(step * 8):
        if not capture.grab():
            break
        if index % step == 0:
            yield capture.retrieve()[1]  # type: ignore[misc]
    capture.release()
