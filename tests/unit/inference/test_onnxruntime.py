from __future__ import annotations

from pathlib import Path
from typing import Any, List

import numpy as np
import pytest
from onnx import ModelProto, TensorProto, helper

from agent.errors import BundleError, InferenceError
from agent.inference.bundle import load_bundle
from agent.inference.onnxruntime import OnnxRuntimeSession
from tests.fakes.bundles import (
    Shape,
    colour_bundle,
    colour_network,
    finished,
    heated_bundle,
    manifest,
    single_node,
    write_bundle,
)


def session(folder: Path, threads: int = 1) -> OnnxRuntimeSession:
    return OnnxRuntimeSession(load_bundle(str(folder)), threads)


def tensor(name: str, shape: Shape, kind: int = TensorProto.FLOAT) -> Any:
    return helper.make_tensor_value_info(name, kind, shape)


def refusal(tmp_path: Path, network: ModelProto, **changes: Any) -> str:
    """What is said of a network that is not the one that the manifest describes."""
    folder = write_bundle(tmp_path / "bundle", network, manifest(**changes))
    with pytest.raises(BundleError) as error:
        session(folder)
    assert str(folder / "model.onnx") in str(error.value)
    return str(error.value)


def colours(count: int) -> Any:
    return np.random.default_rng(count).random((count, 3, 32, 32), np.float32)


def test_batches_of_any_size_give_the_same_as_single_pictures(tmp_path: Path) -> None:
    running = session(colour_bundle(tmp_path))
    for count in (1, 2, 5, 3):
        batch = colours(count)
        results = running.infer(batch)
        assert results.shape == (count, 3)
        singles: List[Any] = [running.infer(batch[n : n + 1])[0] for n in range(count)]
        assert np.allclose(results, singles, atol=1e-5)


@pytest.mark.parametrize("layers", [1, 2])
def test_int8_sums_do_not_overflow_where_the_processor_adds_them_in_16_bits(
    tmp_path: Path, layers: int
) -> None:
    # Without VNNI, x86 adds pairs of products in 16 bits: 2 * 255 * 127 is more than fits. Two layers of the
    # same weights are what ONNX Runtime 1.32 fails to load where it is to be precise.
    def rounded(name: str, scale: str) -> List[Any]:
        return [
            helper.make_node("QuantizeLinear", [name, scale, "zero"], [f"{name}_q"]),
            helper.make_node("DequantizeLinear", [f"{name}_q", scale, "zero"], [f"{name}_r"]),
        ]

    graph = helper.make_graph(
        [
            *rounded("pictures", "of_one"),
            helper.make_node("DequantizeLinear", ["weights", "of_one", "zero"], ["weights_r"]),
            *(
                part
                for layer in range(layers)
                for part in (
                    helper.make_node("Conv", ["pictures_r", "weights_r"], [f"sums{layer}"]),
                    *rounded(f"sums{layer}", "of_all"),
                )
            ),
            helper.make_node("Sum", [f"sums{layer}_r" for layer in range(layers)], ["all"]),
            helper.make_node("GlobalAveragePool", ["all"], ["pooled"]),
            helper.make_node("Flatten", ["pooled"], ["logits"]),
        ],
        "sums",
        [tensor("pictures", ["n", 3, 32, 32])],
        [tensor("logits", ["n", 3])],
        [
            helper.make_tensor("weights", TensorProto.INT8, [3, 3, 3, 3], [127] * 81),
            helper.make_tensor("of_one", TensorProto.FLOAT, [], [1 / 127]),
            helper.make_tensor("of_all", TensorProto.FLOAT, [], [27 / 127]),
            helper.make_tensor("zero", TensorProto.INT8, [], [0]),
        ],
    )
    folder = write_bundle(tmp_path / "sums", finished(graph), manifest(precision="int8"))
    white = np.ones((1, 3, 32, 32), np.float32)
    assert session(folder).infer(white) == pytest.approx(27.0 * layers, abs=0.2)


def test_threads_are_chosen_where_none_are_given(tmp_path: Path) -> None:
    folder = colour_bundle(tmp_path)
    assert OnnxRuntimeSession(load_bundle(str(folder))).infer(colours(1)).shape == (1, 3)


def test_closing_twice_is_harmless_and_ends_it(tmp_path: Path) -> None:
    running = session(colour_bundle(tmp_path))
    running.close()
    running.close()
    with pytest.raises(InferenceError, match="closed"):
        running.infer(colours(1))


def test_a_batch_of_the_wrong_shape_is_an_error_of_inference(tmp_path: Path) -> None:
    running = session(colour_bundle(tmp_path))
    with pytest.raises(InferenceError, match="failed on a batch of 2") as error:
        running.infer(np.zeros((2, 3, 8, 8), np.float32))
    assert "\n" not in str(error.value)


def test_a_network_that_fails_while_it_runs_is_an_error_of_inference(tmp_path: Path) -> None:
    graph = helper.make_graph(
        [
            helper.make_node("Shape", ["pictures"], ["sizes"]),
            helper.make_node("Gather", ["sizes", "kept"], ["shape"]),
            helper.make_node("Reshape", ["pictures", "shape"], ["logits"]),
        ],
        "fails",
        [tensor("pictures", ["n", 3, 32, 32])],
        [tensor("logits", ["n", 3])],
        [helper.make_tensor("kept", TensorProto.INT64, [2], [0, 1])],
    )
    running = session(write_bundle(tmp_path / "fails", finished(graph), manifest()))
    with pytest.raises(InferenceError, match="failed on a batch of 1"):
        running.infer(colours(1))


def test_a_file_that_is_no_network_is_refused(tmp_path: Path) -> None:
    folder = colour_bundle(tmp_path)
    bundle = load_bundle(str(folder))
    bundle.model.write_bytes(b"not a network")
    with pytest.raises(BundleError, match=r"model\.onnx: ONNX Runtime cannot load it"):
        OnnxRuntimeSession(bundle)


def test_other_inputs_than_the_manifests_are_refused(tmp_path: Path) -> None:
    given = {**manifest()["input"], "name": "images"}
    assert "its inputs are ['pictures'], the manifest says ['images']" in refusal(
        tmp_path, colour_network(), input=given
    )


def test_another_output_than_the_manifests_is_refused(tmp_path: Path) -> None:
    output = {"name": "boxes", "activation": "logits"}
    assert "its outputs are ['logits'], the manifest says ['boxes']" in refusal(
        tmp_path, colour_network(), output=output
    )


def test_another_size_than_the_manifests_is_refused(tmp_path: Path) -> None:
    assert "its input has shape ['n', 3, 64, 64], the manifest says ['N', 3, 32, 32]" in refusal(
        tmp_path, colour_network(64)
    )


def test_another_number_of_labels_is_refused(tmp_path: Path) -> None:
    network = single_node(
        "ReduceMean",
        [tensor("pictures", ["n", 3, 32, 32])],
        [tensor("logits", ["n", 3, 1, 1])],
        axes=[2, 3],
        keepdims=1,
    )
    assert "its output has shape ['n', 3, 1, 1], the manifest says ['N', 3]" in refusal(tmp_path, network)


def test_a_fixed_batch_is_refused(tmp_path: Path) -> None:
    assert "takes batches of 1 only" in refusal(tmp_path, colour_network(batch=1))


def test_an_input_that_is_not_float_is_refused(tmp_path: Path) -> None:
    network = single_node(
        "ReduceMean",
        [tensor("pictures", ["n", 3, 32, 32], TensorProto.DOUBLE)],
        [tensor("logits", ["n", 3], TensorProto.DOUBLE)],
        axes=[2, 3],
        keepdims=0,
    )
    assert "its input is tensor(double), it must be tensor(float)" in refusal(tmp_path, network)


def test_all_outputs_of_the_manifest_come_in_its_order(tmp_path: Path) -> None:
    running = session(heated_bundle(tmp_path))
    logits, heat = running.infer_all(colours(3))
    assert np.array_equal(logits, running.infer(colours(3)))
    assert (logits.shape, heat.shape) == ((3, 3), (3, 3, 32, 32))
    (alone,) = session(colour_bundle(tmp_path / "plain")).infer_all(colours(3))
    assert np.array_equal(alone, logits)


def test_heat_that_the_network_has_not_is_refused(tmp_path: Path) -> None:
    output = {"name": "logits", "activation": "logits", "heat": "heat"}
    assert "its outputs are ['logits'], the manifest says ['logits', 'heat']" in refusal(
        tmp_path, colour_network(), output=output
    )


@pytest.mark.parametrize("shape", [["n", 3], ["n", 2, 32, 32]])
def test_heat_of_another_shape_is_refused(tmp_path: Path, shape: Shape) -> None:
    network = colour_network()
    network.graph.initializer.append(helper.make_tensor("some", TensorProto.INT64, [2], [0, 2]))
    nodes = {
        2: helper.make_node("Identity", ["logits"], ["heat"]),
        4: helper.make_node("Gather", ["pictures", "some"], ["heat"], axis=1),
    }
    network.graph.node.append(nodes[len(shape)])
    network.graph.output.append(tensor("heat", shape))
    output = {"name": "logits", "activation": "logits", "heat": "heat"}
    said = refusal(tmp_path, network, output=output)
    assert f"its heat has shape {shape}, it must be ['N', 3, 'rows', 'columns']" in said
