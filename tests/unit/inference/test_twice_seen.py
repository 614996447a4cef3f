"""A classifier and a detector look at the same pictures, and the first goes on where the second fails."""

from __future__ import annotations

from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any, Callable, Dict, List, Optional, Sequence

import pytest
import structlog.testing

from agent.config.settings import FireSettings, ObjectsSettings
from agent.domain.box import Box
from agent.domain.detection import Detection
from agent.domain.fusion import Fusion, Weights
from agent.errors import InferenceError
from agent.inference.bundle import load_bundle
from agent.inference.registry import load_fire_detector
from agent.inference.shared import Seen
from agent.inference.twice_seen import TwiceSeen
from agent.ports import Picture
from tests.fakes.bundles import colour_bundle
from tests.fakes.detector import GREEN, MODEL, RED, FakeFireDetector, picture
from tests.fakes.looks import CALM, FLAMES
from tests.fakes.object_bundles import object_bundle
from tests.fakes.objects import BOXER, FakeObjectDetector

FLAME = Detection("fire", 0.9, Box(0.1, 0.1, 0.3, 0.4))
RULE = Fusion(Weights(0.0, 1.0, 1.0, 0.5), Weights(0.0, 1.0, 1.0))


class Boxer(FakeObjectDetector):
    """Boxes a flame in every picture; `failures` calls fail first."""

    def find(self, pictures: Sequence[Picture]) -> List[List[Detection]]:
        super().find(pictures)
        return [[FLAME, Detection("car", 0.8, Box(0, 0, 1, 1))] for _ in pictures]


def test_both_look_at_the_same_pictures_and_are_fused() -> None:
    boxer = Boxer()
    pictures = [picture(GREEN), picture(RED)]
    calm, burning = TwiceSeen(FakeFireDetector(), boxer, RULE).look(pictures)
    assert boxer.seen == pictures
    assert (calm.boxes, burning.boxes) == ((FLAME,), (FLAME,))
    assert calm == RULE.of(CALM, [FLAME])
    assert burning == RULE.of(FLAMES, [FLAME])


def test_the_model_names_both() -> None:
    model = TwiceSeen(FakeFireDetector(), Boxer(), RULE).model
    assert model == replace(MODEL, boxed_by=BOXER)


def test_where_the_detector_fails_the_classifier_looks_alone_from_then_on() -> None:
    boxer = Boxer(failures=1)
    twice = TwiceSeen(FakeFireDetector(), boxer, RULE)
    with structlog.testing.capture_logs() as logs:
        for _ in range(2):
            assert twice.look([picture(RED)]) == [FLAMES]
    assert [line["log_level"] for line in logs] == ["error"]
    assert not boxer.seen
    assert twice.model == MODEL


def test_where_the_classifier_fails_the_look_fails() -> None:
    with pytest.raises(InferenceError):
        TwiceSeen(FakeFireDetector(failures=1), Boxer(), RULE).look([picture(RED)])


def test_both_are_closed_whatever_the_first_says() -> None:
    class Clings(Boxer):
        def close(self) -> None:
            raise InferenceError("it clings")

    judge, boxer = FakeFireDetector(), Boxer()
    TwiceSeen(judge, boxer, RULE).close()
    assert (judge.closed, boxer.closed) == (True, True)
    clung_to = FakeFireDetector()
    with pytest.raises(InferenceError, match="clings"):
        TwiceSeen(clung_to, Clings(), RULE).close()
    assert clung_to.closed


def fused(folder: Path, classifier: Path, labels: Optional[List[str]] = None, **changes: Any) -> Path:
    """A bundle that boxes red as fire and whose weights were chosen with that classifier."""
    weights: Dict[str, Any] = {"bias": 0.0, "judged": 1.0, "flames": 1.0}
    section = {
        "classifier": "colours",
        "classifier_sha256": load_bundle(str(classifier)).manifest.sha256,
        "danger": {**weights, "smoke": 0.5},
        "fire": weights,
        "chosen": {},
        **changes,
    }
    return object_bundle(folder, labels=labels or ["person", "fire", "smoke"], fusion=section)


@pytest.fixture
def colours(tmp_path: Path) -> Path:
    return colour_bundle(tmp_path / "colours")


def test_the_configured_detector_of_objects_looks_too(tmp_path: Path, colours: Path) -> None:
    boxes = ObjectsSettings(bundle=str(fused(tmp_path / "boxes", colours)), backend="onnxruntime")
    settings = FireSettings(bundle=str(colours), backend="onnxruntime")
    detector = load_fire_detector(settings, boxes=boxes)
    model = detector.model
    detector.close()
    assert model.boxed_by is not None
    assert (model.bundle, model.boxed_by.bundle) == ("colours", "squares")
    assert model.thresholds == {"open_above": 0.6, "close_below": 0.35, "fire_above": 0.5}


def test_what_is_boxed_is_told_to_who_looks_at_the_same_pictures(tmp_path: Path, colours: Path) -> None:
    boxes = ObjectsSettings(bundle=str(fused(tmp_path / "boxes", colours)), backend="onnxruntime")
    settings = FireSettings(bundle=str(colours), backend="onnxruntime")
    seen, blue, red = Seen(), picture((255, 0, 0)), picture(RED)
    with closing(load_fire_detector(settings, boxes=boxes, seen=seen)) as detector:
        detector.look([blue, red])
    told = [seen.get(one) for one in (blue, red)]
    assert [{thing.label for thing in things or ()} for things in told] == [{"fire"}, {"person"}]
    assert seen.get(picture(RED)) is None


@pytest.mark.parametrize("why", ["switched off", "not there", "not fused", "another classifier", "a task"])
def test_in_any_other_case_the_classifier_looks_alone(tmp_path: Path, colours: Path, why: str) -> None:
    make: Dict[str, Callable[[], Path]] = {
        "switched off": lambda: fused(tmp_path / "boxes", colours),
        "not there": lambda: tmp_path / "nowhere",
        "not fused": lambda: object_bundle(tmp_path / "boxes"),
        "another classifier": lambda: fused(tmp_path / "boxes", colours, classifier_sha256="0" * 64),
        "a task": lambda: colours,
    }
    bundle = make[why]()
    settings = FireSettings(bundle=str(colours), backend="onnxruntime", boxes=why != "switched off")
    with structlog.testing.capture_logs() as logs:
        detector = load_fire_detector(settings, boxes=ObjectsSettings(bundle=str(bundle)))
    model = detector.model
    detector.close()
    assert model.boxed_by is None
    assert "warning" not in [line["log_level"] for line in logs], "who brings a classifier meant to"
    assert any("models fuse" in line.get("remedy", "") for line in logs) == (why == "another classifier")


def test_a_backend_that_cannot_run_the_boxes_leaves_the_classifier(tmp_path: Path, colours: Path) -> None:
    boxes = ObjectsSettings(bundle=str(fused(tmp_path / "boxes", colours)), backend="tensorrt")
    settings = FireSettings(bundle=str(colours), backend="onnxruntime")
    with structlog.testing.capture_logs() as logs:
        detector = load_fire_detector(settings, boxes=boxes)
    detector.close()
    assert detector.model.boxed_by is None
    assert [line["log_level"] for line in logs] == ["warning"]
