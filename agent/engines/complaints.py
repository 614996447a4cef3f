"""What TensorRT's parser says of a model, as a person can use it: which layer, what is wrong, what to do."""

from __future__ import annotations

import re
from typing import Any, Iterator, Optional, Tuple

from agent.engines.onnx_nodes import node_at

_REMEDIES = (
    # The texts are those of TensorRT 8.5's parser and of TensorRT for RTX 1.7, which is TensorRT 11's.
    (
        r"[Ii]nt32 but must have type|zero_?point.*int32|only.*INT8.*INT32",
        (
            "its bias is quantised to int32, as ONNX Runtime does unless told otherwise: quantise again with "
            "QuantizeBias=False"
        ),
    ),
    (
        r"shiftIsAllZeros|zero[ _]?p(oin)?t must be|Non-zero zero point|symmetric quantization|UINT8",
        (
            "it is quantised asymmetrically or to uint8: quantise again to symmetric int8 "
            "(QInt8, ActivationSymmetric, WeightSymmetric)"
        ),
    ),
    (
        r"No importer registered|[Pp]lugin not found|[Uu]nsupported operator|[Nn]ot supported operator",
        (
            "this TensorRT does not know the operator: export with opset 13 and plain operators (ReLU or "
            "SiLU for HardSwish, no LayerNormalization, no Mod)"
        ),
    ),
    (r"[Oo]pset", "export the model again with opset 13, which every TensorRT from 8.5 on reads"),
    (
        r"ParseFromCodedStream|[Ff]ailed to parse the (ONNX )?model",
        "the file is no ONNX model, or damaged: install the bundle again",
    ),
)
_OTHERWISE = (
    "export the model again with opset 13, or let ONNX Runtime run it (backend: onnxruntime); Netron "
    "shows the layer"
)
_NOISE = re.compile(r"Cuda Runtime|catchCudaError")
"""On a machine without a GPU each failure is followed by that of asking the GPU."""


def complaints(parser: Any, model: bytes) -> str:
    """All errors of an OnnxParser that refused `model`, a line each."""
    found = [_complaint(parser.get_error(number), model) for number in range(parser.num_errors)]
    return "\n".join(found) or f"the parser gives no reason. Remedy: {_OTHERWISE}"


def remedy(text: str) -> str:
    """What to do about an error that TensorRT words so."""
    return next((advice for pattern, advice in _REMEDIES if re.search(pattern, text)), _OTHERWISE)


def _complaint(error: Any, model: bytes) -> str:
    text = " ".join(line.strip() for line in error.desc().splitlines() if not _NOISE.search(line))
    where = _layer(error, model)
    at = f"layer {where[0]} ({where[1]}): " if where is not None else ""
    return f"{at}{text}. Remedy: {remedy(text)}"


def _layer(error: Any, model: bytes) -> Optional[Tuple[str, str]]:
    """Name and operator; from the model where the version gives a number only."""
    if hasattr(error, "node_name") and error.node_name():
        return str(error.node_name()), str(error.node_operator())
    return node_at(model, error.node()) if error.node() >= 0 else None


def loud(messages: Iterator[str]) -> str:
    """What TensorRT logged as errors, without what a machine without a GPU adds, in one line."""
    return "; ".join(dict.fromkeys(text.strip() for text in messages if not _NOISE.search(text)))
