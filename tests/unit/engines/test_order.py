from __future__ import annotations

from pathlib import Path

import pytest

from agent.assembly import watching
from agent.engines.key import Recipe
from agent.engines.machine import find_toolkit
from agent.engines.order import BATCHES, Order, key_of, order
from agent.errors import BundleError, EngineError
from agent.inference.bundle import Bundle, load_bundle
from tests.fakes.object_bundles import object_bundle
from tests.fakes.tensorrt import Fake
from tests.unit.engines.ordering import calibration, settings

FIRE = BATCHES["fire-classification"]


def test_it_is_what_the_configuration_says(tmp_path: Path, bundle: Bundle) -> None:
    wanted = order(settings(tmp_path, bundle, precision="fp16", dla_core=1, workspace_mb=64), anew=True)
    assert wanted == Order(bundle.folder, tmp_path, Recipe("fp16", FIRE, 64, 1), anew=True)
    assert Order.from_json(wanted.to_json()) == wanted


def test_batches_are_those_that_the_analyser_makes() -> None:
    assert FIRE[2] == watching._BATCH
    assert {least for least, _, _ in BATCHES.values()} == {1}


def test_int8_of_a_plain_bundle_needs_pictures(tmp_path: Path, bundle: Bundle) -> None:
    wanted = settings(tmp_path, bundle, precision="int8")
    with pytest.raises(EngineError, match="put 32 or more there"):
        order(wanted)
    calibration(tmp_path)
    assert order(wanted).recipe.calibration is not None


def test_a_bundle_that_is_not_there_is_an_error(tmp_path: Path, bundle: Bundle) -> None:
    wanted = settings(tmp_path, bundle)
    bundle.model.unlink()
    with pytest.raises(BundleError, match="is missing"):
        order(wanted)


def test_the_key_says_what_comes_out(fake: Fake, tmp_path: Path, bundle: Bundle) -> None:
    wanted = order(settings(tmp_path, bundle, precision="fp16"))
    key = key_of(bundle, wanted.recipe, find_toolkit())
    assert key.precision == ("fp16" if hasattr(fake.trt.BuilderFlag, "FP16") else "fp32")
    assert key.recipe.precision == "fp16"


@pytest.mark.parametrize(("wanted", "comes"), [("fp32", "fp32"), ("fp16", "fp16"), ("int8", "fp16")])
def test_faces_are_built_beside_fire_and_never_calibrated(
    tmp_path: Path, bundle: Bundle, wanted: str, comes: str
) -> None:
    faces = load_bundle("yunet")
    ordered = order(settings(tmp_path, bundle, precision=wanted), faces)
    assert ordered.bundle == faces.folder.resolve()
    assert ordered.recipe == Recipe(comes, BATCHES["face-detection"], 256)


def test_objects_are_built_a_frame_at_a_time_and_never_calibrated(tmp_path: Path, bundle: Bundle) -> None:
    objects = load_bundle(str(object_bundle(tmp_path / "objects")))
    ordered = order(settings(tmp_path, bundle, precision="int8"), objects)
    assert ordered.recipe == Recipe("fp16", (1, 1, 4), 256)


def test_a_bundle_for_something_else_does_not_look_for_fire(tmp_path: Path, bundle: Bundle) -> None:
    with pytest.raises(BundleError, match="name one for fire-classification"):
        order(settings(tmp_path, load_bundle("yunet")))
