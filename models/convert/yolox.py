"""YOLOX-Nano as Megvii publishes it for COCO, as a bundle: a city's classes, any number of pictures."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, Dict, List, Optional, Union

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper, shape_inference

from agent.errors import BundleError
from agent.inference.bundle import MANIFEST, MODEL, sha256_of
from agent.inference.manifest import BOX_COLUMNS, CITY_LABELS, STRIDES
from models.convert.reading import read_onnx

NAME = "yolox-nano"

COCO = dict(zip(CITY_LABELS, (0, 1, 2, 3, 5, 7, 6, 16, 15, 14, 24, 26, 28)))
"""The labels of a city that COCO has, and their place among its classes; it knows neither fire nor smoke."""

CLASSES, WIDTH = 80, 64
"""Of COCO, and the channels that the head of YOLOX-Nano has (0.25 x 256)."""

SCORE, OVERLAP = 0.1, 0.55
"""Low, for a tracker follows what is doubtful and rules have a score of their own. Between an overlap of 0.45
and 0.7 mAP moves by half a point at most (128 pictures of COCO); the 0.65 that its authors judge by leaves
more doubles."""

_LICENCE = """The network of this bundle is YOLOX-Nano, Copyright (c) Megvii, Inc. and its affiliates,
licensed under the Apache License, Version 2.0 (http://www.apache.org/licenses/LICENSE-2.0): see
https://github.com/Megvii-BaseDetection/YOLOX. Changed: only the outputs for 13 of its 80 classes are kept,
and it takes any number of pictures. It is distributed on an "AS IS" BASIS, WITHOUT WARRANTIES OR CONDITIONS
OF ANY KIND, either express or implied.
"""

_CARD = """# yolox-nano

Boxes people, vehicles, animals and bags in a picture.

- **Licence**: Apache-2.0. **Parent**: {parent}.
- **Conversion**: of the 80 classes 13 are kept ({labels}); the number of pictures is free. What is kept is
  computed as before.
- **Training data**: COCO train2017, by its authors; we trained nothing.

## Figures

25.8 mAP on COCO val2017 (80 classes, by its authors). Figures of this product are in docs/models.md.

## Limits

- What is small is missed. Of people scored 0.3 or more (128 pictures of COCO val2017; IoU of 0.5) it finds,
  by their height in the 416 x 416 input: under 16 pixels 5 %, under 32 31 %, under 64 61 %, under 128 77 %,
  above 94 %. In a stream of 1920 x 1080, 32 pixels of the input are 148.
- Bags are mostly missed: small, and partly covered by who carries them.
- It knows neither fire nor smoke.
"""


def convert_yolox(source: Optional[Path], to: Path) -> None:
    """Write the bundle `yolox-nano` of the ONNX file `source`, which takes one BGR picture in 0..255.

    Raises BundleError where it is not YOLOX-Nano as its authors export it.
    """
    if source is None:
        raise BundleError("name YOLOX-Nano's ONNX file: python -m models convert yolox SOURCE.onnx")
    model = narrowed(read_onnx(source))
    to.mkdir(parents=True, exist_ok=True)
    onnx.save(model, str(to / MODEL))
    manifest = _manifest(to, model.graph, sha256_of(source))
    card = _CARD.format(parent=manifest["parent"], labels=", ".join(COCO))
    (to / "LICENSE").write_text(_LICENCE, encoding="utf-8")
    (to / "MODEL_CARD.md").write_text(card, encoding="utf-8")
    (to / MANIFEST).write_text(json.dumps(manifest, indent=2) + "\n", encoding="utf-8")


def narrowed(model: onnx.ModelProto) -> onnx.ModelProto:
    """The network with the outputs of COCO's classes alone, for any number of pictures. Changes `model`.

    Raises BundleError where it is not YOLOX-Nano.
    """
    graph = model.graph
    for part in ("weight", "bias"):
        for level in range(len(STRIDES)):
            _keep(graph, f"head.cls_preds.{level}.{part}")
    _free_batch(graph)
    model.ir_version, model.opset_import[0].version = 8, 13
    try:
        checked = shape_inference.infer_shapes(model, check_type=True, strict_mode=True)
        onnx.checker.check_model(checked)
    except (shape_inference.InferenceError, onnx.checker.ValidationError) as error:
        raise BundleError(f"this is not YOLOX-Nano: its layers do not fit together: {error}") from error
    del checked.graph.value_info[:]
    return checked


def _keep(graph: Any, name: str) -> None:
    """Of the layer that scores classes only the rows of a city's."""
    found = [one for one in graph.initializer if one.name == name]
    shape = [CLASSES, WIDTH, 1, 1] if name.endswith("weight") else [CLASSES]
    if len(found) != 1 or list(found[0].dims) != shape:
        raise BundleError(f"this is not YOLOX-Nano for COCO's {CLASSES} classes: it has no {name} of {shape}")
    rows = numpy_helper.to_array(found[0])[list(COCO.values())]
    found[0].CopyFrom(numpy_helper.from_array(np.ascontiguousarray(rows), name))


def _free_batch(graph: Any) -> None:
    """The number of pictures is fixed in input and output, and where the map of a level is made flat."""
    made_flat = {node.input[1] for node in graph.node if node.op_type == "Reshape"}
    flat = numpy_helper.from_array(np.array([0, BOX_COLUMNS + len(COCO), -1], np.int64))
    for one in graph.initializer:
        if one.name in made_flat:
            flat.name = one.name
            one.CopyFrom(flat)
    given, told = graph.input[0], graph.output[0]
    height, width = (axis.dim_value for axis in given.type.tensor_type.shape.dim[2:])
    count = sum((width // stride) * (height // stride) for stride in STRIDES)
    size: List[Union[int, str]] = ["n", 3, height, width]
    rows: List[Union[int, str]] = ["n", count, BOX_COLUMNS + len(COCO)]
    given.CopyFrom(helper.make_tensor_value_info(given.name, TensorProto.FLOAT, size))
    told.CopyFrom(helper.make_tensor_value_info(told.name, TensorProto.FLOAT, rows))
    del graph.value_info[:]


def _manifest(folder: Path, graph: Any, parent_sha256: str) -> Dict[str, Any]:
    height, width = (axis.dim_value for axis in graph.input[0].type.tensor_type.shape.dim[2:])
    return {
        "schema_version": 1,
        "name": NAME,
        "version": "1",
        "task": "object-detection",
        "labels": list(COCO),
        "precision": "fp32",
        "input": {
            "name": graph.input[0].name,
            "width": width,
            "height": height,
            "colour": "BGR",
            "mean": [0.0] * 3,
            "scale": [1.0] * 3,
            "resize": "letterbox",
            "padding": 114,
        },
        "output": {"name": graph.output[0].name, "activation": "none"},
        "thresholds": {"score": SCORE, "overlap": OVERLAP},
        "licence": "Apache-2.0",
        "parent": f"YOLOX-Nano for COCO by Megvii (Ge et al. 2021), ONNX sha256 {parent_sha256}",
        "training": {"data": "COCO train2017, by its authors"},
        "metrics": {},
        "sha256": sha256_of(folder / MODEL),
    }
