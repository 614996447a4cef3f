"""What the pretended builder makes: a plan as bytes, bound to the version and the device that built it."""

from __future__ import annotations

import base64
import hashlib
import json
from dataclasses import asdict, dataclass, field
from typing import Any, Dict, List, Optional, Tuple

_MAGIC = b"pretended plan\n"


@dataclass(frozen=True)
class Tensor:
    """`mode` and `dtype` are names of TensorIOMode and DataType; -1 is a free dimension."""

    name: str
    mode: str
    dtype: str
    shape: List[int]


@dataclass(frozen=True)
class Plan:
    """`profiles` has least, best and most of each input; `flags` are names of BuilderFlag."""

    version: str
    compute_capability: List[int]
    onnx: bytes
    tensors: List[Tensor]
    profiles: Dict[str, List[List[int]]]
    flags: List[str] = field(default_factory=list)
    dla_core: Optional[int] = None
    calibration: str = ""

    def pack(self) -> bytes:
        """With a hash before it, so that damage is noticed."""
        value: Dict[str, Any] = {**asdict(self), "onnx": base64.b64encode(self.onnx).decode()}
        body = json.dumps(value).encode()
        return _MAGIC + hashlib.sha256(body).hexdigest().encode() + b"\n" + body


def unpack(data: bytes) -> Tuple[Optional[Plan], str]:
    """The plan, or None and why it is none."""
    if not data.startswith(_MAGIC):
        return None, "Serialization assertion stdVersionRead == kSERIALIZATION_VERSION failed: magic tag"
    digest, _, body = data[len(_MAGIC) :].partition(b"\n")
    if hashlib.sha256(body).hexdigest().encode() != digest:
        return None, "Deserialization failed: checksum mismatch"
    value = json.loads(body)
    value["onnx"] = base64.b64decode(value["onnx"])
    value["tensors"] = [Tensor(**tensor) for tensor in value["tensors"]]
    return Plan(**value), ""
