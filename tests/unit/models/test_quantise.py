"""An INT8 bundle of an FP32 one."""

from __future__ import annotations

import json
import logging
import re
from contextlib import closing
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper, numpy_helper

from agent.inference.bundle import load_bundle, sha256_of
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
    quantise(str(bundle), tmp_path / "squares-int8", pictures, split_file=None, number=9, seed=1, keep=None)
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
    quantise(str(bundle), tmp_path / "small", pictures, split_file=None, number=3, seed=1, keep=None)
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
        quantise(str(bundle), tmp_path / "out", broken, split_file=None, number=3, seed=1, keep=None)
    (bundle / "LICENSE").unlink()
    with pytest.raises(DataError, match="has no LICENSE"):
        quantise(str(bundle), tmp_path / "other", broken, split_file=None, number=3, seed=1, keep=None)
    assert not (tmp_path / "other").exists()


def test_a_layer_may_be_left_in_floating_point(bundle: Path, pictures: Path, tmp_path: Path) -> None:
    names = [node.name for node in onnx.load(str(bundle / "model.onnx")).graph.node]
    with pytest.raises(DataError, match="has no layer nowhere"):
        quantise(str(bundle), tmp_path / "out", pictures, split_file=None, number=9, seed=1, keep=["nowhere"])
    assert "nowhere" not in names
    assert not (tmp_path / "out").exists()


def test_refuses_what_is_quantised_and_a_folder_without_pictures(bundle: Path, tmp_path: Path) -> None:
    with pytest.raises(DataError, match="there is no picture"):
        quantise(
            str(bundle), tmp_path / "out", tmp_path / "nothing", split_file=None, number=9, seed=1, keep=None
        )
    manifest = json.loads((bundle / "manifest.json").read_text())
    (bundle / "manifest.json").write_text(json.dumps({**manifest, "precision": "int8"}))
    with pytest.raises(DataError, match="is int8 already"):
        quantise(str(bundle), tmp_path / "out", tmp_path, split_file=None, number=9, seed=1, keep=None)


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


def test_of_a_split_the_training_part_alone_is_drawn_from(
    bundle: Path, pictures: Path, tmp_path: Path
) -> None:
    of = {path.name: sha256_of(path) for path in (pictures / "below").iterdir()}
    table = tmp_path / "split.csv"
    rows = [f"{of['0.png']},street,0,train", f"{of['1.png']},street,1,test"]
    table.write_text("\n".join(["sha256,label,group,part", *rows]))
    order: Any = {"pictures": pictures, "split_file": table, "number": 9, "seed": 1, "keep": None}
    quantise(str(bundle), tmp_path / "out", **order)
    assert "of 1 pictures" in (tmp_path / "out" / "MODEL_CARD.md").read_text().replace("\n", " ")
    table.write_text("\n".join(["sha256,label,group,part", *rows[1:]]))
    with pytest.raises(DataError, match=r"none of the pictures below .* is in its training part"):
        quantise(str(bundle), tmp_path / "other", **order)


def test_weights_of_fusion_are_not_taken_over(pictures: Path, tmp_path: Path) -> None:
    weights = {"bias": 0.0, "judged": 1.0, "flames": 1.0, "smoke": 0.0}
    fusion = {
        "classifier": "a",
        "classifier_sha256": "0" * 64,
        "danger": weights,
        "fire": weights,
        "chosen": {},
    }
    folder = object_bundle(tmp_path / "boxes", labels=["person", "fire", "smoke"], fusion=fusion)
    (folder / "LICENSE").write_text("free")
    (folder / "MODEL_CARD.md").write_text("# boxes 1\n\nBoxes.\n")
    quantise(str(folder), tmp_path / "out", pictures, split_file=None, number=1, seed=1, keep=None)
    assert load_bundle(str(folder)).manifest.fusion is not None
    assert load_bundle(str(tmp_path / "out")).manifest.fusion is None


@pytest.mark.parametrize("ruined", [True, False])
def test_it_is_said_how_much_the_answer_changed(
    bundle: Path, pictures: Path, tmp_path: Path, caplog: pytest.LogCaptureFixture, ruined: bool
) -> None:
    if ruined:
        pictures = faint(bundle, tmp_path / "faint")
    with caplog.at_level(logging.INFO, "models.quantise"):
        quantise(str(bundle), tmp_path / "out", pictures, split_file=None, number=3, seed=1, keep=None)
    (share,) = re.findall(r"differs by ([\d.]+) %", caplog.text)
    assert (float(share) > 20) == ruined
    assert ("Name it by --float" in caplog.text) == ruined


def faint(bundle: Path, folder: Path) -> Path:
    """Let the network go by red alone, and show it pictures that are full of blue and hold one grey level of
    red, which one range for all colours does not tell from none."""
    model = onnx.load(str(bundle / "model.onnx"))
    (stem,) = [one for one in model.graph.initializer if one.name == "stem"]
    weights = np.zeros((3, 3, 1, 1), np.float32)
    weights[:, 2] = 200.0
    stem.CopyFrom(numpy_helper.from_array(weights, "stem"))
    onnx.save(model, str(bundle / "model.onnx"))
    manifest = json.loads((bundle / "manifest.json").read_text())
    manifest["sha256"] = sha256_of(bundle / "model.onnx")
    (bundle / "manifest.json").write_text(json.dumps(manifest))
    folder.mkdir()
    picture = np.zeros((SIDE, SIDE, 3), np.uint8)
    picture[:] = (255, 0, 1)
    cv2.imwrite(str(folder / "faint.png"), picture)
    return folder
