from __future__ import annotations

from pathlib import Path
from typing import Sequence

import numpy as np
import pytest

from agent.errors import InferenceError
from agent.inference.bundle import Bundle
from agent.inference.fire import FireClassifier, softmax
from agent.inference.manifest import Manifest
from agent.inference.onnxruntime import OnnxRuntimeSession
from tests.fakes.bundles import colour_bundle, manifest
from tests.fakes.detector import GREEN, GREY, RED, picture
from tests.fakes.sessions import ScriptedSession


def scripted_session(rows: Sequence[Sequence[float]]) -> ScriptedSession:
    return ScriptedSession(np.array(rows, np.float32))


def bundle(**changes: object) -> Bundle:
    return Bundle(Path("nowhere"), Manifest.model_validate({**manifest(), "sha256": "0" * 64, **changes}))


def output(activation: str, temperature: float = 1.0) -> dict[str, object]:
    return {"name": "logits", "activation": activation, "temperature": temperature}


def test_colours_are_told_apart(tmp_path: Path) -> None:
    folder = colour_bundle(tmp_path)
    loaded = Bundle(folder, Manifest.model_validate_json((folder / "manifest.json").read_text()))
    classifier = FireClassifier(loaded, OnnxRuntimeSession(loaded, 1))
    red, grey, green = classifier.look([picture(RED), picture(GREY, (200, 90)), picture(GREEN, (8, 8))])
    assert red.fire > 0.99
    assert grey.start_fire > 0.99
    assert green.no_fire > 0.99
    assert red == classifier.look([picture(RED)])[0]
    assert classifier.model.bundle == "colours"
    assert classifier.model.sha256 == loaded.manifest.sha256
    assert classifier.model.backend == "onnxruntime"
    assert classifier.model.precision == "fp32"
    assert classifier.model.thresholds["open_above"] == 0.6


def test_labels_may_stand_in_any_order() -> None:
    classifier = FireClassifier(
        bundle(labels=["no-fire", "fire", "start-fire"], output=output("probabilities")),
        scripted_session([[0.5, 0.2, 0.3]]),
    )
    (scores,) = classifier.look([picture(RED)])
    assert (scores.no_fire, scores.fire, scores.start_fire) == pytest.approx((0.5, 0.2, 0.3))


def test_temperature_softens_logits_but_not_the_ranking() -> None:
    def fire(temperature: float) -> float:
        scripted = scripted_session([[2.0, 1.0, 0.0]])
        (scores,) = FireClassifier(bundle(output=output("logits", temperature)), scripted).look(
            [picture(RED)]
        )
        assert scores.fire + scores.start_fire + scores.no_fire == pytest.approx(1.0)
        return scores.fire

    assert fire(0.5) > fire(1.0) > fire(2.0) > 1 / 3
    assert fire(1.0) == pytest.approx(np.exp(2) / (np.exp(2) + np.exp(1) + 1))


def test_softmax_survives_large_logits() -> None:
    rows = softmax(np.array([[1000.0, -1000.0, 0.0], [-1e4, -1e4, -1e4]], np.float32), 1.0)
    assert rows[0] == pytest.approx([1.0, 0.0, 0.0])
    assert rows[1] == pytest.approx([1 / 3] * 3)


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
@pytest.mark.parametrize("activation", ["logits", "probabilities"])
def test_values_that_are_no_numbers_are_refused(value: float, activation: str) -> None:
    classifier = FireClassifier(
        bundle(output=output(activation)), scripted_session([[0.2, 0.3, 0.5], [value, value, 0.0]])
    )
    with pytest.raises(InferenceError, match="colours gave values that are not numbers"):
        classifier.look([picture(RED), picture(GREEN)])


def test_no_pictures_are_no_scores(tmp_path: Path) -> None:
    folder = colour_bundle(tmp_path)
    loaded = Bundle(folder, Manifest.model_validate_json((folder / "manifest.json").read_text()))
    assert FireClassifier(loaded, OnnxRuntimeSession(loaded, 1)).look([]) == []


def test_closing_closes_the_session() -> None:
    scripted = scripted_session([[0.2, 0.3, 0.5]])
    FireClassifier(bundle(), scripted).close()
    assert scripted.closed


def test_the_manifests_normalisation_reaches_the_network() -> None:
    given = {**manifest()["input"], "mean": [10.0, 20.0, 30.0], "scale": [2.0, 4.0, 5.0]}
    scripted = scripted_session([[0.2, 0.3, 0.5]])
    FireClassifier(bundle(input=given), scripted).look([picture((130, 120, 110))])
    (batch,) = scripted.given
    assert batch[0, :, 0, 0] == pytest.approx([50.0, 25.0, 20.0])
