"""Maps of where a classifier looks, as a second output."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, Dict, List, Sequence

import numpy as np
import onnx
import onnxruntime
import pytest
from onnx import TensorProto, helper, numpy_helper

from agent.inference.bundle import load_bundle, sha256_of
from agent.inference.onnxruntime import OnnxRuntimeSession
from models.activation import activation, add_heat
from models.data import DataError
from models.graph import halve_weights
from tests.fakes.bundles import colour_network, finished, heated_bundle, manifest, write_bundle

PICTURE: Any = np.random.default_rng(0).standard_normal((2, 3, 8, 6)).astype(np.float32)
CHANNELS, LABELS = 5, 3


def classifier(
    pooled: str = "GlobalAveragePool", transposed: bool = True, bias: bool = True
) -> onnx.ModelProto:
    """A convolution, a mean over all places and a linear layer: N x 3 x 8 x 6 to N x 3 logits."""
    random = np.random.default_rng(1)
    shape = (LABELS, CHANNELS) if transposed else (CHANNELS, LABELS)
    weights: Dict[str, Any] = {
        "kernel": random.standard_normal((CHANNELS, 3, 3, 3)),
        "weights": random.standard_normal(shape),
        "bias": random.standard_normal(LABELS),
    }
    mean = (
        [
            helper.make_node("GlobalAveragePool", ["features"], ["pooled"]),
            helper.make_node("Flatten", ["pooled"], ["means"]),
        ]
        if pooled == "GlobalAveragePool"
        else [helper.make_node("ReduceMean", ["features"], ["means"], axes=[-1, -2], keepdims=0)]
    )
    inputs = ["means", "weights", "bias"] if bias else ["means", "weights"]
    nodes = [
        helper.make_node("Conv", ["pictures", "kernel"], ["features"], kernel_shape=[3, 3]),
        *mean,
        helper.make_node("Gemm", inputs, ["logits"], transB=int(transposed)),
    ]
    graph = helper.make_graph(
        nodes,
        "classifier",
        [helper.make_tensor_value_info("pictures", TensorProto.FLOAT, ["n", 3, 8, 6])],
        [helper.make_tensor_value_info("logits", TensorProto.FLOAT, ["n", LABELS])],
        [numpy_helper.from_array(value.astype(np.float32), name) for name, value in weights.items()],
    )
    return finished(graph)


def run(model: onnx.ModelProto, outputs: Sequence[str]) -> List[Any]:
    session = onnxruntime.InferenceSession(model.SerializeToString(), providers=["CPUExecutionProvider"])
    answers: List[Any] = session.run(list(outputs), {"pictures": PICTURE})
    return answers


@pytest.mark.parametrize("pooled", ["GlobalAveragePool", "ReduceMean"])
@pytest.mark.parametrize("transposed", [True, False])
@pytest.mark.parametrize("bias", [True, False])
def test_the_mean_of_the_heat_plus_the_bias_is_the_logit(pooled: str, transposed: bool, bias: bool) -> None:
    (before,) = run(classifier(pooled, transposed, bias), ["logits"])
    model = add_heat(classifier(pooled, transposed, bias), "logits")
    logits, heat = run(model, ["logits", "heat"])
    assert np.array_equal(logits, before)
    assert (heat.shape, heat.dtype) == ((2, LABELS, 6, 4), np.float32)
    by_name = {one.name: numpy_helper.to_array(one) for one in model.graph.initializer}
    assert heat.mean(axis=(2, 3)) + (by_name["bias"] if bias else 0.0) == pytest.approx(logits, abs=1e-5)


def test_weights_that_are_stored_in_half_are_taken_as_they_are_computed_with() -> None:
    (before,) = run(halve_weights(classifier(bias=False)), ["logits"])
    logits, heat = run(add_heat(halve_weights(classifier(bias=False)), "logits"), ["logits", "heat"])
    assert np.array_equal(logits, before)
    assert heat.mean(axis=(2, 3)) == pytest.approx(logits, abs=1e-5)


def test_the_shape_says_what_is_known_and_that_the_batch_is_free() -> None:
    model = add_heat(classifier(), "logits")
    (heat,) = (one for one in model.graph.output if one.name == "heat")
    sides = [one.dim_param or one.dim_value for one in heat.type.tensor_type.shape.dim]
    assert sides == ["n", LABELS, 6, 4]
    assert model.opset_import[0].version == 13


def without_pooling() -> onnx.ModelProto:
    graph = helper.make_graph(
        [
            helper.make_node("Flatten", ["pictures"], ["flat"]),
            helper.make_node("Gemm", ["flat", "weights"], ["logits"]),
        ],
        "flat",
        [helper.make_tensor_value_info("pictures", TensorProto.FLOAT, ["n", 3, 2, 2])],
        [helper.make_tensor_value_info("logits", TensorProto.FLOAT, ["n", 3])],
        [helper.make_tensor("weights", TensorProto.FLOAT, [12, 3], [0.0] * 36)],
    )
    return finished(graph)


def ended_by_a_softmax() -> onnx.ModelProto:
    model = classifier()
    model.graph.node.append(helper.make_node("Softmax", ["logits"], ["probabilities"]))
    model.graph.output[0].name = "probabilities"
    return model


def scaled() -> onnx.ModelProto:
    model = classifier()
    model.graph.node[-1].attribute.append(helper.make_attribute("alpha", 0.5))
    return model


def pooled_over_one_side() -> onnx.ModelProto:
    model = classifier("ReduceMean")
    (axes,) = (one for one in model.graph.node[1].attribute if one.name == "axes")
    axes.ints[:] = [2]
    return model


def computed_weights() -> onnx.ModelProto:
    model = classifier()
    model.graph.node[-1].input[1] = "negated"
    model.graph.node.insert(0, helper.make_node("Neg", ["weights"], ["negated"]))
    return model


def free_size() -> onnx.ModelProto:
    model = classifier()
    model.graph.input[0].type.tensor_type.shape.dim[2].dim_param = "height"
    return model


def shapeless() -> onnx.ModelProto:
    model = classifier()
    model.graph.input[0].type.tensor_type.ClearField("shape")
    return model


@pytest.mark.parametrize(
    ("make", "why"),
    [
        (without_pooling, "not on the mean over all places"),
        (ended_by_a_softmax, "'probabilities' is made by Softmax"),
        (scaled, "scales or turns"),
        (computed_weights, "are computed"),
        (pooled_over_one_side, "not on the mean over all places"),
        (free_size, "the size of 'features' is free"),
        (shapeless, "the shape of 'features' is not known"),
    ],
)
def test_a_network_of_another_build_is_refused(make: Any, why: str) -> None:
    model = make()
    with pytest.raises(DataError, match=why) as refusal:
        add_heat(model, model.graph.output[0].name)
    assert "global average pooling" in str(refusal.value)


def test_a_network_gets_one_map_only() -> None:
    with pytest.raises(DataError, match="'heat' already"):
        add_heat(add_heat(classifier(), "logits"), "logits")


def with_papers(folder: Path) -> Path:
    """The bundle of colours as `export` would leave it."""
    write_bundle(folder, colour_network(), manifest())
    (folder / "LICENSE").write_text("licence", encoding="utf-8")
    (folder / "MODEL_CARD.md").write_text(
        "# colours\n\n- **Licence**: x\n\n## Figures\n\nnone\n", encoding="utf-8"
    )
    return folder


@pytest.mark.parametrize("place", ["elsewhere", "in place"])
def test_a_bundle_gets_a_map_and_says_the_rest_as_before(tmp_path: Path, place: str) -> None:
    folder = with_papers(tmp_path / "colours")
    before = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
    noise = np.random.default_rng(2).random((3, 3, 32, 32), np.float32)
    said = OnnxRuntimeSession(load_bundle(str(folder)), 1).infer(noise)
    out = folder if place == "in place" else tmp_path / "warm"
    activation(str(folder), out)
    bundle = load_bundle(str(out))
    again, heat = OnnxRuntimeSession(bundle, 1).infer_all(noise)
    assert np.array_equal(again, said)
    assert heat.shape == (3, 3, 32, 32)
    after = json.loads((out / "manifest.json").read_text(encoding="utf-8"))
    assert after == {
        **before,
        "name": out.name,
        "sha256": sha256_of(out / "model.onnx"),
        "output": {**before["output"], "heat": "heat"},
    }
    card = (out / "MODEL_CARD.md").read_text(encoding="utf-8")
    assert card.index("`heat`, 3 x 32 x 32") < card.index("## Figures")
    assert (out / "LICENSE").read_text(encoding="utf-8") == "licence"


def test_a_bundle_without_its_papers_is_refused(tmp_path: Path) -> None:
    write_bundle(tmp_path / "colours", colour_network(), manifest())
    with pytest.raises(DataError, match="no LICENSE"):
        activation(str(tmp_path / "colours"), tmp_path / "warm")


def test_a_bundle_that_has_a_map_is_refused_and_stays(tmp_path: Path) -> None:
    folder = heated_bundle(tmp_path / "colours")
    for name in ("LICENSE", "MODEL_CARD.md"):
        (folder / name).write_text("", encoding="utf-8")
    before = (folder / "model.onnx").read_bytes()
    with pytest.raises(DataError, match="already"):
        activation(str(folder), folder)
    assert (folder / "model.onnx").read_bytes() == before


def test_the_shipped_map_is_what_the_shipped_classifier_goes_by() -> None:
    bundle = load_bundle("fire-lite0")
    noise = np.random.default_rng(3).uniform(-1, 1, (2, 3, 224, 224)).astype(np.float32)
    logits, heat = OnnxRuntimeSession(bundle, 1).infer_all(noise)
    (bias,) = (
        numpy_helper.to_array(one)
        for one in onnx.load(str(bundle.model)).graph.initializer
        if one.name == "_fc.bias"
    )
    assert heat.shape == (2, 3, 7, 7)
    assert heat.mean(axis=(2, 3)) + bias == pytest.approx(logits, abs=1e-5)
