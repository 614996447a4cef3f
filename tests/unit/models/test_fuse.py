"""`python -m models fuse` on networks that read colours."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, Dict

import pytest
from typer import Typer

from agent.config.settings import FireSettings, ObjectsSettings
from agent.errors import BundleError
from agent.inference.bundle import load_bundle, read_manifest
from agent.inference.registry import load_fire_detector
from models.data import DataError
from models.fuse import fuse
from tests.fakes import class_folders
from tests.fakes.bundles import colour_bundle
from tests.fakes.cli import runner
from tests.fakes.object_bundles import object_bundle

app = Typer()
app.command()(fuse)


def run(*arguments: object) -> Dict[str, Any]:
    ran = runner().invoke(app, [str(one) for one in arguments], catch_exceptions=False)
    assert ran.exit_code == 0
    return dict(json.loads(ran.stdout))


@pytest.fixture
def classifier(tmp_path: Path) -> Path:
    return colour_bundle(tmp_path / "colours")


@pytest.fixture
def boxes(tmp_path: Path) -> Path:
    return object_bundle(tmp_path / "boxes", labels=["person", "fire", "smoke"])


@pytest.fixture
def data(tmp_path: Path) -> Path:
    return class_folders.make(tmp_path / "classes", each=14)


def test_what_it_writes_the_agent_looks_with(boxes: Path, classifier: Path, data: Path) -> None:
    said = run(boxes, "--data", data, "--classifier", classifier)
    manifest = read_manifest(boxes)
    assert manifest.fusion is not None
    assert json.loads(manifest.fusion.model_dump_json()) == said
    assert manifest.fusion.classifier_sha256 == load_bundle(str(classifier)).manifest.sha256
    assert said["chosen"]["pictures"] == 6
    assert set(said["chosen"]) >= {"classifier", "boxes", "fused", "boxes_alone", "at", "on"}
    settings = FireSettings(bundle=str(classifier), backend="onnxruntime")
    detector = load_fire_detector(settings, boxes=ObjectsSettings(bundle=str(boxes), backend="onnxruntime"))
    detector.close()
    assert detector.model.boxed_by is not None


def test_fused_again_it_says_the_same(boxes: Path, classifier: Path, data: Path) -> None:
    first = run(boxes, "--data", data, "--classifier", classifier)
    assert run(boxes, "--data", data, "--classifier", classifier) == first


def test_pictures_like_those_it_was_trained_on_are_left_out(
    boxes: Path, classifier: Path, data: Path, tmp_path: Path
) -> None:
    boxed = tmp_path / "boxed"
    (boxed / "labels").mkdir(parents=True)
    (boxed / "data.yaml").write_text("names: [fire, smoke]\n")
    rows = []
    for number, path in enumerate(sorted((data / "fire").iterdir())):
        copy = boxed / "images" / path.name
        copy.parent.mkdir(exist_ok=True)
        copy.write_bytes(path.read_bytes())
        rows.append(f"images/{path.name},{number * 0xFFFF:016x}")
    (boxed / "manifest.csv").write_text("file,phash\n" + "\n".join(rows) + "\n")
    mine = [f"fire/{path.name},{'f' * 16}" for path in sorted((data / "fire").iterdir())]
    (data / "manifest.csv").write_text("file,phash\n" + "\n".join(mine) + "\n")
    options = ("--data", data, "--classifier", classifier, "--boxed", boxed)
    assert run(boxes, *options)["chosen"]["pictures"] == 6
    alike = [line.replace("f" * 16, "0" * 16) for line in mine]
    (data / "manifest.csv").write_text("file,phash\n" + "\n".join(alike) + "\n")
    with pytest.raises(DataError, match="must show each of fire, start-fire, no-fire"):
        run(boxes, *options)


def test_a_bundle_that_boxes_no_fire_cannot_be_fused(tmp_path: Path, classifier: Path, data: Path) -> None:
    with pytest.raises(DataError, match="neither fire nor smoke"):
        run(object_bundle(tmp_path / "squares"), "--data", data, "--classifier", classifier)


def test_a_classifier_boxes_nothing(classifier: Path, data: Path) -> None:
    with pytest.raises(BundleError, match="is a bundle for fire-classification"):
        run(classifier, "--data", data, "--classifier", classifier)


def test_a_picture_that_is_none_is_named(boxes: Path, classifier: Path, data: Path) -> None:
    for path in (data / "fire").iterdir():
        path.write_bytes(b"no picture " + path.name.encode())
    with pytest.raises(DataError, match="cannot be decoded"):
        run(boxes, "--data", data, "--classifier", classifier)
