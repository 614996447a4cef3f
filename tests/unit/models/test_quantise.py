"""An INT8 bundle of an FP32 one."""

from __future__ import annotations

import json
from contextlib import closing
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper, numpy_helper

from agent.inference.bundle import load_bundle
from agent.inference.objects import YoloX
from agent.inference.onnxruntime import OnnxRuntimeSession
from models.data import DataError
from models.quantise import depthwise, last_layers, quantise
from tests.fakes.object_bundles import SIDE, object_bundle


@pytest.fixture
def bundle(tmp_path: Path) -> Path:
    folder = object_bundle(tmp_path / "squares")
    (folder / "LICENSE").write_text("free")
    (folder / "MODEL_CARD.md").write_text("# squares 1\n\nBoxes squares.\n")
    return folder


@pytest.fixture
def pictures(tmp_path: Path) -> Path:
    """Three pictures in a folder below, and a file that is none."""
    root = tmp_path / "pictures"
    (root / "below").mkdir(parents=True)
    for number in range(3):
        cv2.imwrite(str(root / "below" / f"{number}.png"), street(number))
    (root / "broken.jpg").write_bytes(b"no picture")
    return root


def street(number: int) -> Any:
    picture = np.zeros((SIDE, SIDE, 3), np.uint8)
    picture[8:16, 8 * number : 8 * number + 8] = (0, 0, 255)
    picture[40:48, 40:48] = (0, 255, 0)
    return picture


def test_sees_what_the_original_sees(bundle: Path, pictures: Path, tmp_path: Path) -> None:
    quantise(str(bundle), tmp_path / "squares-int8", pictures, number=9, seed=1, keep=None)
    small = load_bundle(str(tmp_path / "squares-int8"), "object-detection")
    assert (small.manifest.name, small.manifest.precision) == ("squares-int8", "int8")
    assert load_bundle(str(bundle)).manifest.sha256 in str(small.manifest.parent)
    kinds = [node.op_type for node in onnx.load(str(small.folder / "model.onnx")).graph.node]
    assert kinds.count("DequantizeLinear") > 0
    whole = load_bundle(str(bundle))
    found = []
    for one in (whole, small):
        with closing(YoloX(one, OnnxRuntimeSession(one, 1))) as detector:
            found.append(detector.find([street(1)])[0])
    assert [thing.label for thing in found[0]] == [thing.label for thing in found[1]] == ["person", "dog"]
    assert found[1][0].score == pytest.approx(found[0][0].score, abs=0.05)
    card = (small.folder / "MODEL_CARD.md").read_text()
    assert card.startswith("# squares-int8 1")
    assert "those of the original" in card
    assert (small.folder / "LICENSE").read_text() == "free"


def test_is_as_plain_as_the_original(bundle: Path, pictures: Path, tmp_path: Path) -> None:
    quantise(str(bundle), tmp_path / "small", pictures, number=3, seed=1, keep=None)
    before, after = (onnx.load(str(folder / "model.onnx")) for folder in (bundle, tmp_path / "small"))
    assert [(one.domain, one.version) for one in after.opset_import] == [("", 13)]
    kinds = [{node.op_type for node in model.graph.node} for model in (before, after)]
    assert kinds[1] <= kinds[0] | {"QuantizeLinear", "DequantizeLinear"}


def test_refuses_a_bundle_without_papers_and_pictures_that_cannot_be_read(
    bundle: Path, tmp_path: Path
) -> None:
    broken = tmp_path / "broken"
    broken.mkdir()
    (broken / "x.jpg").write_bytes(b"no picture")
    with pytest.raises(DataError, match="none of the 1 pictures"):
        quantise(str(bundle), tmp_path / "out", broken, number=3, seed=1, keep=None)
    (bundle / "LICENSE").unlink()
    with pytest.raises(DataError, match="has no LICENSE"):
        quantise(str(bundle), tmp_path / "other", broken, number=3, seed=1, keep=None)
    assert not (tmp_path / "other").exists()


def test_a_layer_may_be_left_in_floating_point(bundle: Path, pictures: Path, tmp_path: Path) -> None:
    names = [node.name for node in onnx.load(str(bundle / "model.onnx")).graph.node]
    with pytest.raises(DataError, match="has no layer nowhere"):
        quantise(str(bundle), tmp_path / "out", pictures, number=9, seed=1, keep=["nowhere"])
    assert "nowhere" not in names
    assert not (tmp_path / "out").exists()


def test_refuses_what_is_quantised_and_a_folder_without_pictures(bundle: Path, tmp_path: Path) -> None:
    with pytest.raises(DataError, match="there is no picture"):
        quantise(str(bundle), tmp_path / "out", tmp_path / "nothing", number=9, seed=1, keep=None)
    manifest = json.loads((bundle / "manifest.json").read_text())
    (bundle / "manifest.json").write_text(json.dumps({**manifest, "precision": "int8"}))
    with pytest.raises(DataError, match="is int8 already"):
        quantise(str(bundle), tmp_path / "out", tmp_path, number=9, seed=1, keep=None)


def test_last_layers_and_depthwise_ones_are_found() -> None:
    weight = numpy_helper.from_array(np.ones((2, 1, 1, 1), np.float32), "w")
    nodes = [
        helper.make_node("Conv", ["x", "w"], ["a"], name="deep", group=2),
        helper.make_node("Relu", ["a"], ["b"], name="relu"),
        helper.make_node("Conv", ["b", "w"], ["c"], name="box", group=2),
        helper.make_node("Conv", ["b", "w"], ["d"], name="score", group=2),
        helper.make_node("Sigmoid", ["d"], ["e"], name="sure"),
        helper.make_node("Concat", ["c", "e"], ["y"], name="all", axis=1),
    ]
    shape = helper.make_tensor_value_info
    graph = helper.make_graph(
        nodes,
        "small",
        [shape("x", TensorProto.FLOAT, [1, 2, 4, 4])],
        [shape("y", TensorProto.FLOAT, [1, 4, 4, 4])],
        [weight],
    )
    assert last_layers(graph) == ["box", "score"]
    assert depthwise(graph) == ["deep", "box", "score"]
