"""The layers of dlib's face network, read from its file.

The form is that of dlib/dnn/core.h and layers.h, the network that of examples/dnn_face_recognition_ex.cpp.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Callable, List, Tuple, Union

from models.convert.dlib_stream import Reader, Tensor

SIDE, DIMENSIONS = 150, 128


@dataclass(frozen=True)
class Input:
    """What is subtracted from red, green and blue; the rest is divided by 256."""

    mean: Tuple[float, float, float]


@dataclass(frozen=True, eq=False)
class Convolution:
    """`weights` is filters x channels x rows x columns, `bias` one value per filter."""

    weights: Tensor
    bias: Tensor
    stride: int
    padding: int


@dataclass(frozen=True, eq=False)
class Affine:
    """value * gain + shift, per channel."""

    gain: Tensor
    shift: Tensor


@dataclass(frozen=True)
class Relu:
    """Negative values become 0."""


@dataclass(frozen=True)
class Pool:
    """`kind` is `max` or `avg`; a `side` of 0 takes the whole picture."""

    kind: str
    side: int
    stride: int


@dataclass(frozen=True)
class Tag:
    """Keeps what comes here, under a number."""

    number: int


@dataclass(frozen=True)
class Skip:
    """Goes on from what was kept under the number."""

    number: int


@dataclass(frozen=True)
class Add:
    """Adds what was kept under the number, where one is smaller with zeros around it."""

    number: int


@dataclass(frozen=True, eq=False)
class Linear:
    """`weights` is inputs x outputs; there is no bias."""

    weights: Tensor


Layer = Union[Input, Convolution, Affine, Relu, Pool, Tag, Skip, Add, Linear]

_LOWER, _TAG, _LAYER, _FIRST = 0, 1, 2, 3
"""How dlib marks a layer: the input not at all, one without content, one with it, the one on the input."""


@dataclass(frozen=True)
class _Step:
    """A layer that must come: its mark, and how its content is read."""

    mark: int
    read: Callable[[Reader], Layer]


def read_network(data: bytes, name: str) -> List[Layer]:
    """The layers of dlib_face_recognition_resnet_model_v1.dat, the input first.

    Raises DamagedFileError where it is anything else.
    """
    reader, steps = Reader(data, name), _steps()
    reader.expect(reader.whole(), 1)
    reader.expect(reader.word(), "loss_metric_2")
    for _ in ("margin", "distance"):
        reader.real()
    # A layer holds the one below it: all marks come first, from the output down.
    for step in reversed(steps):
        if step.mark != _LOWER:
            reader.expect(reader.whole(), step.mark)
    layers = []
    for step in steps:
        layers.append(step.read(reader))
        if step.mark in (_LAYER, _FIRST):
            _pass_state(reader)
        if step.mark == _FIRST:
            reader.expect(reader.whole(), 1)
    reader.end()
    return layers


def _steps() -> List[_Step]:
    """The network's layers in their order, the input first."""
    steps = [
        _Step(_LOWER, _input),
        _Step(_FIRST, _convolution(32, 3, 7, 2)),
        *_affine_relu(32),
        _Step(_LAYER, _pool("max", 3, 2)),
        *_block(32, 32) * 3,
        *_smaller(64, 32),
        *_block(64, 64) * 3,
        *_smaller(128, 64),
        *_block(128, 128) * 2,
        *_smaller(256, 128),
        *_block(256, 256) * 2,
        *_smaller(256, 256),
    ]
    return [*steps, _Step(_LAYER, _pool("avg", 0, 1)), _Step(_LAYER, _linear)]


def _block(filters: int, channels: int) -> List[_Step]:
    """Two convolutions, to which what came in is added."""
    return [_tag(1), *_pair(filters, channels, 1), _Step(_LAYER, _add(1)), _Step(_LAYER, _relu)]


def _smaller(filters: int, channels: int) -> List[_Step]:
    """The same at half the size: what came in is averaged before it is added."""
    shortcut = [_tag(2), _Step(_TAG, lambda _: Skip(1)), _Step(_LAYER, _pool("avg", 2, 2))]
    return [
        _tag(1),
        *_pair(filters, channels, 2),
        *shortcut,
        _Step(_LAYER, _add(2)),
        _Step(_LAYER, _relu),
    ]


def _pair(filters: int, channels: int, stride: int) -> List[_Step]:
    first, second = _convolution(filters, channels, 3, stride), _convolution(filters, filters, 3, 1)
    return [_Step(_LAYER, first), *_affine_relu(filters), _Step(_LAYER, second), _affine(filters)]


def _affine_relu(channels: int) -> List[_Step]:
    return [_affine(channels), _Step(_LAYER, _relu)]


def _tag(number: int) -> _Step:
    return _Step(_TAG, lambda _: Tag(number))


def _input(reader: Reader) -> Input:
    reader.expect(reader.word(), "input_rgb_image_sized")
    mean = (reader.real(), reader.real(), reader.real())
    reader.expect([reader.whole(), reader.whole()], [SIDE, SIDE])
    return Input(mean)


def _convolution(filters: int, channels: int, side: int, stride: int) -> Callable[[Reader], Convolution]:
    padding = side // 2 if stride == 1 else 0

    def read(reader: Reader) -> Convolution:
        reader.expect(reader.word(), "con_4")
        values = reader.tensor().ravel()
        shape = [reader.whole() for _ in range(7)]
        reader.expect(shape, [filters, side, side, stride, stride, padding, padding])
        weights, bias = reader.view(), reader.view()
        reader.expect((weights, bias), ((filters, channels, side, side), (1, filters, 1, 1)))
        size = math.prod(weights)
        reader.expect(values.size, size + filters)
        _pass_rates(reader)
        return Convolution(values[:size].reshape(weights), values[size:], stride, padding)

    return read


def _affine(channels: int) -> _Step:
    def read(reader: Reader) -> Affine:
        reader.expect(reader.word(), "affine_")
        values = reader.tensor().ravel()
        reader.expect((reader.view(), reader.view()), ((1, channels, 1, 1),) * 2)
        reader.expect(values.size, 2 * channels)
        reader.expect(reader.whole(), 0)
        return Affine(values[:channels], values[channels:])

    return _Step(_LAYER, read)


def _relu(reader: Reader) -> Relu:
    reader.expect(reader.word(), "relu_")
    return Relu()


def _pool(kind: str, side: int, stride: int) -> Callable[[Reader], Pool]:
    def read(reader: Reader) -> Pool:
        reader.expect(reader.word(), f"{kind}_pool_2")
        reader.expect([reader.whole() for _ in range(6)], [side, side, stride, stride, 0, 0])
        return Pool(kind, side, stride)

    return read


def _add(number: int) -> Callable[[Reader], Add]:
    def read(reader: Reader) -> Add:
        reader.expect(reader.word(), "add_prev_")
        return Add(number)

    return read


def _linear(reader: Reader) -> Linear:
    reader.expect(reader.word(), "fc_2")
    outputs, inputs = reader.whole(), reader.whole()
    reader.expect(outputs, DIMENSIONS)
    values = reader.tensor().ravel()
    reader.expect((reader.view(), reader.view()), ((inputs, outputs, 1, 1), (0, 0, 0, 0)))
    reader.expect(values.size, inputs * outputs)
    reader.expect(reader.whole(), 1)
    _pass_rates(reader)
    return Linear(values.reshape(inputs, outputs))


def _pass_rates(reader: Reader) -> None:
    """Multipliers of the learning rate and the weight decay, which only training needs."""
    for _ in range(4):
        reader.real()


def _pass_state(reader: Reader) -> None:
    """What dlib keeps of a layer between two runs: three flags and three tensors, all empty."""
    for _ in range(3):
        reader.flag()
    for _ in range(3):
        reader.expect(reader.tensor().size, 0)
