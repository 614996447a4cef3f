"""Files as dlib writes them: the counterpart of models.convert.dlib_stream, and a small predictor."""

from __future__ import annotations

import math
import struct
from typing import Callable, Sequence, Tuple, TypeVar

_T = TypeVar("_T")

Leaf = Sequence[float]
"""Ten numbers: by how much each of the five points moves, in x and y."""
Tree = Tuple[Sequence[Tuple[int, int, float]], Sequence[Leaf]]
"""Splits (pixel, pixel, threshold), and one leaf more."""


def whole(value: int) -> bytes:
    size = max(1, (abs(value).bit_length() + 7) // 8)
    return bytes([size | (0x80 if value < 0 else 0)]) + abs(value).to_bytes(size, "little")


def real(value: float) -> bytes:
    mantissa, exponent = math.frexp(value)
    return whole(int(mantissa * (1 << 24))) + whole(exponent - 24)


def word(text: str) -> bytes:
    return whole(len(text)) + text.encode()


def each(values: Sequence[_T], write: Callable[[_T], bytes]) -> bytes:
    return whole(len(values)) + b"".join(map(write, values))


def tensor(shape: Sequence[int], values: Sequence[float], version: int = 2) -> bytes:
    return b"".join(map(whole, [version, *shape])) + struct.pack(f"<{len(values)}f", *values)


def column(values: Sequence[float]) -> bytes:
    return whole(-len(values)) + whole(-1) + b"".join(map(real, values))


def predictor(
    shape: Sequence[float],
    forests: Sequence[Sequence[Tree]],
    anchors: Sequence[Sequence[int]],
    deltas: Sequence[Sequence[Tuple[float, float]]],
) -> bytes:
    """A file of dlib's shape_predictor: one forest, and the pixels that it compares, a stage."""

    def split(one: Tuple[int, int, float]) -> bytes:
        return whole(one[0]) + whole(one[1]) + real(one[2])

    def tree(one: Tree) -> bytes:
        return each(one[0], split) + each(one[1], column)

    def pixel(one: Tuple[float, float]) -> bytes:
        return real(one[0]) + real(one[1])

    return (
        whole(1)
        + column(shape)
        + each(forests, lambda forest: each(forest, tree))
        + each(anchors, lambda stage: each(stage, whole))
        + each(deltas, lambda stage: each(stage, pixel))
    )


SHAPE = (0.8, 0.3, 0.6, 0.3, 0.2, 0.3, 0.4, 0.3, 0.5, 0.7)
"""Where the small predictor's points begin, in shares of the box."""


def small_predictor() -> bytes:
    """Moves every point by a tenth of the box to the right where the inner corner of the left eye is brighter
    than the right eye's by more than 50, by as much to the left where not; a second stage does nothing."""
    right, left, stay = [0.1, 0.0] * 5, [-0.1, 0.0] * 5, [0.0] * 10
    forests: Sequence[Sequence[Tree]] = [[([(0, 1, 50.0)], [right, left])], [([(1, 0, 0.0)], [stay, stay])]]
    return predictor(SHAPE, forests, [[1, 3]] * 2, [[(0.0, 0.0), (0.0, 0.0)]] * 2)
