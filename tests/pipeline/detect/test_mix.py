"""The batches of an epoch."""

from __future__ import annotations

import numpy as np
import pytest

torch = pytest.importorskip("torch", reason="training needs torch: pip install 'beffroi[train]'")

from models.detect.assign import Target  # noqa: E402  # after the skip
from models.detect.data import Sample  # noqa: E402
from models.detect.mix import Varied, batched, seen_at  # noqa: E402

EVERY = frozenset({"fire", "smoke"})


def samples() -> list[Sample]:
    """Four pictures of one flame each."""
    found = []
    for number in range(4):
        picture = np.full((64, 64, 3), 40 * number, np.uint8)
        picture[16:48, 16:48] = (0, 120, 255)
        found.append(Sample(picture, np.array([[0, 16, 16, 48, 48]], np.float32), EVERY))
    return found


def boxes_in(varied: Varied) -> list[int]:
    return [len(target.boxes) for _, target in (varied[index] for index in range(len(varied)))]


def test_joined_pictures_have_the_boxes_of_several_and_single_ones_theirs() -> None:
    picks = [0, 1, 2, 3] * 4
    assert max(boxes_in(Varied(samples(), picks, 64, 1, joined=True))) > 1
    assert max(boxes_in(Varied(samples(), picks, 64, 1, joined=False))) == 1


def test_a_picture_that_burns_who_knows_where_is_not_joined_cut_or_lost() -> None:
    flame = np.zeros((64, 64, 3), np.uint8)
    for corner in (flame[:12, :12], flame[:12, -12:], flame[-12:, :12], flame[-12:, -12:]):
        corner[:] = (0, 60, 255)
    burning = Sample(flame, np.zeros((0, 5), np.float32), frozenset(), burning=(0, 1))
    varied = Varied([burning, *samples()], [0] * 40, 64, 1, joined=True)
    for picture, target in (varied[index] for index in range(len(varied))):
        assert target.burning == (0, 1)
        assert not len(target.boxes)
        red = picture[2] > picture[0] + 40
        rows, columns = red.any(1).nonzero(), red.any(0).nonzero()  # all four corners are in it
        assert 32 - 4 <= int(rows.max() - rows.min()) < 64
        assert 32 - 4 <= int(columns.max() - columns.min()) < 64


def test_of_what_shows_nothing_half_is_as_whole_as_what_burns() -> None:
    """Or the network learns that what is cut does not burn."""
    white = Sample(np.full((64, 64, 3), 255, np.uint8), np.zeros((0, 5), np.float32), EVERY)
    varied = Varied([white], [0] * 60, 64, 1, joined=True)
    edges = [picture[:, [0, -1]].min() < 120 and picture[:, :, [0, -1]].min() < 120 for picture, _ in
             (varied[index] for index in range(60))]  # fmt: skip
    assert 30 <= sum(edges) < 60


def test_a_batch_is_seen_smaller_with_its_boxes() -> None:
    target = Target(torch.tensor([[8.0, 16.0, 32.0, 48.0]]), torch.tensor([0]), torch.tensor([True, True]))
    pictures, targets = batched([(torch.full((3, 64, 64), 9.0), target)])
    smaller, there = seen_at(32, pictures, targets)
    assert smaller.shape == (1, 3, 32, 32)
    assert bool((smaller == 9).all())
    assert there[0].boxes.tolist() == [[4, 8, 16, 24]]
    same, _ = seen_at(64, pictures, targets)
    assert same is pictures


def test_a_flame_is_set_at_times_into_what_shows_nothing() -> None:
    empty = Sample(np.zeros((64, 64, 3), np.uint8), np.zeros((0, 5), np.float32), EVERY)
    lit = boxes_in(Varied([empty, *samples()], [0] * 40, 64, 1, joined=False))
    assert 0 < sum(lit) < 40
