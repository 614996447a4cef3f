"""What a network asks of a device, read from its ONNX graph: multiplications and parameters."""

from __future__ import annotations

import math
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import Any, Dict, List

from models.data import DataError

_SETTINGS = ("QuantizeLinear", "DequantizeLinear", "Clip", "Pad", "Resize")
"""Operators of whose inputs only the first can be weights: the others are scales, zero points, bounds."""

_SHAPES = ("INT64", "BOOL", "STRING")
"""Types of constants that are shapes, axes and the like; weights are floating or of 32 bits and fewer."""

Shapes = Dict[str, List[int]]
"""By the name of a tensor; a size that does not follow from the input's is 0."""


@dataclass(frozen=True)
class Work:
    """Multiply-accumulates for one picture, and how many numbers were learned."""

    macs: int
    parameters: int


def work_of(file: Path) -> Work:
    """Count Conv, Gemm and MatMul of the network in `file`, for one picture.

    A quantised weight counts once, its scales not at all. Raises DataError where onnx is not installed, or a
    layer's shape does not follow from that of the input.
    """
    try:
        onnx = import_module("onnx")
    except ImportError as error:
        raise DataError("multiplications are counted with onnx: pip install 'beffroi[verify]'") from error
    model = onnx.load(str(file))
    for one in model.graph.input:
        one.type.tensor_type.shape.dim[0].dim_value = 1
    del model.graph.value_info[:]  # what an exporter noted may name a free batch
    graph = onnx.shape_inference.infer_shapes(model, data_prop=True).graph
    shapes = _shapes(graph)
    try:
        macs = sum(_macs(node, shapes) for node in graph.node)
    except KeyError as error:
        raise DataError(
            f"{file}: the shape of {error} does not follow from the input's: export it with fixed sizes"
        ) from error
    return Work(macs, _parameters(onnx, graph))


def _shapes(graph: Any) -> Shapes:
    shapes: Shapes = {one.name: list(one.dims) for one in graph.initializer}
    for one in (*graph.input, *graph.value_info, *graph.output):
        shapes[one.name] = [size.dim_value for size in one.type.tensor_type.shape.dim]
    return shapes


def _macs(node: Any, shapes: Shapes) -> int:
    """Output elements by the products that each is a sum of; biases are not counted."""
    if node.op_type == "Conv":
        _, *kernel = _known(node.input[1], shapes)  # outputs, inputs of a group, height, width
        return math.prod(_known(node.output[0], shapes)) * math.prod(kernel)
    if node.op_type == "Gemm":
        across = any(one.name == "transA" and one.i for one in node.attribute)
        return math.prod(_known(node.output[0], shapes)) * _known(node.input[0], shapes)[0 if across else 1]
    if node.op_type == "MatMul":
        return math.prod(_known(node.output[0], shapes)) * _known(node.input[0], shapes)[-1]
    return 0


def _known(name: str, shapes: Shapes) -> List[int]:
    """Raises KeyError for a tensor of unknown shape."""
    if not all(shapes[name]):
        raise KeyError(name)
    return shapes[name]


def _parameters(onnx: Any, graph: Any) -> int:
    settings = {name for node in graph.node if node.op_type in _SETTINGS for name in node.input[1:] if name}
    constants = {one.name: one for one in graph.initializer}
    for node in graph.node:
        if node.op_type == "Constant":
            constants.update((node.output[0], one.t) for one in node.attribute if one.name == "value")
    shapes = {getattr(onnx.TensorProto, name) for name in _SHAPES}
    return sum(
        math.prod(one.dims)
        for name, one in constants.items()
        if one.dims and one.data_type not in shapes and name not in settings
    )
