from __future__ import annotations

from contextlib import closing
from pathlib import Path
from typing import NamedTuple, Optional

import numpy as np
import pytest

from agent.config.settings import FireSettings
from agent.errors import BundleError, InferenceError
from agent.inference.registry import (
    load_face_detector,
    load_face_embedder,
    load_fire_detector,
    load_object_detector,
    load_photo_detector,
    probe_fire_model,
)
from tests.fakes.bundles import colour_bundle, embedding_bundle
from tests.fakes.detector import GREY, picture
from tests.fakes.object_bundles import object_bundle


@pytest.mark.parametrize("backend", ["auto", "onnxruntime"])
def test_every_backend_that_can_be_configured_looks(tmp_path: Path, backend: str) -> None:
    settings = FireSettings.model_validate({"bundle": str(colour_bundle(tmp_path)), "backend": backend})
    detector = load_fire_detector(settings)
    (scores,) = detector.look([picture(GREY)])
    detector.close()
    assert scores.start_fire > 0.9
    assert detector.model.backend == "onnxruntime"


def test_a_probe_says_which_model_would_look(tmp_path: Path) -> None:
    settings = FireSettings(bundle=str(colour_bundle(tmp_path)), threads=1)
    assert probe_fire_model(settings).bundle == "colours"


def test_a_bundle_that_is_not_there_is_refused() -> None:
    with pytest.raises(BundleError, match="there is no bundle"):
        probe_fire_model(FireSettings(bundle="nowhere"))


class Faces(NamedTuple):
    """Implements agent.inference.registry.FaceModels."""

    detector: str = "yunet"
    backend: str = "onnxruntime"
    threads: Optional[int] = 1


@pytest.mark.parametrize("backend", ["auto", "onnxruntime"])
def test_faces_are_found_by_every_backend_too(backend: str) -> None:
    with closing(load_face_detector(Faces(backend=backend))) as detector:
        assert detector.find([picture(GREY)]) == [[]]
        assert (detector.model.bundle, detector.model.backend) == ("yunet", "onnxruntime")
    with closing(load_face_detector(Faces(), score=0.4)) as detector:
        assert detector.model.thresholds["score"] == 0.4


def test_photos_are_searched_on_the_processor_whatever_their_size() -> None:
    small, large = np.zeros((320, 240, 3), np.uint8), np.zeros((240, 321, 3), np.uint8)
    with closing(load_photo_detector(Faces(backend="tensorrt"))) as detector:
        assert (detector.model.bundle, detector.model.backend) == ("yunet", "onnxruntime")
        assert detector.find([small, large, small]) == [[], [], []]


class Objects(NamedTuple):
    """Implements agent.inference.registry.ObjectModels."""

    bundle: str
    backend: str = "onnxruntime"
    threads: Optional[int] = None


@pytest.mark.parametrize("backend", ["auto", "onnxruntime"])
def test_objects_are_boxed_by_every_backend_too(tmp_path: Path, backend: str) -> None:
    settings = Objects(str(object_bundle(tmp_path)), backend)
    red = np.zeros((64, 64, 3), np.uint8)
    red[8:16, 8:16] = (0, 0, 255)
    with closing(load_object_detector(settings)) as detector:
        assert [thing.label for thing in detector.find([red])[0]] == ["person"]
        assert detector.model.backend == "onnxruntime"


def test_objects_are_boxed_by_a_bundle_that_was_made_on_the_device(tmp_path: Path) -> None:
    object_bundle(tmp_path / "mine", name="mine")
    with closing(load_object_detector(Objects("mine"), home=tmp_path)) as detector:
        assert detector.model.bundle == "mine"


def test_an_embedder_is_read_from_its_folder(tmp_path: Path) -> None:
    folder = embedding_bundle(tmp_path)
    with closing(load_face_embedder(str(folder), Faces())) as embedder:
        (one, other) = embedder.embed([np.full((8, 8, 3), value, np.uint8) for value in (0, 255)])
        assert one == pytest.approx(np.zeros(128))
        assert other == pytest.approx(np.linspace(0, 1, 128), abs=1e-5)


def test_a_bundle_for_another_task_is_refused(tmp_path: Path) -> None:
    fire = str(colour_bundle(tmp_path))
    with pytest.raises(BundleError, match="name one for face-detection"):
        load_face_detector(Faces(detector=fire))
    with pytest.raises(BundleError, match="name one for face-embedding"):
        load_face_embedder(fire, Faces())
    with pytest.raises(BundleError, match="name one for fire-classification"):
        load_fire_detector(FireSettings(bundle="yunet"))


def test_where_tensorrt_is_missing_faces_say_so() -> None:
    with pytest.raises(InferenceError, match=r"tensorrt cannot be imported.*faces\.backend"):
        load_face_detector(Faces(backend="tensorrt"))
