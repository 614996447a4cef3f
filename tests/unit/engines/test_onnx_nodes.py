from __future__ import annotations

import pytest
from onnx import helper

from agent.engines.onnx_nodes import node_at
from tests.fakes.bundles import colour_network


def test_nodes_are_named_by_their_name_or_their_output() -> None:
    network = colour_network()
    network.graph.node[1].name = "flat"
    model = network.SerializeToString()
    assert [node_at(model, index) for index in range(4)] == [
        ("pooled", "GlobalAveragePool"),
        ("flat", "Flatten"),
        ("logits", "Gemm"),
        None,
    ]


def test_a_node_without_anything_has_no_name() -> None:
    model = helper.make_model(helper.make_graph([helper.make_node("", [], [])], "g", [], []))
    assert node_at(model.SerializeToString(), 0) == ("", "")


@pytest.mark.parametrize(
    "data", [b"", b"\xff", b"\x3a\x05hi", b"\x0b", b"\x0d1234", b"\x091234567" + b"\x08\x96\x01"]
)
def test_what_is_no_model_has_no_nodes(data: bytes) -> None:
    assert node_at(data, 0) is None
