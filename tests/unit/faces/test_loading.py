"""The networks for faces as the configuration says."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Dict

import pytest

from agent.config.settings import Settings
from agent.errors import BundleError, InferenceError
from agent.faces.loading import load_reader, photo_reader
from tests.fakes.bundles import face_embedder
from tests.fakes.object_bundles import object_bundle


def settings(folder: Path, backend: str) -> Settings:
    """With an embedder whose predictor is none."""
    return Settings.model_validate(
        {
            "cameras": ["scene:"],
            "faces": {"embedder": str(face_embedder(folder / "embedder")), "backend": backend},
            "store": {"folder": str(folder / "data")},
        }
    )


def test_a_predictor_that_cannot_be_read_is_said(tmp_path: Path) -> None:
    with pytest.raises(BundleError, match=r"predictor\.npz"):
        load_reader(settings(tmp_path, "auto"))


def test_an_embedder_that_is_not_there_is_said(tmp_path: Path) -> None:
    with pytest.raises(BundleError, match="nowhere"):
        load_reader(Settings.model_validate({"cameras": ["scene:"], "faces": {"embedder": "/nowhere"}}))


def test_where_people_are_is_asked_of_the_model_of_objects(tmp_path: Path) -> None:
    wanted: Dict[str, Any] = {
        "cameras": ["scene:"],
        "faces": {"embedder": str(face_embedder(tmp_path / "embedder")), "look_in": "people"},
        "objects": {"bundle": "/nowhere"},
    }
    with pytest.raises(BundleError, match="nowhere"):
        load_reader(Settings.model_validate(wanted))
    with_people = {**wanted, "objects": {"bundle": str(object_bundle(tmp_path / "objects"))}}
    with pytest.raises(BundleError, match=r"predictor\.npz"):
        load_reader(Settings.model_validate(with_people))
    no_faces = {**with_people, "faces": {**with_people["faces"], "detector": "/none"}}
    with pytest.raises(BundleError, match="/none"):
        load_reader(Settings.model_validate(no_faces))


def test_the_processor_reads_whatever_the_cameras_use(tmp_path: Path) -> None:
    wanted = settings(tmp_path, "tensorrt")
    with pytest.raises(InferenceError, match="tensorrt"):
        load_reader(wanted)
    with pytest.raises(BundleError, match=r"predictor\.npz"):
        photo_reader(wanted)
