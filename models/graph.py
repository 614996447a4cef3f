"""Tidy an exported graph, so that the plainest parser reads it."""

from __future__ import annotations

from typing import Any, Dict, List

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper
from onnx.reference import ReferenceEvaluator


def fold_padding(model: onnx.ModelProto) -> onnx.ModelProto:
    """Move zero padding in front of a convolution into the convolution, and drop what becomes unused.

    PyTorch writes uneven padding as a chain of shape operators in front of a Pad; a convolution takes uneven
    padding itself, and fewer kinds of operator are fewer that a device may lack. Changes `model` in place.
    """
    graph = model.graph
    made_by = {name: node for node in graph.node for name in node.output}
    for conv in graph.node:
        pad = made_by.get(conv.input[0]) if conv.op_type == "Conv" else None
        if pad is None or pad.op_type != "Pad":
            continue
        amounts = _constant(pad.input[1], made_by, model)
        rank = len(amounts) // 2
        edges = [*amounts[2:rank], *amounts[rank + 2 :]]  # top, left, bottom, right; never batch or channels
        attribute = next(one for one in conv.attribute if one.name == "pads")
        attribute.ints[:] = [own + more for own, more in zip(attribute.ints, edges)]
        conv.input[0] = pad.input[0]
    _drop_unused(graph)
    onnx.checker.check_model(model)
    return model


def halve_weights(model: onnx.ModelProto) -> onnx.ModelProto:
    """Store the weights of convolutions and linear layers as float16, cast back in front of each.

    The file is half as large; a runtime casts them once, as it loads, and computes in float32 as before. What
    they lose is their last 13 bits of 23. Weights too large for float16 stay. Changes `model` in place.
    """
    graph = model.graph
    wanted = {node.input[1] for node in graph.node if node.op_type in ("Conv", "Gemm", "MatMul")}
    casts = []
    for stored in graph.initializer:
        if stored.name not in wanted or stored.data_type != TensorProto.FLOAT:
            continue
        weights = numpy_helper.to_array(stored)
        if np.abs(weights).max(initial=0) > np.finfo(np.float16).max:
            continue
        casts.append(
            helper.make_node(
                "Cast", [f"{stored.name}_half"], [stored.name], f"{stored.name}_cast", to=TensorProto.FLOAT
            )
        )
        stored.CopyFrom(numpy_helper.from_array(weights.astype(np.float16), f"{stored.name}_half"))
    nodes = [*casts, *graph.node]
    del graph.node[:]
    graph.node.extend(nodes)
    onnx.checker.check_model(model)
    return model


def _constant(name: str, made_by: Dict[str, Any], model: onnx.ModelProto) -> List[int]:
    """The value of an int64 tensor that depends on constants alone."""
    needed: List[Any] = []
    wanted = [name]
    while wanted:
        node = made_by.get(wanted.pop())
        if node is not None and node not in needed:
            needed.append(node)
            wanted.extend(node.input)
    in_order = [node for node in model.graph.node if node in needed]
    output = helper.make_tensor_value_info(name, TensorProto.INT64, None)
    alone = helper.make_model(
        helper.make_graph(in_order, "padding", [], [output], list(model.graph.initializer)),
        opset_imports=model.opset_import,
        ir_version=model.ir_version,
    )
    (value,) = ReferenceEvaluator(alone).run(None, {})
    return [int(one) for one in value]


def _drop_unused(graph: Any) -> None:
    while True:
        used = {name for node in graph.node for name in node.input} | {one.name for one in graph.output}
        unused = [node for node in graph.node if not used.intersection(node.output)]
        if not unused:
            break
        for node in unused:
            graph.node.remove(node)
    for weights in [one for one in graph.initializer if one.name not in used]:
        graph.initializer.remove(weights)
