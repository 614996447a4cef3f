from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Sequence

import numpy as np
import pytest

from agent.domain.evidence import HEAT
from agent.errors import InferenceError
from agent.inference.bundle import Bundle, load_bundle
from agent.inference.fire import FireClassifier, softmax
from agent.inference.manifest import Manifest
from agent.inference.onnxruntime import OnnxRuntimeSession
from agent.ports import Picture
from tests.fakes.bundles import colour_bundle, heated_bundle, manifest
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


def burning(colour: Sequence[int], *, at: Sequence[slice]) -> Picture:
    """A green picture of 96 x 64 with a patch of that colour (BGR)."""
    shown = picture(GREEN, (64, 96))
    shown[at[0], at[1]] = colour
    return shown


@pytest.mark.parametrize("colour", [RED, GREY], ids=["fire", "start-fire"])
@pytest.mark.parametrize("resize", ["squash", "letterbox"])
def test_a_bundle_with_heat_says_where_it_burns(tmp_path: Path, colour: Sequence[int], resize: str) -> None:
    given = {**manifest()["input"], "resize": resize, "padding": 200}
    loaded = load_bundle(str(heated_bundle(tmp_path, input=given)))
    classifier = FireClassifier(loaded, OnnxRuntimeSession(loaded, 1))
    calm = picture(GREEN, (64, 96))
    patch = burning(colour, at=(slice(8, 64), slice(6, 90)))
    left, right = classifier.look([patch, calm])
    assert right.heat is None
    assert left.heat is not None
    assert (left.heat.label, left.heat.score) == (HEAT, left.danger)
    box = left.heat.box
    assert (box.left, box.top) == pytest.approx((6 / 96, 8 / 64), abs=0.05)
    assert (box.right, box.bottom) == pytest.approx((90 / 96, 1.0), abs=0.05)


def test_the_heat_changes_nothing_of_what_is_judged(tmp_path: Path) -> None:
    plain, heated = colour_bundle(tmp_path / "plain"), heated_bundle(tmp_path / "heated")
    views = [burning(RED, at=(slice(0, 60), slice(0, 90))), picture(GREY), picture(GREEN)]
    answers = []
    for folder in (plain, heated):
        loaded = load_bundle(str(folder))
        answers.append(FireClassifier(loaded, OnnxRuntimeSession(loaded, 1)).look(views))
    assert [replace(one, heat=None) for one in answers[1]] == answers[0]
    assert answers[0][0].where == ()


def test_a_map_of_no_numbers_is_no_reason_not_to_see_fire() -> None:
    heat = np.full((1, 3, 7, 7), np.nan, np.float32)
    scripted = ScriptedSession(np.array([[2.0, 1.0, 0.0]], np.float32), heat)
    (scores,) = FireClassifier(bundle(output={**output("logits"), "heat": "heat"}), scripted).look(
        [picture(RED)]
    )
    assert scores.fire > 0.5
    assert scores.heat is None


def test_the_map_of_the_likelier_label_counts_whatever_its_order() -> None:
    heat = np.zeros((1, 3, 4, 4), np.float32)
    heat[0, 2, 0, 0] = heat[0, 1, 3, 3] = 1.0  # start-fire and fire
    scripted = ScriptedSession(np.array([[0.1, 0.2, 0.7]], np.float32), heat)
    classifier = FireClassifier(
        bundle(labels=["no-fire", "fire", "start-fire"], output={**output("probabilities"), "heat": "heat"}),
        scripted,
    )
    (scores,) = classifier.look([picture(RED)])
    assert scores.heat is not None
    assert (scores.heat.box.left, scores.heat.box.top) == (0.0, 0.0)
