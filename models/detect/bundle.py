"""A detector as a bundle that the agent loads."""

from __future__ import annotations

import json
import warnings
from pathlib import Path
from typing import Any, Dict, List, Mapping, Union

import numpy as np
import numpy.typing as npt
import onnx
import torch
from onnx import TensorProto, helper, numpy_helper

from agent.inference.bundle import MANIFEST, MODEL, sha256_of
from agent.inference.manifest import BOX_COLUMNS, CITY_LABELS
from models.convert.yolox import OVERLAP, SCORE
from models.detect.data import NEW_LABELS, PADDING
from models.graph import fold_padding
from models.nets.city import CityNano

HEADS = (len(CITY_LABELS) - len(NEW_LABELS), len(NEW_LABELS))
"""Labels of the heads, in the order of CITY_LABELS: the published network's, and that of flames and smoke."""

OPSET = 13  # the last that TensorRT 8.5 reads without exceptions


def write_bundle(
    net: CityNano, side: int, folder: Path, version: str, about: Mapping[str, Any]
) -> Dict[str, Any]:
    """Write model and manifest of `net`, which is of CITY_LABELS; the manifest's content. `about` are the
    entries of the manifest on parent, training and metrics."""
    folder.mkdir(parents=True, exist_ok=True)
    write_onnx(net, side, folder / MODEL)
    manifest = {
        "schema_version": 1,
        "name": folder.resolve().name,
        "version": version,
        "task": "object-detection",
        "labels": list(CITY_LABELS),
        "precision": "fp32",
        "input": {
            "name": "images",
            "width": side,
            "height": side,
            "colour": "BGR",
            "mean": [0.0] * 3,
            "scale": [1.0] * 3,
            "resize": "letterbox",
            "padding": PADDING,
        },
        "output": {"name": "output", "activation": "none", "heads": list(HEADS)},
        "thresholds": {"score": SCORE, "overlap": OVERLAP},
        "licence": "Apache-2.0",
        **about,
        "sha256": sha256_of(folder / MODEL),
    }
    (folder / MANIFEST).write_text(json.dumps(manifest, indent=2) + "\n", encoding="utf-8")
    return manifest


def write_onnx(net: CityNano, side: int, path: Path) -> None:
    """The network for any number of pictures of `side` x `side`, with probabilities as the parent's file."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # the newer exporter needs a package more
        torch.onnx.export(
            net.eval(),
            (torch.zeros(1, 3, side, side),),
            str(path),
            dynamo=False,
            opset_version=OPSET,
            input_names=["images"],
            output_names=["output"],
        )
    model = onnx.load(str(path))
    _free_batch(model.graph, side)
    onnx.save(fold_padding(model), str(path))


def noise(side: int) -> npt.NDArray[np.float32]:
    """Two pictures of it, to try parity with: see models.parity."""
    return np.random.default_rng(0).uniform(0, 255, (2, 3, side, side)).astype(np.float32)


def _free_batch(graph: Any, side: int) -> None:
    """Constant shapes that let the number of pictures be: chains of shape operators are more than some
    devices read."""
    columns = sum(BOX_COLUMNS + labels for labels in HEADS)
    flat = numpy_helper.from_array(np.array([0, columns, -1], np.int64), "flat")
    graph.initializer.append(flat)
    for node in graph.node:
        if node.op_type == "Reshape":
            node.input[1] = flat.name
    given, told = graph.input[0], graph.output[0]
    cells = told.type.tensor_type.shape.dim[1].dim_value
    size: List[Union[int, str]] = ["n", 3, side, side]
    rows: List[Union[int, str]] = ["n", cells, columns]
    given.CopyFrom(helper.make_tensor_value_info(given.name, TensorProto.FLOAT, size))
    told.CopyFrom(helper.make_tensor_value_info(told.name, TensorProto.FLOAT, rows))
    del graph.value_info[:]
