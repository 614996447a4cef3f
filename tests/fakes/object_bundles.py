"""A real bundle that boxes coloured cells: a red one is a person, a green one a dog, a blue one a car."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Dict, List, Optional, Union

import numpy as np
import numpy.typing as npt
from onnx import ModelProto, NodeProto, TensorProto, helper, numpy_helper

from tests.fakes.bundles import finished, manifest, write_bundle

SIDE = 64
COLUMNS = SIDE // 8
CELLS = 64 + 16 + 4
LABELS = ["person", "car", "dog"]

_SATURATED = 12.75
"""Half of what 255 tenths make: a full colour scores nearly 1, none nearly 0."""


def description(**changes: Any) -> Dict[str, Any]:
    """The manifest of `object_bundle`, but for the hash; `changes` replace parts of it."""
    given = {**manifest()["input"], "width": SIDE, "height": SIDE, "resize": "letterbox", "padding": 114}
    return {
        **manifest(),
        "name": "squares",
        "task": "object-detection",
        "labels": LABELS,
        "input": {**given, "colour": "BGR", "scale": [1.0, 1.0, 1.0]},
        "output": {"name": "cells", "activation": "none"},
        "thresholds": {"score": 0.1, "overlap": 0.5},
        **changes,
    }


def object_bundle(folder: Path, **changes: Any) -> Path:
    """The whole bundle; returns the folder."""
    return write_bundle(folder, cell_network(), description(**changes))


def cell_network(
    classes: Optional[npt.NDArray[np.float32]] = None, side: int = SIDE, batch: Union[int, str] = "n"
) -> ModelProto:
    """In the shape that YOLOX is exported in, the names of its last layers included: BGR pictures of 0..255
    to N x cells x (5 + labels).

    `classes` are the weights of the labels (labels x channels, 3 or more: blue, green, red and nothing);
    `batch` as a number fixes it.
    """
    weights = 0.1 * np.eye(3, dtype=np.float32)[[2, 0, 1]] if classes is None else classes
    labels, channels = weights.shape
    nodes: List[NodeProto] = []
    held: Dict[str, npt.NDArray[Any]] = {
        "stem": np.eye(channels, 3, dtype=np.float32)[:, :, None, None],
        "head.obj": np.where(np.arange(channels) < 3, 0.1, 0).astype(np.float32)[None, :, None, None],
        "head.reg": np.zeros((4, channels, 1, 1), np.float32),
        "reg.bias": np.array([0.5, 0.5, 0, 0], np.float32),
        "obj.bias": np.array([-_SATURATED], np.float32),
    }
    for level, stride in enumerate((8, 16, 32)):
        parts = [f"{part}_{level}" for part in ("reg", "obj", "cls")]
        head = f"head.cls_preds.{level}"
        held[f"{head}.weight"] = weights[:, :, None, None]
        held[f"{head}.bias"] = np.full(labels, -_SATURATED, np.float32)
        held[f"flat_{level}"] = np.array([0 if batch == "n" else batch, 5 + labels, -1])
        window: Dict[str, Any] = {"kernel_shape": [stride, stride], "strides": [stride, stride]}
        nodes += [
            helper.make_node("AveragePool", ["pictures"], [f"pooled_{level}"], **window),
            helper.make_node("Conv", [f"pooled_{level}", "stem"], [f"seen_{level}"]),
            helper.make_node("Conv", [f"seen_{level}", "head.reg", "reg.bias"], [parts[0]]),
            helper.make_node("Conv", [f"seen_{level}", "head.obj", "obj.bias"], [f"obj_logit_{level}"]),
            helper.make_node("Sigmoid", [f"obj_logit_{level}"], [parts[1]]),
            helper.make_node("Conv", [f"seen_{level}", f"{head}.weight", f"{head}.bias"], [f"logit_{level}"]),
            helper.make_node("Sigmoid", [f"logit_{level}"], [parts[2]]),
            helper.make_node("Concat", parts, [f"all_{level}"], axis=1),
            helper.make_node("Reshape", [f"all_{level}", f"flat_{level}"], [f"level_{level}"]),
        ]
    levels = [f"level_{level}" for level in range(3)]
    nodes.append(helper.make_node("Concat", levels, ["columns"], axis=2))
    nodes.append(helper.make_node("Transpose", ["columns"], ["cells"], perm=[0, 2, 1]))
    count = sum((side // stride) ** 2 for stride in (8, 16, 32))
    return finished(
        helper.make_graph(
            nodes,
            "squares",
            [helper.make_tensor_value_info("pictures", TensorProto.FLOAT, [batch, 3, side, side])],
            [helper.make_tensor_value_info("cells", TensorProto.FLOAT, [batch, count, 5 + labels])],
            [numpy_helper.from_array(value, name) for name, value in held.items()],
        )
    )
