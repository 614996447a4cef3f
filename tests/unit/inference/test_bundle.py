from __future__ import annotations

import hashlib
import json
import re
from pathlib import Path
from typing import Any, Callable, Dict

import pytest

from agent.errors import BundleError
from agent.inference.bundle import load_bundle, read_manifest, sha256_of, shipped
from tests.fakes.bundles import colour_bundle
from tests.fakes.object_bundles import object_bundle

Damage = Callable[[Dict[str, Any]], None]


@pytest.fixture
def bundle(tmp_path: Path) -> Path:
    return colour_bundle(tmp_path / "colours")


def rewrite(bundle: Path, damage: Damage) -> None:
    path = bundle / "manifest.json"
    content = json.loads(path.read_text())
    damage(content)
    path.write_text(json.dumps(content))


def test_a_bundle_in_a_folder_is_found_and_verified(bundle: Path) -> None:
    loaded = load_bundle(str(bundle))
    assert loaded.model == bundle / "model.onnx"
    assert loaded.manifest.name == "colours"
    assert loaded.manifest.sha256 == sha256_of(loaded.model)
    assert loaded.manifest.output.temperature == 1.0


def test_a_model_that_was_exchanged_is_refused(bundle: Path) -> None:
    expected = sha256_of(bundle / "model.onnx")
    (bundle / "model.onnx").write_bytes(b"another")
    with pytest.raises(BundleError) as refusal:
        load_bundle(str(bundle))
    assert expected in str(refusal.value)
    assert hashlib.sha256(b"another").hexdigest() in str(refusal.value)


def test_a_missing_model_is_named(bundle: Path) -> None:
    (bundle / "model.onnx").unlink()
    with pytest.raises(BundleError, match=r"model\.onnx is missing"):
        load_bundle(str(bundle))


def test_a_folder_without_manifest_is_no_bundle(tmp_path: Path) -> None:
    with pytest.raises(BundleError, match=r"manifest\.json cannot be read: No such file"):
        load_bundle(str(tmp_path))


def test_an_unknown_name_lists_what_is_installed() -> None:
    with pytest.raises(BundleError) as refusal:
        load_bundle("no-such-bundle")
    assert "there is no bundle 'no-such-bundle'" in str(refusal.value)
    installed = [folder.name for folder in shipped()]
    assert ", ".join(installed or ["none"]) in str(refusal.value)


@pytest.mark.parametrize("text", ["", "{", "[]", "null"])
def test_a_manifest_that_is_no_json_object_is_refused(bundle: Path, text: str) -> None:
    (bundle / "manifest.json").write_text(text)
    with pytest.raises(BundleError, match=r"manifest\.json: the document: "):
        read_manifest(bundle)


def test_a_manifest_that_is_no_text_is_refused(bundle: Path) -> None:
    (bundle / "manifest.json").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(BundleError, match="not UTF-8"):
        read_manifest(bundle)


@pytest.mark.parametrize(
    ("damage", "complaint"),
    [
        (lambda m: m.update(colour="red"), "colour: Extra inputs are not permitted"),
        (lambda m: m["input"].update(depth=3), "input.depth: Extra inputs are not permitted"),
        (lambda m: m.pop("labels"), "labels: Field required"),
        (lambda m: m.update(schema_version=2), "schema_version: "),
        (lambda m: m.update(labels=["fire", "no-fire"]), "labels must be fire, start-fire, no-fire"),
        (lambda m: m.update(labels=["fire", "fire", "no-fire"]), "labels must be"),
        (lambda m: m["thresholds"].update(open_above=1.5), "threshold open_above must be between 0 and 1"),
        (lambda m: m["output"].update(temperature=0.0), "output.temperature: "),
        (lambda m: m["output"].update(activation="boxes"), "output.activation: "),
        (lambda m: m["input"].update(width=0), "input.width: "),
        (lambda m: m["input"].update(mean=[0.0]), "input.mean"),
        (lambda m: m["output"].update(activation="none"), "activation must be logits or probabilities"),
        (lambda m: m.update(task="smoke"), "task: "),
        (lambda m: m["input"].update(resize="stretch"), "input.resize: "),
        (lambda m: m["output"].update(heat="logits"), "heat must be another output than the first"),
        (lambda m: m.update(sha256="abc"), "sha256: "),
        (lambda m: m.update(name="../escape"), "name: "),
    ],
)
def test_a_wrong_manifest_says_where_it_is_wrong(bundle: Path, damage: Damage, complaint: str) -> None:
    rewrite(bundle, damage)
    with pytest.raises(BundleError) as refusal:
        load_bundle(str(bundle))
    assert complaint in str(refusal.value)
    assert str(bundle / "manifest.json") in str(refusal.value)


@pytest.mark.parametrize(
    ("damage", "complaint"),
    [
        (lambda m: m.update(labels=["face", "hand"]), "labels of a face-detection bundle must be ['face']"),
        (
            lambda m: m["output"].update(activation="logits"),
            "activation of a bundle for face-detection must be",
        ),
        (lambda m: m["output"].update(temperature=2.0), "must be none, at a temperature of 1"),
        (lambda m: m["input"].update(width=650), "must be multiples of 32"),
        (lambda m: m["thresholds"].pop("overlap"), "thresholds must be score and overlap"),
        (lambda m: m["thresholds"].update(third=0.5), "thresholds must be score and overlap"),
        (lambda m: m.update(task="face-embedding"), "labels of a face-embedding bundle must be []"),
    ],
)
def test_a_wrong_manifest_of_faces_is_refused(tmp_path: Path, damage: Damage, complaint: str) -> None:
    folder = tmp_path / "faces"
    folder.mkdir()
    (folder / "manifest.json").write_bytes((load_bundle("yunet").folder / "manifest.json").read_bytes())
    rewrite(folder, damage)
    with pytest.raises(BundleError, match=re.escape(complaint)):
        read_manifest(folder)


@pytest.mark.parametrize(
    ("damage", "complaint"),
    [
        (lambda m: m.update(labels=[]), "labels must be some of person, bicycle, car, motorcycle"),
        (lambda m: m.update(labels=["car", "person"]), "labels must be some of"),
        (lambda m: m.update(labels=["person", "person"]), "labels must be some of"),
        (lambda m: m.update(labels=["person", "sheep"]), "labels must be some of"),
        (
            lambda m: m["output"].update(activation="logits"),
            "activation of a bundle for object-detection must be",
        ),
        (lambda m: m["input"].update(height=650), "must be multiples of 32"),
        (lambda m: m["input"].update(padding=256), "input.padding: "),
        (lambda m: m["thresholds"].pop("score"), "thresholds must be score and overlap"),
        (lambda m: m["output"].update(heat="heat"), "heat is for a bundle that judges fire"),
    ],
)
def test_a_wrong_manifest_of_objects_is_refused(tmp_path: Path, damage: Damage, complaint: str) -> None:
    folder = object_bundle(tmp_path)
    rewrite(folder, damage)
    with pytest.raises(BundleError, match=re.escape(complaint)):
        read_manifest(folder)


def test_a_bundle_for_another_task_is_refused(bundle: Path) -> None:
    with pytest.raises(BundleError, match="for fire-classification: name one for face-detection"):
        load_bundle(str(bundle), "face-detection")


def test_a_manifest_says_what_comes_out(bundle: Path) -> None:
    assert read_manifest(bundle).row == (3,)
    assert load_bundle("yunet").manifest.row == (80 * 80 + 40 * 40 + 20 * 20, 16)
    assert read_manifest(object_bundle(bundle.parent / "objects")).row == (64 + 16 + 4, 5 + 3)


def test_every_fault_of_a_manifest_is_told_at_once(bundle: Path) -> None:
    rewrite(bundle, lambda m: m.update(colour="red", version=7))
    with pytest.raises(BundleError, match=r"colour.*; .*|version.*; .*"):
        read_manifest(bundle)


def test_a_large_file_is_hashed_whole(tmp_path: Path) -> None:
    data = bytes(range(256)) * 10_000
    (tmp_path / "large").write_bytes(data)
    assert sha256_of(tmp_path / "large") == hashlib.sha256(data).hexdigest()


def test_what_ships_verifies() -> None:
    folders = shipped()
    if not folders:
        pytest.skip("no bundle ships with this checkout")
    for folder in folders:
        assert load_bundle(folder.name).manifest.name == folder.name
