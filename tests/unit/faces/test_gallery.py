from __future__ import annotations

import math
from typing import List, Tuple

import numpy as np
import numpy.typing as npt
import pytest

from agent.domain.face import Nearest
from agent.faces.gallery import Gallery
from agent.ports import Embeddings


def faces(count: int, seed: int = 0) -> Embeddings:
    return np.random.default_rng(seed).normal(0, 0.1, (count, 128)).astype(np.float32)


def one_by_one(people: npt.NDArray[np.int64], enrolled: Embeddings, row: npt.NDArray[np.float32]) -> Nearest:
    """What the search must find, written down as plainly as can be."""
    means = {int(who): enrolled[people == who].astype(float).mean(0) for who in people}
    pairs: List[Tuple[float, int]] = sorted((float(np.linalg.norm(m - row)), who) for who, m in means.items())
    return Nearest(pairs[0][1], pairs[0][0], pairs[1][0])


@pytest.mark.parametrize("rows", [1, 16, 40])
def test_finds_what_a_search_of_every_pair_finds(rows: int) -> None:
    people = np.random.default_rng(1).integers(1, 60, 300)
    enrolled, seen = faces(300), faces(rows, seed=2)
    for found, row in zip(Gallery(people, enrolled).nearest(seen), seen):
        expected = one_by_one(people, enrolled, row)
        assert found.person == expected.person
        assert (found.distance, found.second) == pytest.approx((expected.distance, expected.second), abs=1e-6)


def test_an_enrolled_picture_has_no_distance() -> None:
    enrolled = faces(50)
    (found,) = Gallery(np.arange(50), enrolled).nearest(enrolled[7:8])
    assert found.person == 7
    assert found.distance == 0
    assert found.second > 0.5


def test_a_person_is_the_mean_of_their_pictures() -> None:
    enrolled = faces(3)
    gallery = Gallery(np.array([5, 2, 5]), enrolled)
    assert len(gallery) == 2
    (found,) = gallery.nearest(enrolled[::2].mean(0, keepdims=True, dtype=np.float32))
    assert found.person == 5
    assert found.distance == pytest.approx(0, abs=1e-6)
    assert found.second > 0.5


def test_with_one_person_there_is_nobody_else() -> None:
    (found,) = Gallery(np.array([3, 3]), faces(2)).nearest(faces(1, seed=1))
    assert found.person == 3
    assert math.isinf(found.second)


def test_two_people_with_one_face_are_told_apart_by_nothing() -> None:
    enrolled = np.repeat(faces(1), 2, axis=0)
    (found,) = Gallery(np.array([1, 2]), enrolled).nearest(enrolled[:1])
    assert found.second == found.distance == 0


def test_an_empty_gallery_knows_nobody() -> None:
    nobody = Gallery(np.empty(0, np.int64), np.empty((0, 128), np.float32))
    assert len(nobody) == 0
    assert nobody.nearest(faces(2)) == [Nearest(None, math.inf, math.inf)] * 2
    assert nobody.nearest(faces(0)) == []


def test_does_not_see_what_becomes_of_its_arrays() -> None:
    people, enrolled = np.arange(3), faces(3)
    gallery, seen = Gallery(people, enrolled), faces(3)
    enrolled[:] = 0
    people[:] = 9
    assert [found.person for found in gallery.nearest(seen)] == [0, 1, 2]
    assert len(gallery) == 3


def test_no_faces_are_nearest_to_none() -> None:
    assert Gallery(np.arange(3), faces(3)).nearest(faces(0)) == []


@pytest.mark.parametrize("people", [np.arange(2), np.zeros((3, 1), np.int64)])
def test_refuses_ids_that_do_not_fit(people: npt.NDArray[np.int64]) -> None:
    with pytest.raises(ValueError, match="do not fit together"):
        Gallery(people, faces(3))


def test_refuses_what_is_not_a_number() -> None:
    enrolled = faces(3)
    enrolled[1, 5] = np.nan
    with pytest.raises(ValueError, match="not numbers"):
        Gallery(np.arange(3), enrolled)
