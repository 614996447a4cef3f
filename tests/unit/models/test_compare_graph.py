"""Multiplications and parameters, against counts by hand."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any, List, Sequence

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper, numpy_helper

from models.compare_graph import Work, work_of
from models.data import DataError

BY_HAND = Work(
    macs=(6 * 4 * 4) * (4 * 3 * 3) + (6 * 4 * 4) * (1 * 3 * 3) + 96 * 3,
    parameters=(6 * 4 * 9 + 6) + 6 * 9 + (96 * 3 + 3),
)
"""Of `network`: a convolution of 4 to 6 channels with a stride, a depthwise one, a fully connected layer."""


def constant(name: str, *shape: int, kind: Any = np.float32) -> Any:
    return numpy_helper.from_array(np.ones(shape, kind), name)


def network(batch: Any = "n") -> onnx.ModelProto:
    nodes = [
        helper.make_node("Conv", ["x", "w1", "b1"], ["a"], strides=[2, 2], pads=[1, 1, 1, 1]),
        helper.make_node("Clip", ["a", "least", "most"], ["b"]),
        helper.make_node("Conv", ["b", "w2"], ["c"], group=6, pads=[1, 1, 1, 1]),
        helper.make_node("Reshape", ["c", "flat"], ["d"]),
        helper.make_node("Gemm", ["d", "w3", "b3"], ["y"]),
    ]
    constants = [
        *(constant("w1", 6, 4, 3, 3), constant("b1", 6), constant("least"), constant("most", 1)),
        *(constant("w2", 6, 1, 3, 3), constant("w3", 96, 3), constant("b3", 3)),
        numpy_helper.from_array(np.array([-1, 96], np.int64), "flat"),
    ]
    return finished(nodes, constants, [batch, 4, 8, 8], [batch, 3])


def finished(
    nodes: List[Any], constants: List[Any], given: Sequence[Any], said: Sequence[Any]
) -> onnx.ModelProto:
    graph = helper.make_graph(
        nodes,
        "small",
        [helper.make_tensor_value_info("x", TensorProto.FLOAT, given)],
        [helper.make_tensor_value_info("y", TensorProto.FLOAT, said)],
        constants,
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 13)], ir_version=8)
    onnx.checker.check_model(model)
    return model


def counted(model: onnx.ModelProto, folder: Path) -> Work:
    onnx.save(model, str(folder / "model.onnx"))
    return work_of(folder / "model.onnx")


@pytest.mark.parametrize("batch", ["n", 1])
def test_layers_are_counted_as_by_hand(batch: Any, tmp_path: Path) -> None:
    assert counted(network(batch), tmp_path) == BY_HAND


def test_what_an_exporter_noted_of_a_free_batch_does_not_matter(tmp_path: Path) -> None:
    assert counted(onnx.shape_inference.infer_shapes(network()), tmp_path) == BY_HAND


def test_weights_may_be_nodes(tmp_path: Path) -> None:
    model = network()
    for weights in list(model.graph.initializer):
        model.graph.initializer.remove(weights)
        model.graph.node.insert(0, helper.make_node("Constant", [], [weights.name], value=weights))
    assert counted(model, tmp_path) == BY_HAND


@pytest.mark.parametrize("stored", ["int8", "float32"])
def test_a_quantised_weight_counts_once_and_its_scales_do_not(stored: str, tmp_path: Path) -> None:
    model = network()
    graph = model.graph
    graph.initializer.extend([constant("s", 6), constant("z", 6, kind=np.int8)])
    graph.initializer.extend([constant("one"), constant("zero", kind=np.int8)])
    for name in ("w1", "w2"):
        weights = next(one for one in graph.initializer if one.name == name)
        conv = next(node for node in graph.node if name in node.input)
        conv.input[1] = f"{name}_back"
        if stored == "int8":
            weights.CopyFrom(constant(name, *weights.dims, kind=np.int8))
            through = name
        else:
            through = f"{name}_rounded"
            node = helper.make_node("QuantizeLinear", [name, "s", "z"], [through], axis=0)
            graph.node.insert(0, node)
        back = helper.make_node("DequantizeLinear", [through, "s", "z"], [f"{name}_back"], axis=0)
        graph.node.insert(list(graph.node).index(conv), back)
    graph.node.insert(0, helper.make_node("QuantizeLinear", ["x", "one", "zero"], ["x8"]))
    graph.node.insert(1, helper.make_node("DequantizeLinear", ["x8", "one", "zero"], ["xf"]))
    next(node for node in graph.node if node.output[0] == "a").input[0] = "xf"
    onnx.checker.check_model(model)
    assert counted(model, tmp_path) == BY_HAND


def test_half_precision_counts_alike(tmp_path: Path) -> None:
    nodes = [
        helper.make_node("Cast", ["x"], ["half"], to=TensorProto.FLOAT16),
        helper.make_node("MatMul", ["half", "w"], ["product"]),
        helper.make_node("Add", ["product", "b"], ["sum"]),
        helper.make_node("Cast", ["sum"], ["y"], to=TensorProto.FLOAT),
    ]
    constants = [constant("w", 20, 3, kind=np.float16), constant("b", 3, kind=np.float16)]
    model = finished(nodes, constants, ["n", 5, 20], ["n", 5, 3])
    assert counted(model, tmp_path) == Work(5 * 20 * 3, 63)


def test_a_transposed_product_is_as_long(tmp_path: Path) -> None:
    nodes = [
        helper.make_node("Transpose", ["x"], ["across"], perm=[1, 0]),
        helper.make_node("Gemm", ["across", "w"], ["y"], transA=1, transB=1),
    ]
    model = finished(nodes, [constant("w", 3, 20)], ["n", 20], ["n", 3])
    assert counted(model, tmp_path) == Work(60, 60)


def test_a_size_that_only_a_picture_tells_is_refused(tmp_path: Path) -> None:
    nodes = [
        helper.make_node("NonZero", ["x"], ["where"]),
        helper.make_node("Cast", ["where"], ["places"], to=TensorProto.FLOAT),
        helper.make_node("MatMul", ["w", "places"], ["y"]),
    ]
    model = finished(nodes, [constant("w", 3, 2)], ["n", 20], [3, "m"])
    with pytest.raises(DataError, match="the shape of 'y' does not follow"):
        counted(model, tmp_path)


def test_without_onnx_it_says_what_to_install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "onnx", None)  # imports of it fail then
    with pytest.raises(DataError, match=r"pip install 'beffroi\[verify\]'"):
        work_of(tmp_path / "model.onnx")
