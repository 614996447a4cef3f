"""Every bundle that ships loads, looks, and is plain enough for every device."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path
from typing import List

import numpy as np
import onnx
import pytest

from agent.config.settings import FireSettings, ObjectsSettings
from agent.inference.bundle import load_bundle, read_manifest, shipped
from agent.inference.registry import load_fire_detector

BUNDLES = shipped()
OF_FIRE = [folder for folder in BUNDLES if read_manifest(folder).task == "fire-classification"]
OF_OBJECTS = [folder for folder in BUNDLES if read_manifest(folder).task == "object-detection"]
PLAIN = {"Add", "Clip", "Constant", "Conv", "Flatten", "Gemm", "GlobalAveragePool", "Mul", "Relu"} | {
    *("AveragePool", "Concat", "MaxPool", "ReduceMax", "Reshape", "Resize", "Sigmoid", "Slice", "Transpose"),
    *("DequantizeLinear", "QuantizeLinear"),
}
"""Operators that TensorRT 8.5 and ONNX Runtime 1.19 both run."""


def named(folder: Path) -> str:
    return folder.name


def test_the_default_bundles_ship_and_were_fused() -> None:
    names = [folder.name for folder in BUNDLES]
    assert FireSettings().bundle in names
    assert ObjectsSettings().bundle in names
    with closing(load_fire_detector(FireSettings(), boxes=ObjectsSettings())) as detector:
        boxed_by = detector.model.boxed_by
    assert boxed_by is not None
    assert boxed_by.bundle == ObjectsSettings().bundle


@pytest.mark.parametrize("folder", OF_OBJECTS, ids=named)
def test_what_boxes_flames_was_fused_with_the_default_classifier(folder: Path) -> None:
    fusion = read_manifest(folder).fusion
    assert fusion is not None
    assert fusion.classifier_sha256 == load_bundle(FireSettings().bundle).manifest.sha256


@pytest.mark.parametrize("folder", OF_FIRE, ids=named)
def test_it_looks_at_pictures_of_any_size(folder: Path) -> None:
    rng = np.random.default_rng(0)
    sizes = [(720, 1280), (480, 640), (90, 160)]
    pictures = [rng.integers(0, 255, (*size, 3)).astype(np.uint8) for size in sizes]
    with closing(load_fire_detector(FireSettings(bundle=str(folder)))) as detector:
        together = detector.look(pictures)
        alone = [detector.look([picture])[0] for picture in pictures]
    for one, other in zip(together, alone):
        assert one.fire + one.start_fire + one.no_fire == pytest.approx(1.0, abs=1e-4)
        assert one.danger == pytest.approx(other.danger, abs=1e-3)


@pytest.mark.parametrize("folder", BUNDLES, ids=named)
def test_it_is_documented_and_licensed(folder: Path) -> None:
    manifest = load_bundle(str(folder)).manifest
    assert manifest.name == folder.name
    if folder in OF_FIRE:
        assert manifest.metrics["test"]["n"] > 0
        assert {"open_above", "close_below", "fire_above"} <= set(manifest.thresholds)
    assert "Figures" in (folder / "MODEL_CARD.md").read_text(encoding="utf-8")
    assert "Limits" in (folder / "MODEL_CARD.md").read_text(encoding="utf-8")
    assert manifest.licence in (folder / "MODEL_CARD.md").read_text(encoding="utf-8")
    assert (folder / "LICENSE").stat().st_size > 100


@pytest.mark.parametrize("folder", BUNDLES, ids=named)
def test_every_operator_is_one_that_the_device_has(folder: Path) -> None:
    model = onnx.load(str(folder / "model.onnx"))
    operators: List[str] = sorted({node.op_type for node in model.graph.node} - PLAIN)
    assert operators == []
    assert [one.version for one in model.opset_import] == [13]
    assert model.ir_version <= 9
