from __future__ import annotations

import random

import numpy as np

from models.augment import augment

PICTURE = np.random.default_rng(2).integers(0, 255, (272, 272, 3)).astype(np.uint8)


def test_the_same_state_gives_the_same_variant_and_another_another() -> None:
    first, again = augment(PICTURE, 96, random.Random(4)), augment(PICTURE, 96, random.Random(4))
    assert (first == again).all()
    assert (first != augment(PICTURE, 96, random.Random(5))).any()


def test_every_variant_is_a_picture_of_the_size_asked_for() -> None:
    rng = random.Random(0)
    for _ in range(150):
        varied = augment(PICTURE, 64, rng)
        assert varied.shape == (64, 64, 3)
        assert varied.dtype == np.uint8


def test_the_original_is_untouched() -> None:
    kept = PICTURE.copy()
    for seed in range(30):
        augment(PICTURE, 64, random.Random(seed))
    assert (kept == PICTURE).all()
