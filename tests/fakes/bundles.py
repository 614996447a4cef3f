"""A real bundle of a few hundred bytes, whose network tells fire, smoke and calm by the mean colour."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any, Dict, List, Sequence, Union

from onnx import ModelProto, TensorProto, checker, helper

from agent.faces.predictor import PREDICTOR
from models.activation import add_heat

Shape = Sequence[Union[int, str]]

# Logits of fire, start-fire and no-fire from the means of red, green and blue (0..1), a row per colour.
_WEIGHTS = [20.0, 10.0, 0.0, -20.0, 10.0, 0.0, 0.0, 10.0, 0.0]
_BIAS = [-10.0, -17.0, 0.0]


def colour_network(size: int = 32, batch: Union[int, str] = "n") -> ModelProto:
    """N x 3 x size x size RGB in 0..1 to N x 3 logits: red is fire, grey-white start-fire, all else no-fire.

    A `batch` that is a number fixes the batch.
    """
    graph = helper.make_graph(
        [
            helper.make_node("GlobalAveragePool", ["pictures"], ["pooled"]),
            helper.make_node("Flatten", ["pooled"], ["means"]),
            helper.make_node("Gemm", ["means", "weights", "bias"], ["logits"]),
        ],
        "colours",
        [helper.make_tensor_value_info("pictures", TensorProto.FLOAT, [batch, 3, size, size])],
        [helper.make_tensor_value_info("logits", TensorProto.FLOAT, [batch, 3])],
        [
            helper.make_tensor("weights", TensorProto.FLOAT, [3, 3], _WEIGHTS),
            helper.make_tensor("bias", TensorProto.FLOAT, [3], _BIAS),
        ],
    )
    return finished(graph)


def finished(graph: Any) -> ModelProto:
    """The graph as a model that every supported ONNX Runtime loads."""
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 13)], ir_version=8)
    checker.check_model(model)
    return model


def manifest(size: int = 32, **changes: object) -> Dict[str, Any]:
    """What belongs to `colour_network`, but for the hash; `changes` replace parts of it."""
    return {
        "schema_version": 1,
        "name": "colours",
        "version": "1",
        "task": "fire-classification",
        "labels": ["fire", "start-fire", "no-fire"],
        "precision": "fp32",
        "input": {
            "name": "pictures",
            "width": size,
            "height": size,
            "colour": "RGB",
            "mean": [0.0, 0.0, 0.0],
            "scale": [255.0, 255.0, 255.0],
            "resize": "squash",
        },
        "output": {"name": "logits", "activation": "logits"},
        "thresholds": {"open_above": 0.6, "close_below": 0.35, "fire_above": 0.5},
        "licence": "Apache-2.0",
        "training": {},
        "metrics": {},
        **changes,
    }


def write_bundle(folder: Path, network: ModelProto, description: Dict[str, Any]) -> Path:
    """Write model.onnx and manifest.json, hash included; returns the folder."""
    folder.mkdir(parents=True, exist_ok=True)
    data = network.SerializeToString()
    (folder / "model.onnx").write_bytes(data)
    whole = {"sha256": hashlib.sha256(data).hexdigest(), **description}
    (folder / "manifest.json").write_text(json.dumps(whole), encoding="utf-8")
    return folder


def colour_bundle(folder: Path, size: int = 32) -> Path:
    """The whole bundle; agents find it by its folder."""
    return write_bundle(folder, colour_network(size), manifest(size))


def heated_bundle(folder: Path, size: int = 32, **changes: object) -> Path:
    """`colour_bundle` that also says at which pixels of its input it sees each label; `changes` replace parts
    of the manifest."""
    output = {"name": "logits", "activation": "logits", "heat": "heat"}
    network = add_heat(colour_network(size), "logits")
    return write_bundle(folder, network, manifest(size, **{"output": output, **changes}))


def embedding_bundle(folder: Path, size: int = 16, **changes: object) -> Path:
    """A bundle for face-embedding: the mean of the red channel, 0..1, times 0 to 1 in 128 steps; `changes`
    replace parts of its manifest."""
    weights = [float(step) / 127 if channel == 0 else 0.0 for step in range(128) for channel in range(3)]
    graph = helper.make_graph(
        [
            helper.make_node("GlobalAveragePool", ["pictures"], ["pooled"]),
            helper.make_node("Flatten", ["pooled"], ["means"]),
            helper.make_node("Gemm", ["means", "weights"], ["embedding"], transB=1),
        ],
        "embeddings",
        [helper.make_tensor_value_info("pictures", TensorProto.FLOAT, ["n", 3, size, size])],
        [helper.make_tensor_value_info("embedding", TensorProto.FLOAT, ["n", 128])],
        [helper.make_tensor("weights", TensorProto.FLOAT, [128, 3], weights)],
    )
    description = manifest(
        size,
        name="embeddings",
        task="face-embedding",
        labels=[],
        output={"name": "embedding", "activation": "none"},
        thresholds={},
        **changes,
    )
    return write_bundle(folder, finished(graph), description)


def face_embedder(folder: Path) -> Path:
    """`embedding_bundle` as agent.faces.provision leaves one, with a predictor that is none."""
    (folder / PREDICTOR).parent.mkdir(parents=True)
    (folder / PREDICTOR).write_bytes(b"trees")
    files = {PREDICTOR: hashlib.sha256(b"trees").hexdigest()}
    return embedding_bundle(folder, training={"files": files})


def single_node(operator: str, inputs: List[Any], outputs: List[Any], **attributes: Any) -> ModelProto:
    """A network of one operator between the given value infos."""
    node = helper.make_node(operator, [i.name for i in inputs], [o.name for o in outputs], **attributes)
    return finished(helper.make_graph([node], "one", inputs, outputs))
