"""Where the bundle of embeddings comes from; the program that makes one is a small script here."""

from __future__ import annotations

import shutil
import sys
from pathlib import Path
from typing import Tuple

import pytest
from structlog.testing import capture_logs

from agent.errors import BundleError
from agent.faces import provision
from agent.faces.predictor import PREDICTOR
from agent.faces.provision import FaceBundleError, face_bundle
from tests.fakes.bundles import colour_bundle, embedding_bundle, face_embedder


@pytest.fixture
def ready(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A bundle to copy; the packages that the real one is made of count as installed."""
    monkeypatch.setattr(provision, "_NEEDED", ("json",))
    monkeypatch.setattr(provision, "shipped", list)
    return face_embedder(tmp_path / "ready")


def copying(source: Path) -> Tuple[str, ...]:
    """The command of a converter."""
    return sys.executable, "-c", f"import shutil, sys; shutil.copytree({str(source)!r}, sys.argv[1])"


def saying(text: str) -> Tuple[str, ...]:
    """The command of one that fails."""
    return sys.executable, "-c", f"import sys; sys.exit({text!r})"


def test_it_is_made_once_and_kept(tmp_path: Path, ready: Path) -> None:
    cache = tmp_path / "data" / "models"
    assert face_bundle(cache, command=copying(ready)) == cache / "dlib-face"
    assert face_bundle(cache, command=saying("again?")) == cache / "dlib-face"
    assert [path.name for path in cache.iterdir()] == ["dlib-face"]


@pytest.mark.parametrize("name", [PREDICTOR, "model.onnx", "manifest.json"])
@pytest.mark.parametrize("gone", [True, False])
def test_a_damaged_one_is_made_again(tmp_path: Path, ready: Path, name: str, gone: bool) -> None:
    kept = face_bundle(tmp_path / "cache", command=copying(ready)) / name
    whole = kept.read_bytes()
    if gone:
        kept.unlink()
    else:
        kept.write_bytes(b"damaged")
    assert face_bundle(tmp_path / "cache", command=copying(ready)) == kept.parent
    assert kept.read_bytes() == whole


def test_that_it_is_damaged_is_logged(tmp_path: Path, ready: Path) -> None:
    (face_bundle(tmp_path, command=copying(ready)) / PREDICTOR).write_bytes(b"damaged")
    with capture_logs() as logs:
        face_bundle(tmp_path, command=copying(ready))
    assert [line["log_level"] for line in logs] == ["warning", "info"]


def test_one_that_ships_is_taken_and_nothing_is_made(
    tmp_path: Path, ready: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    installed = tmp_path / "bundles" / "dlib-face"
    shutil.copytree(ready, installed)
    monkeypatch.setattr(provision, "shipped", lambda: [installed])
    assert face_bundle(tmp_path / "cache", command=saying("why?")) == installed
    (installed / PREDICTOR).write_bytes(b"damaged")
    with pytest.raises(FaceBundleError, match="damaged or was exchanged"):
        face_bundle(tmp_path / "cache", command=copying(ready))


def test_a_folder_of_the_users_own_is_taken(tmp_path: Path, ready: Path) -> None:
    assert face_bundle(tmp_path / "cache", str(ready)) == ready
    with pytest.raises(FaceBundleError, match="nowhere cannot embed faces: there is no bundle"):
        face_bundle(tmp_path / "cache", str(tmp_path / "nowhere"))


def test_a_bundle_without_a_predictor_is_none(tmp_path: Path) -> None:
    with pytest.raises(FaceBundleError, match="cannot embed faces"):
        face_bundle(tmp_path, str(embedding_bundle(tmp_path / "bare")))


def test_a_bundle_for_another_task_is_refused(tmp_path: Path) -> None:
    with pytest.raises(FaceBundleError, match="fire-classification"):
        face_bundle(tmp_path, str(colour_bundle(tmp_path / "colours")))


def test_what_to_install_is_told(tmp_path: Path, ready: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(provision, "_NEEDED", ("json", "no_such_package"))
    with pytest.raises(BundleError, match=r"without no_such_package: pip install 'beffroi\[faces\]'"):
        face_bundle(tmp_path, command=copying(ready))


def test_why_it_cannot_be_made_is_told(tmp_path: Path, ready: Path) -> None:
    with pytest.raises(FaceBundleError, match=r"cannot be made: net\.dat is damaged"):
        face_bundle(tmp_path / "cache", command=saying("reading\nnet.dat is damaged"))
    with pytest.raises(FaceBundleError, match="cannot be made: exit code 7"):
        face_bundle(tmp_path / "cache", command=(sys.executable, "-c", "raise SystemExit(7)"))
    assert list((tmp_path / "cache").iterdir()) == []


def test_one_that_hangs_is_ended(tmp_path: Path, ready: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(provision, "LIMIT_S", 0.2)
    with pytest.raises(FaceBundleError, match=r"longer than 0\.2 s"):
        face_bundle(tmp_path, command=(sys.executable, "-c", "import threading; threading.Event().wait()"))


def test_a_folder_that_cannot_be_written_is_told(tmp_path: Path, ready: Path) -> None:
    (tmp_path / "cache").write_text("a file")
    with pytest.raises(FaceBundleError, match="cannot be written"):
        face_bundle(tmp_path / "cache", command=copying(ready))


def test_another_process_may_be_first(tmp_path: Path, ready: Path) -> None:
    first = tmp_path / "cache" / "dlib-face"
    code = (
        "import shutil, sys; "
        f"shutil.copytree({str(ready)!r}, sys.argv[1]); shutil.copytree({str(ready)!r}, {str(first)!r})"
    )
    assert face_bundle(tmp_path / "cache", command=(sys.executable, "-c", code)) == first
