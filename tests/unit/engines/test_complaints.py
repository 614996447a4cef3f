from __future__ import annotations

from typing import List, Optional

import pytest

from agent.engines.complaints import complaints, loud, remedy
from tests.fakes.bundles import colour_network

MODEL = colour_network().SerializeToString()


class Old:
    """A ParserError of TensorRT 8.5: it gives the node's number."""

    def __init__(self, text: str, node: int) -> None:
        self._text, self._node = text, node

    def desc(self) -> str:
        return self._text

    def node(self) -> int:
        return self._node


class New(Old):
    """Of TensorRT 10 and later: it gives the name, where it knows it."""

    def __init__(self, text: str, node: int, name: str) -> None:
        super().__init__(text, node)
        self._name = name

    def node_name(self) -> str:
        return self._name

    def node_operator(self) -> str:
        return "Conv"


class Parser:
    def __init__(self, *errors: Old) -> None:
        self._errors = errors
        self.num_errors = len(errors)

    def get_error(self, index: int) -> Old:
        return self._errors[index]


@pytest.mark.parametrize(
    ("error", "layer"),
    [
        (Old("bad", 2), "layer logits (Gemm): bad"),
        (New("bad", 2, "stem"), "layer stem (Conv): bad"),
        (New("bad", 1, ""), "layer means (Flatten): bad"),
        (Old("bad", -1), "bad"),
        (Old("bad", 99), "bad"),
    ],
)
def test_the_layer_is_named_whatever_the_version_tells(error: Old, layer: str) -> None:
    assert complaints(Parser(error), MODEL).startswith(f"{layer}. Remedy: ")


def test_every_error_has_a_line_and_the_missing_gpu_none() -> None:
    first = Old("one\n[checkMacros.cpp::catchCudaError::250] Error Code 1: Cuda Runtime\n two ", 0)
    lines = complaints(Parser(first, Old("three", 1)), MODEL).splitlines()
    assert len(lines) == 2
    assert lines[0].startswith("layer pooled (GlobalAveragePool): one two. Remedy")


def test_a_parser_without_a_word_still_gets_a_remedy() -> None:
    assert "opset 13" in complaints(Parser(), MODEL)


@pytest.mark.parametrize(
    ("text", "advice"),
    [
        ("input has type Int32 but must have type FP8, FP4, Int4, Int8, or UInt8", "QuantizeBias=False"),
        (
            "Assertion failed: shiftIsAllZeros(zeroPoint): Non-zero zero point is not supported",
            "symmetric int8",
        ),
        ("TRT only supports symmetric quantization - zeroPt must be all zeros", "symmetric int8"),
        ("No importer registered for op: LayerNormalization", "HardSwish"),
        ("unsupported opset 21", "opset 13"),
        ("ParseFromCodedStream(&codedInput): Failed to parse the ONNX model.", "install the bundle again"),
        ("something else", "onnxruntime"),
    ],
)
def test_what_is_known_has_its_own_remedy(text: str, advice: str) -> None:
    assert advice in remedy(text)


@pytest.mark.parametrize(
    ("messages", "told"),
    [([], ""), ([" a ", "b", "a"], "a; b"), (["catchCudaError: no driver"], "")],
)
def test_a_log_is_one_line_without_repeats(messages: List[str], told: Optional[str]) -> None:
    assert loud(iter(messages)) == told
