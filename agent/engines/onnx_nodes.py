"""The names of an ONNX model's nodes, read straight from the file.

TensorRT 8.5 says which node it refuses by number alone, and the daemon runs without the onnx package.
Field numbers are those of onnx.proto3 (ModelProto.graph 7, GraphProto.node 1, NodeProto.output 2, name 3,
op_type 4); https://protobuf.dev/programming-guides/encoding/ says how they lie in the file.
"""

from __future__ import annotations

from typing import Dict, Iterator, Optional, Tuple

_GRAPH, _NODE, _OUTPUT, _NAME, _OPERATOR = 7, 1, 2, 3, 4
_VARINT, _FIXED64, _BYTES, _FIXED32 = 0, 1, 2, 5


def node_at(model: bytes, index: int) -> Optional[Tuple[str, str]]:
    """Name and operator of the node `index` (from 0) of the main graph; one without a name is called by its
    first output. None where there is no such node, or the file is no model."""
    try:
        graph = next((value for field, value in _fields(model) if field == _GRAPH), b"")
        nodes = (value for field, value in _fields(graph) if field == _NODE)
        for number, node in enumerate(nodes):
            if number == index:
                return _named(node)
    except (IndexError, ValueError):
        return None
    return None


def _named(node: bytes) -> Tuple[str, str]:
    texts: Dict[int, str] = {}
    for field, value in _fields(node):
        if field in (_OUTPUT, _NAME, _OPERATOR):
            texts.setdefault(field, value.decode())
    return texts.get(_NAME) or texts.get(_OUTPUT, ""), texts.get(_OPERATOR, "")


def _fields(message: bytes) -> Iterator[Tuple[int, bytes]]:
    """Each length-delimited field of a message; raises IndexError or ValueError where it is none."""
    view, at = memoryview(message), 0
    while at < len(view):
        tag, at = _varint(view, at)
        kind = tag & 7
        if kind == _BYTES:
            length, at = _varint(view, at)
            yield tag >> 3, bytes(view[at : at + length])
            at += length
        elif kind == _VARINT:
            _, at = _varint(view, at)
        elif kind in (_FIXED32, _FIXED64):
            at += 4 if kind == _FIXED32 else 8
        else:
            raise ValueError(f"no field starts with {tag}")


def _varint(view: memoryview, at: int) -> Tuple[int, int]:
    value = shift = 0
    while True:
        byte = view[at]
        at += 1
        value |= (byte & 0x7F) << shift
        if byte < 0x80:
            return value, at
        shift += 7
