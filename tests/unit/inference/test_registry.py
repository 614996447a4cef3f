from __future__ import annotations

from pathlib import Path

import pytest

from agent.config.settings import FireSettings
from agent.errors import BundleError
from agent.inference.registry import load_fire_detector, probe_fire_model
from tests.fakes.bundles import colour_bundle
from tests.fakes.detector import GREY, picture


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
