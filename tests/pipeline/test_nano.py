"""The body of the detector that ships, as a classifier."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import onnx
import onnxruntime
import pytest

from agent.inference.bundle import load_bundle
from tests.pipeline.verbs import verb

torch = pytest.importorskip("torch", reason="training needs torch: pip install 'beffroi[train]'")


def test_its_body_begins_as_that_of_the_detector() -> None:
    """At the cells of the finest map that the picture's edge does not reach."""
    from models.nets import build
    from models.nets.nano import PARENT

    bundle = load_bundle(PARENT)
    side = bundle.manifest.input.width
    picture = np.random.default_rng(1).uniform(0, 255, (1, 3, side, side)).astype(np.float32)
    net = build("fire-nano", 3, pretrained=True).eval()
    with torch.no_grad():
        ours, _, _ = net.body((torch.from_numpy(picture) - 127.0) / 128.0)
    theirs = _finest(bundle.model, np.ascontiguousarray(picture[:, ::-1]))
    inside = (slice(None), slice(None), slice(12, -12), slice(12, -12))
    assert theirs.std() > 0.05
    assert np.allclose(ours.numpy()[inside], theirs[inside], atol=1e-3)


def _finest(model: Path, picture: np.ndarray) -> np.ndarray:
    graph = onnx.load(str(model))
    [node] = [one for one in graph.graph.node if one.name == "/body/fine/fine.3/join/join.1/Mul"]
    graph.graph.output.append(
        onnx.helper.make_tensor_value_info(node.output[0], onnx.TensorProto.FLOAT, None)
    )
    session = onnxruntime.InferenceSession(graph.SerializeToString())
    [found] = session.run([node.output[0]], {session.get_inputs()[0].name: picture})
    return np.asarray(found)


def test_every_verb_takes_it(data: Path, tmp_path: Path) -> None:
    run, bundle = tmp_path / "run", tmp_path / "nano"
    small = ("--epochs", 1, "--side", 64, "--final-epochs", 0, "--final-side", 64, "--batch", 8)
    for order in (
        ("train", "--data", data, "--net", "fire-nano", *small, "--out", run),
        ("export", run, "--out", bundle, "--half"),
        ("prune", run, "--out", tmp_path / "narrow", "--keep", 0.75),
        ("quantise", bundle, "--pictures", data, "--out", tmp_path / "nano-int8"),
        ("explain", run, "--data", data, "--out", tmp_path / "why", "--number", 1, "--sample", 2),
        ("train", "--data", data, "--net", "fire-nano", *small, "--start", bundle, "--out", tmp_path / "on"),
    ):
        done = verb(*order)
        assert done.returncode == 0, (order[0], done.stderr)
    manifest = json.loads((bundle / "manifest.json").read_text())
    assert "YOLOX-Nano" in manifest["parent"]
    assert (bundle / "model.onnx").stat().st_size < 1.5e6
