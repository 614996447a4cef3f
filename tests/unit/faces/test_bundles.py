from __future__ import annotations

from pathlib import Path
from typing import Any, List

import pytest

from agent.config.settings import Settings
from agent.errors import BundleError
from agent.faces.bundles import cache, face_bundles
from tests.fakes.bundles import face_embedder


def settings(folder: Path, policy: str = "watch", **faces: Any) -> Settings:
    return Settings.model_validate(
        {
            "cameras": [{"id": "gate", "url": "scene:", "faces": {"policy": policy}}],
            "store": {"folder": str(folder)},
            "faces": {"key": "A" * 43, **faces},
        }
    )


def names(wanted: Settings, make: bool = True) -> List[str]:
    return [bundle.manifest.name for bundle in face_bundles(wanted, make=make)]


def test_where_no_camera_looks_for_faces_none_are_needed(tmp_path: Path) -> None:
    assert face_bundles(settings(tmp_path, "off")) == []


@pytest.mark.parametrize("make", [True, False])
def test_what_is_in_the_data_folder_or_named_is_used(tmp_path: Path, make: bool) -> None:
    face_embedder(cache(settings(tmp_path)) / "dlib-face")
    assert names(settings(tmp_path), make) == ["yunet", "embeddings"]
    mine = face_embedder(tmp_path / "mine")
    assert names(settings(tmp_path / "other", embedder=str(mine)), make) == ["yunet", "embeddings"]


def test_what_would_have_to_be_made_is_left_out_on_request(tmp_path: Path) -> None:
    assert names(settings(tmp_path), make=False) == ["yunet"]
    assert list(tmp_path.iterdir()) == []


def test_a_detector_that_is_none_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BundleError, match="name one for face-detection"):
        face_bundles(settings(tmp_path, detector="fire-lite0"))
