from __future__ import annotations

from typing import Any, List

import numpy as np
import numpy.typing as npt
import onnx
import onnxruntime
from onnx import TensorProto, helper, numpy_helper

from models.graph import fold_padding, halve_weights

PICTURE: npt.NDArray[np.float32] = np.random.default_rng(0).standard_normal((2, 3, 8, 8)).astype(np.float32)


def padded_convolution() -> onnx.ModelProto:
    """A Pad of (0, 0, 1, 1) in front of a strided convolution; the amounts are put together by the graph."""
    weights = np.random.default_rng(1).standard_normal((4, 3, 3, 3)).astype(np.float32)
    first, second = np.array([0, 0, 0, 0]), np.array([0, 0, 1, 1])
    nodes = [
        helper.make_node("Concat", ["first", "second"], ["amounts"], axis=0),
        helper.make_node("Pad", ["x", "amounts"], ["padded"]),
        helper.make_node(
            "Conv", ["padded", "w"], ["y"], kernel_shape=[3, 3], strides=[2, 2], pads=[0, 0, 0, 0]
        ),
    ]
    graph = helper.make_graph(
        nodes,
        "padded",
        [helper.make_tensor_value_info("x", TensorProto.FLOAT, ["n", 3, 8, 8])],
        [helper.make_tensor_value_info("y", TensorProto.FLOAT, ["n", 4, 4, 4])],
        [
            numpy_helper.from_array(value, name)
            for name, value in (("first", first), ("second", second), ("w", weights))
        ],
    )
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", 13)], ir_version=7)


def answer(model: onnx.ModelProto) -> Any:
    session = onnxruntime.InferenceSession(model.SerializeToString(), providers=["CPUExecutionProvider"])
    return session.run(None, {"x": PICTURE})[0]


def operators(model: onnx.ModelProto) -> List[str]:
    return [node.op_type for node in model.graph.node]


def test_padding_moves_into_the_convolution_and_changes_nothing() -> None:
    model = padded_convolution()
    before = answer(model)
    folded = fold_padding(model)
    assert operators(folded) == ["Conv"]
    assert [one.name for one in folded.graph.initializer] == ["w"]
    assert np.array_equal(answer(folded), before)


def test_a_graph_without_padding_stays_as_it_is() -> None:
    model = fold_padding(padded_convolution())
    before = model.SerializeToString()
    assert fold_padding(model).SerializeToString() == before


def convolution(scale: float) -> onnx.ModelProto:
    model = fold_padding(padded_convolution())
    (stored,) = model.graph.initializer
    stored.CopyFrom(numpy_helper.from_array(numpy_helper.to_array(stored) * np.float32(scale), stored.name))
    return model


def test_weights_are_stored_in_half_and_answer_nearly_the_same() -> None:
    before = answer(convolution(1.0))
    halved = halve_weights(convolution(1.0))
    (stored,) = halved.graph.initializer
    assert stored.data_type == TensorProto.FLOAT16
    assert operators(halved) == ["Cast", "Conv"]
    after = answer(halved)
    assert not np.array_equal(after, before)
    assert np.allclose(after, before, atol=0.02)
    assert halve_weights(halved).SerializeToString() == halved.SerializeToString(), "only once"


def test_weights_that_half_cannot_hold_stay() -> None:
    assert operators(halve_weights(convolution(1e6))) == ["Conv"]
