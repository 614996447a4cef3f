from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import onnx
import onnxruntime
import pytest

from agent.errors import BundleError
from agent.inference.bundle import load_bundle, sha256_of
from agent.inference.manifest import CITY_LABELS
from agent.inference.onnxruntime import OnnxRuntimeSession
from models.convert import convert
from models.convert.yolox import CLASSES, COCO, WIDTH, convert_yolox
from tests.fakes.object_bundles import CELLS, SIDE, cell_network

SHARED = Path(__file__).parents[4] / "shared"
SOURCE = SHARED / "weights" / "yolox_nano.onnx"


def published(classes: int = CLASSES) -> onnx.ModelProto:
    """A network that is laid out as YOLOX-Nano's export, its batch fixed to one picture."""
    weights = np.random.default_rng(1).normal(0, 0.05, (classes, WIDTH)).astype(np.float32)
    return cell_network(weights, batch=1)


def _rename(network: onnx.ModelProto, old: str, new: str) -> None:
    for one in network.graph.initializer:
        one.name = new if one.name == old else one.name
    for node in network.graph.node:
        node.input[:] = [new if name == old else name for name in node.input]


def columns_of(source: Path, pictures: Any) -> Any:
    """What the published network says of the kept classes, one picture at a time."""
    session = onnxruntime.InferenceSession(str(source))
    (given,) = session.get_inputs()
    kept = [0, 1, 2, 3, 4, *(5 + place for place in COCO.values())]
    return np.concatenate([session.run(None, {given.name: one[None]})[0][:, :, kept] for one in pictures])


def test_a_citys_classes_are_kept_and_the_batch_is_free(tmp_path: Path) -> None:
    source, to = tmp_path / "net.onnx", tmp_path / "yolox"
    onnx.save(published(), str(source))
    convert("yolox", source, to)
    bundle = load_bundle(str(to), "object-detection")
    manifest = bundle.manifest
    assert (manifest.name, manifest.labels) == ("yolox-nano", list(CITY_LABELS[:13]))
    assert sha256_of(source) in str(manifest.parent)
    assert (manifest.input.colour, manifest.input.resize, manifest.input.padding) == ("BGR", "letterbox", 114)
    assert manifest.licence in (to / "MODEL_CARD.md").read_text()
    assert "Apache License" in (to / "LICENSE").read_text()
    pictures = np.random.default_rng(1).uniform(0, 255, (3, 3, SIDE, SIDE)).astype(np.float32)
    found = OnnxRuntimeSession(bundle, 1).infer(pictures)
    assert found.shape == (3, CELLS, 5 + 13)
    assert np.ptp(found[:, :, 5:]) > 0.5
    assert found == pytest.approx(columns_of(source, pictures), abs=1e-6)


def test_the_published_network_says_the_same_of_what_is_kept(tmp_path: Path) -> None:
    if not SOURCE.is_file():
        pytest.skip("no published weights beside the checkout (../shared/weights)")
    convert_yolox(SOURCE, tmp_path)
    bundle = load_bundle(str(tmp_path))
    pictures = np.random.default_rng(2).uniform(0, 255, (2, 3, 416, 416)).astype(np.float32)
    assert OnnxRuntimeSession(bundle, 1).infer(pictures) == pytest.approx(
        columns_of(SOURCE, pictures), abs=1e-4
    )
    model = onnx.load(str(bundle.model))
    assert [one.version for one in model.opset_import] == [13]


def test_the_kept_classes_are_those_of_these_names() -> None:
    names = """person,bicycle,car,motorcycle,airplane,bus,train,truck,boat,traffic light,fire hydrant,
        stop sign,parking meter,bench,bird,cat,dog,horse,sheep,cow,elephant,bear,zebra,giraffe,backpack,
        umbrella,handbag,tie,suitcase"""
    there = [name.strip() for name in names.split(",")]
    assert [there[place] for place in COCO.values()] == list(COCO)


@pytest.mark.parametrize("wrong", ["classes", "layers", "shapes"])
def test_another_network_is_refused(tmp_path: Path, wrong: str) -> None:
    network = published(20 if wrong == "classes" else CLASSES)
    if wrong == "layers":
        _rename(network, "head.cls_preds.2.bias", "bias")
    if wrong == "shapes":
        network.graph.node[-1].attribute[0].ints[:] = [0, 1, 2]
    onnx.save(network, str(tmp_path / "net.onnx"))
    with pytest.raises(BundleError, match="this is not YOLOX-Nano"):
        convert_yolox(tmp_path / "net.onnx", tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_a_file_that_is_none_is_refused(tmp_path: Path) -> None:
    (tmp_path / "net.onnx").write_bytes(b"no network")
    with pytest.raises(BundleError, match=r"net\.onnx"):
        convert_yolox(tmp_path / "net.onnx", tmp_path / "out")
    with pytest.raises(BundleError, match="name YOLOX-Nano's ONNX file"):
        convert("yolox", None, None)
