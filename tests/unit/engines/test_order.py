from __future__ import annotations

from pathlib import Path

import pytest

from agent.assembly import watching
from agent.engines.key import Recipe
from agent.engines.machine import find_toolkit
from agent.engines.order import BATCHES, Order, key_of, order
from agent.errors import BundleError, EngineError
from agent.inference.bundle import Bundle
from tests.fakes.tensorrt import Fake
from tests.unit.engines.ordering import calibration, settings


def test_it_is_what_the_configuration_says(tmp_path: Path, bundle: Bundle) -> None:
    wanted = order(settings(tmp_path, bundle, precision="fp16", dla_core=1, workspace_mb=64), anew=True)
    assert wanted == Order(bundle.folder, tmp_path, Recipe("fp16", BATCHES, 64, 1), anew=True)
    assert Order.from_json(wanted.to_json()) == wanted


def test_batches_are_those_that_the_analyser_makes() -> None:
    assert BATCHES[0] == 1
    assert BATCHES[2] == watching._BATCH


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
