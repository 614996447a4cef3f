"""Each degradation does what its name says, and always the same to the same picture."""

from __future__ import annotations

import numpy as np
import pytest

from agent.ports import Picture
from models.degrade import DEGRADATIONS, Degradation

BY_KEY = {one.key: one for one in DEGRADATIONS}
SHA = "0123456789abcdef" * 4


@pytest.fixture(scope="module")
def picture() -> Picture:
    """Coloured stripes with fine texture, 96 x 128."""
    noise = np.random.default_rng(1).integers(-40, 40, (96, 128, 1))
    stripes = np.full((96, 128, 3), (60, 120, 190), np.int64)
    stripes[:, ::16] = (190, 120, 60)
    return np.asarray(np.clip(stripes + noise, 0, 255), np.uint8)


def contrast(picture: Picture) -> float:
    """Between neighbours."""
    return float(np.abs(np.diff(picture.astype(int), axis=1)).mean())


def test_there_are_two_strengths_of_each() -> None:
    names = [one.name for one in DEGRADATIONS]
    assert sorted(BY_KEY) == sorted(f"{name} {strength}" for name in set(names) for strength in (1, 2))
    assert set(names) == {"darkness", "rain", "blur", "JPEG", "resolution", "grey"}


@pytest.mark.parametrize("one", DEGRADATIONS, ids=lambda one: one.key)
def test_the_same_picture_comes_out_the_same(one: Degradation, picture: Picture) -> None:
    spoilt = one.of(picture, SHA)
    assert spoilt.dtype == np.uint8
    assert spoilt.ndim == 3
    assert np.array_equal(spoilt, one.of(picture.copy(), SHA))
    assert spoilt.shape != picture.shape or not np.array_equal(spoilt, picture)


@pytest.mark.parametrize("key", ["darkness 1", "darkness 2", "rain 1", "rain 2", "grey 2"])
def test_another_file_gets_other_noise(key: str, picture: Picture) -> None:
    assert not np.array_equal(BY_KEY[key].of(picture, SHA), BY_KEY[key].of(picture, SHA[::-1]))


def test_less_light_is_darker(picture: Picture) -> None:
    dusk, night = (BY_KEY[key].of(picture, SHA).mean() for key in ("darkness 1", "darkness 2"))
    assert dusk == pytest.approx(picture.mean() * 0.25 ** (1 / 2.2), rel=0.02)
    assert night < 0.6 * dusk


def test_rain_hides_more_the_more_it_rains(picture: Picture) -> None:
    drizzle, storm = (
        np.abs(BY_KEY[key].of(picture, SHA).astype(int) - picture).mean() for key in ("rain 1", "rain 2")
    )
    assert 5 < drizzle < storm


def test_blur_and_compression_take_detail_away(picture: Picture) -> None:
    for name in ("blur", "JPEG"):
        mild, strong = (BY_KEY[f"{name} {strength}"].of(picture, SHA) for strength in (1, 2))
        assert np.abs(mild.astype(int) - picture).mean() < np.abs(strong.astype(int) - picture).mean()
    assert contrast(BY_KEY["blur 2"].of(picture, SHA)) < 0.5 * contrast(picture)


def test_the_picture_gets_smaller(picture: Picture) -> None:
    assert BY_KEY["resolution 1"].of(picture, SHA).shape == (48, 64, 3)
    assert BY_KEY["resolution 2"].of(picture, SHA).shape == (24, 32, 3)


def test_grey_has_no_colour_and_the_second_dark_corners(picture: Picture) -> None:
    for key in ("grey 1", "grey 2"):
        assert (np.ptp(BY_KEY[key].of(picture, SHA), axis=2) == 0).all()
    lit = BY_KEY["grey 2"].of(picture, SHA)
    assert lit[:12, :12].mean() < 0.7 * lit[40:56, 56:72].mean()
