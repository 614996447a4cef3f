from __future__ import annotations

from typing import Tuple

import numpy as np
import pytest

from agent.ports import Picture
from agent.vision.preprocess import InputSpec, fitted, resized, to_batch


def noise(height: int, width: int, seed: int = 1) -> Picture:
    return np.random.default_rng(seed).integers(0, 256, (height, width, 3), np.uint8)


@pytest.mark.parametrize(("colour", "first"), [("RGB", (30.0, 20.0, 10.0)), ("BGR", (10.0, 20.0, 30.0))])
def test_channels_come_in_the_order_asked_for(colour: str, first: Tuple[float, ...]) -> None:
    picture: Picture = np.full((4, 6, 3), (10, 20, 30), np.uint8)
    batch = to_batch([picture], InputSpec(6, 4, colour))
    assert batch.shape == (1, 3, 4, 6)
    assert batch.dtype == np.float32
    assert tuple(batch[0, :, 0, 0]) == first


def test_values_are_shifted_and_scaled_per_channel() -> None:
    picture = noise(8, 8)
    mean, scale = (123.7, 116.3, 103.5), (58.4, 57.1, 1.0)
    (planes,) = to_batch([picture], InputSpec(8, 8, "RGB", mean, scale))
    expected = (picture[:, :, ::-1].astype(np.float64) - mean) / scale
    assert np.allclose(planes, expected.transpose(2, 0, 1), atol=1e-4)


def test_pictures_of_different_sizes_share_a_batch_and_keep_their_order() -> None:
    shades = [(5, (16, 24)), (100, (64, 24)), (200, (8, 100)), (255, (12, 20))]
    pictures: list[Picture] = [np.full((*size, 3), shade, np.uint8) for shade, size in shades]
    batch = to_batch(pictures, InputSpec(20, 12))
    assert batch.shape == (4, 3, 12, 20)
    assert [float(one.mean()) for one in batch] == pytest.approx([5, 100, 200, 255])


def test_a_batch_is_the_same_as_its_pictures_alone() -> None:
    pictures = [noise(40, 30, 1), noise(17, 99, 2), noise(32, 32, 3)]
    spec = InputSpec(32, 32, "RGB", (127.0, 127.0, 127.0), (128.0, 128.0, 128.0))
    alone = [to_batch([picture], spec)[0] for picture in pictures]
    assert np.array_equal(to_batch(pictures, spec), np.stack(alone))


def test_no_pictures_make_an_empty_batch() -> None:
    assert to_batch([], InputSpec(8, 6)).shape == (0, 3, 6, 8)


def test_a_picture_that_is_a_view_is_read_right() -> None:
    whole = noise(60, 80)
    view = whole[5:45:2, ::-3]
    assert not view.flags.c_contiguous
    spec = InputSpec(view.shape[1], view.shape[0], "RGB")
    assert np.array_equal(to_batch([view], spec), to_batch([np.ascontiguousarray(view)], spec))
    spec = InputSpec(16, 16, "RGB")
    assert np.array_equal(to_batch([view], spec), to_batch([np.ascontiguousarray(view)], spec))


def test_shrinking_averages_and_growing_interpolates() -> None:
    checks: Picture = np.zeros((64, 64, 3), np.uint8)
    checks[::2, ::2] = checks[1::2, 1::2] = 255
    assert np.abs(resized(checks, 16, 16).astype(int) - 128).max() <= 1, "fine detail becomes its mean"
    edge: Picture = np.zeros((2, 2, 3), np.uint8)
    edge[:, 1] = 200
    grown = resized(edge, 8, 2)[0, :, 0]
    assert list(grown) == sorted(grown)
    assert len(set(grown)) > 2, "between two values are others"
    assert resized(noise(8, 64), 16, 32).shape == (32, 16, 3)


def test_the_right_size_is_not_copied() -> None:
    picture = noise(8, 12)
    assert resized(picture, 12, 8) is picture


def test_the_picture_itself_is_left_alone() -> None:
    picture = noise(8, 12)
    before = picture.copy()
    to_batch([picture], InputSpec(12, 8, "RGB", (1.0, 2.0, 3.0), (4.0, 5.0, 6.0)))
    assert np.array_equal(picture, before)


@pytest.mark.parametrize(
    ("width", "height", "shown"),
    [(640, 360, (64, 36)), (90, 160, (36, 64)), (32, 32, (64, 64)), (1, 999, (1, 64))],
)
def test_a_letterbox_keeps_proportions(width: int, height: int, shown: Tuple[int, int]) -> None:
    spec = InputSpec(64, 64, "BGR", resize="letterbox")
    assert fitted(width, height, spec) == shown
    (planes,) = to_batch([np.full((height, width, 3), 200, np.uint8)], spec)
    seen = planes[0] == 200
    assert (seen.any(0).sum(), seen.any(1).sum()) == shown
    assert seen[: shown[1], : shown[0]].all()
    assert planes.sum() == 3 * 200 * shown[0] * shown[1]


def test_squashed_pictures_fill_the_input() -> None:
    assert fitted(640, 360, InputSpec(64, 32)) == (64, 32)


def test_beside_a_picture_in_a_letterbox_is_grey_of_the_given_value() -> None:
    spec = InputSpec(64, 64, "RGB", (14.0, 14.0, 14.0), (2.0, 2.0, 2.0), "letterbox", 114)
    (planes,) = to_batch([np.full((32, 64, 3), 200, np.uint8)], spec)
    assert (planes[:, :32] == 93).all()
    assert (planes[:, 32:] == 50).all()
