"""The predictor's file as arrays; a file whose parts do not fit together is refused."""

from __future__ import annotations

from typing import Any, Dict

import pytest

from models.convert.dlib_shape import read_predictor
from models.convert.dlib_stream import DamagedFileError
from tests.fakes.dlib_files import SHAPE, predictor, small_predictor

STAY = [0.0] * 10
TREE = ([(0, 1, 0.5)], [STAY, STAY])
PARTS: Dict[str, Any] = {
    "shape": SHAPE,
    "forests": [[TREE, TREE]],
    "anchors": [[0, 4]],
    "deltas": [[(0.0, 0.0), (0.1, 0.2)]],
}


def test_every_part_becomes_an_array() -> None:
    arrays = read_predictor(small_predictor(), "points.dat")
    assert {name: array.shape for name, array in arrays.items()} == {
        "shape": (5, 2),
        "first": (2, 1, 1),
        "second": (2, 1, 1),
        "threshold": (2, 1, 1),
        "leaves": (2, 1, 2, 5, 2),
        "anchors": (2, 2),
        "deltas": (2, 2, 2),
    }
    assert arrays["threshold"].ravel().tolist() == [50.0, 0.0]
    assert arrays["second"].ravel().tolist() == [1, 0]


@pytest.mark.parametrize(
    "changes",
    [
        {"shape": SHAPE[:8]},
        {"forests": [[TREE, ([(0, 1, 0.5)] * 3, [STAY] * 4)]]},
        {"forests": [[([(0, 1, 0.5)], [STAY])]]},
        {"forests": [[([(0, 1, 0.5)] * 2, [STAY] * 3)]]},
        {"forests": [[([(0, 2, 0.5)], [STAY, STAY])]]},
        {"forests": [[([(0, 1, 0.5)], [STAY, STAY[:9]])]]},
        {"forests": [[]]},
        {"forests": []},
        {"anchors": [[0, 5]]},
        {"anchors": [[0]]},
        {"anchors": [[0, 4]] * 2, "deltas": PARTS["deltas"] * 2},
        {"deltas": [[(0.0, 0.0)]]},
    ],
    ids=str,
)
def test_parts_that_do_not_fit_together_are_refused(changes: Dict[str, Any]) -> None:
    with pytest.raises(DamagedFileError, match=r"points\.dat"):
        read_predictor(predictor(**{**PARTS, **changes}), "points.dat")


def test_a_file_cut_anywhere_is_refused() -> None:
    data = small_predictor()
    for length in range(len(data)):
        with pytest.raises(DamagedFileError):
            read_predictor(data[:length], "points.dat")
    with pytest.raises(DamagedFileError, match="too many"):
        read_predictor(data + b"\0", "points.dat")
