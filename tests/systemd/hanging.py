"""A real bundle whose network, once it is shown blue, never answers: inference that hangs in native code."""

from __future__ import annotations

from pathlib import Path

from onnx import TensorProto, helper

from tests.fakes.bundles import finished, manifest, write_bundle

_SIZE = 32
_FOR_EVER = 2**62
_WEIGHTS = [20.0, 10.0, 0.0, -20.0, 10.0, 0.0, 0.0, 10.0, 0.0]
_BIAS = [-10.0, -17.0, 0.0]
_BLUE = 0.86


def hanging_bundle(folder: Path) -> Path:
    """Tells colours as `colour_bundle` does; shown blue, it loops for ever."""
    turn = helper.make_graph(
        [
            helper.make_node("Identity", ["going"], ["goes_on"]),
            helper.make_node("Identity", ["held"], ["holds"]),
        ],
        "turn",
        [
            helper.make_tensor_value_info("turn", TensorProto.INT64, []),
            helper.make_tensor_value_info("going", TensorProto.BOOL, []),
            helper.make_tensor_value_info("held", TensorProto.FLOAT, None),
        ],
        [
            helper.make_tensor_value_info("goes_on", TensorProto.BOOL, []),
            helper.make_tensor_value_info("holds", TensorProto.FLOAT, None),
        ],
    )
    graph = helper.make_graph(
        [
            helper.make_node("GlobalAveragePool", ["pictures"], ["pooled"]),
            helper.make_node("Flatten", ["pooled"], ["means"]),
            helper.make_node("ReduceMax", ["means"], ["most"], axes=[0], keepdims=0),
            helper.make_node("Gather", ["most", "third"], ["blue"]),
            helper.make_node("Greater", ["blue", "limit"], ["is_blue"]),
            helper.make_node("Loop", ["for_ever", "is_blue", "means"], ["looped"], body=turn),
            helper.make_node("Gemm", ["looped", "weights", "bias"], ["logits"]),
        ],
        "hanging",
        [helper.make_tensor_value_info("pictures", TensorProto.FLOAT, ["n", 3, _SIZE, _SIZE])],
        [helper.make_tensor_value_info("logits", TensorProto.FLOAT, ["n", 3])],
        [
            helper.make_tensor("weights", TensorProto.FLOAT, [3, 3], _WEIGHTS),
            helper.make_tensor("bias", TensorProto.FLOAT, [3], _BIAS),
            helper.make_tensor("third", TensorProto.INT64, [], [2]),
            helper.make_tensor("limit", TensorProto.FLOAT, [], [_BLUE]),
            helper.make_tensor("for_ever", TensorProto.INT64, [], [_FOR_EVER]),
        ],
    )
    return write_bundle(folder, finished(graph), manifest(_SIZE))
