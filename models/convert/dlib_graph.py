"""dlib's face network as an ONNX graph: affines folded into convolutions, shortcuts filled up with zeros."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, Dict, List, Sequence

import numpy as np
import numpy.typing as npt
import onnx
from onnx import TensorProto, helper, numpy_helper

from models.convert.dlib_net import (
    DIMENSIONS,
    SIDE,
    Add,
    Affine,
    Convolution,
    Layer,
    Linear,
    Pool,
    Relu,
    Skip,
    Tag,
)

INPUT, OUTPUT = "chips", "embedding"
OPSET, IR_VERSION = 13, 8  # what TensorRT 8.5 reads without exceptions


@dataclass(frozen=True)
class _Value:
    """A tensor of the graph: its name and what it holds per picture."""

    name: str
    channels: int
    side: int


def build_graph(layers: Sequence[Layer]) -> onnx.ModelProto:
    """The network of `layers`: normalised chips N x 3 x 150 x 150 in, embeddings N x 128 out, N free."""
    graph = _Graph()
    for layer in fold_affines(layers):
        graph.add(layer)
    return graph.model()


def fold_affines(layers: Sequence[Layer]) -> List[Layer]:
    """The same network without affine layers: each is one with the convolution that it follows."""
    folded: List[Layer] = []
    for layer in layers:
        if isinstance(layer, Affine):
            before = folded.pop()
            assert isinstance(before, Convolution), "dlib_net lets an affine follow convolutions alone"
            weights = before.weights * layer.gain[:, None, None, None]
            folded.append(replace(before, weights=weights, bias=before.bias * layer.gain + layer.shift))
        else:
            folded.append(layer)
    return folded


class _Graph:
    """The graph as it grows: each layer takes what the one before it gave."""

    def __init__(self) -> None:
        self._nodes: List[onnx.NodeProto] = []
        self._constants: List[onnx.TensorProto] = []
        self._kept: Dict[int, _Value] = {}
        self._now = _Value(INPUT, 3, SIDE)

    def add(self, layer: Layer) -> None:
        if isinstance(layer, Convolution):
            self._now = self._convolution(layer)
        elif isinstance(layer, Relu):
            self._now = replace(self._now, name=self._node("Relu", [self._now.name]))
        elif isinstance(layer, Pool):
            self._now = self._pool(layer)
        elif isinstance(layer, Tag):
            self._kept[layer.number] = self._now
        elif isinstance(layer, Skip):
            self._now = self._kept[layer.number]
        elif isinstance(layer, Add):
            self._now = self._sum(self._now, self._kept[layer.number])
        elif isinstance(layer, Linear):
            flat = self._node("Flatten", [self._now.name], axis=1)
            weights = self._constant("linear", layer.weights)
            self._nodes.append(helper.make_node("MatMul", [flat, weights], [OUTPUT], name=OUTPUT))

    def model(self) -> onnx.ModelProto:
        chips = helper.make_tensor_value_info(INPUT, TensorProto.FLOAT, ["n", 3, SIDE, SIDE])
        embedding = helper.make_tensor_value_info(OUTPUT, TensorProto.FLOAT, ["n", DIMENSIONS])
        graph = helper.make_graph(self._nodes, "dlib-face", [chips], [embedding], self._constants)
        model = helper.make_model(
            graph,
            producer_name="beffroi",
            ir_version=IR_VERSION,
            opset_imports=[helper.make_opsetid("", OPSET)],
        )
        onnx.checker.check_model(model, full_check=True)
        return model

    def _convolution(self, layer: Convolution) -> _Value:
        number = len(self._nodes)
        weights = self._constant(f"weights{number}", layer.weights)
        bias = self._constant(f"bias{number}", layer.bias)
        filters, _, side, _ = layer.weights.shape
        name = self._node(
            "Conv",
            [self._now.name, weights, bias],
            kernel_shape=[side] * 2,
            strides=[layer.stride] * 2,
            pads=[layer.padding] * 4,
        )
        return _Value(name, filters, (self._now.side + 2 * layer.padding - side) // layer.stride + 1)

    def _pool(self, layer: Pool) -> _Value:
        if layer.side == 0:
            return _Value(self._node("GlobalAveragePool", [self._now.name]), self._now.channels, 1)
        kind = {"max": "MaxPool", "avg": "AveragePool"}[layer.kind]
        name = self._node(kind, [self._now.name], kernel_shape=[layer.side] * 2, strides=[layer.stride] * 2)
        return _Value(name, self._now.channels, (self._now.side - layer.side) // layer.stride + 1)

    def _sum(self, one: _Value, other: _Value) -> _Value:
        channels, side = max(one.channels, other.channels), max(one.side, other.side)
        parts = [self._filled(part, channels, side) for part in (one, other)]
        return _Value(self._node("Add", parts), channels, side)

    def _filled(self, part: _Value, channels: int, side: int) -> str:
        """`part` with zeros below, to the right and in further channels, up to the size wanted."""
        missing = (channels - part.channels, side - part.side)
        if missing == (0, 0):
            return part.name
        pads = np.array([0, 0, 0, 0, 0, missing[0], missing[1], missing[1]], np.int64)
        return self._node("Pad", [part.name, self._constant(f"pads{len(self._nodes)}", pads)])

    def _constant(self, name: str, values: npt.NDArray[np.generic]) -> str:
        self._constants.append(numpy_helper.from_array(np.ascontiguousarray(values), name))
        return name

    def _node(self, kind: str, inputs: Sequence[str], **attributes: Any) -> str:
        name = f"{kind.lower()}{len(self._nodes)}"
        self._nodes.append(helper.make_node(kind, list(inputs), [name], name=name, **attributes))
        return name
