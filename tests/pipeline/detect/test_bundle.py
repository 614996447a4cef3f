"""A detector as a bundle: what it computes, and what it is made of."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import onnx
import pytest

torch = pytest.importorskip("torch", reason="training needs torch: pip install 'beffroi[train]'")

from agent.inference.bundle import load_bundle  # noqa: E402  # after the skip
from agent.inference.objects import YoloX  # noqa: E402
from agent.inference.onnxruntime import OnnxRuntimeSession  # noqa: E402
from models.detect.bundle import HEADS, noise, write_bundle  # noqa: E402
from models.nets.city import CityNano, Flames  # noqa: E402
from models.nets.yolox import YoloXNano  # noqa: E402
from models.parity import parity  # noqa: E402


def untrained() -> CityNano:
    published, new = HEADS
    net = CityNano(YoloXNano(published), Flames(new))
    net.eval()
    return net


def test_the_agent_loads_what_was_written(tmp_path: Path) -> None:
    torch.manual_seed(1)
    net = untrained()
    write_bundle(net, 96, tmp_path / "city", "1", {"parent": "none", "training": {}, "metrics": {}})
    bundle = load_bundle(str(tmp_path / "city"), "object-detection")
    detector = YoloX(bundle, OnnxRuntimeSession(bundle), {"score": 0.0001})
    found = detector.find([np.zeros((40, 80, 3), np.uint8), np.full((90, 90, 3), 200, np.uint8)])
    detector.close()
    assert len(found) == 2
    assert parity(net, noise(96), tmp_path / "city") <= 1e-4


def test_has_few_kinds_of_operators(tmp_path: Path) -> None:
    write_bundle(untrained(), 64, tmp_path, "1", {"training": {}, "metrics": {}})
    kinds = {node.op_type for node in onnx.load(str(tmp_path / "model.onnx")).graph.node}
    assert kinds <= {
        "Add", "Concat", "Constant", "Conv", "GlobalAveragePool", "Identity", "MaxPool", "Mul", "ReduceMax",
        "Relu", "Reshape", "Resize", "Sigmoid", "Slice", "Transpose",
    }  # fmt: skip
