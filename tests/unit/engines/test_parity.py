"""Parity of fire engines, and what every parity check does alike."""

from __future__ import annotations

from contextlib import closing
from datetime import datetime, timezone
from pathlib import Path

import numpy as np
import pytest

from agent.engines import parity, parity_fire
from agent.engines.parity_fire import FIRE
from agent.engines.record import Parity
from agent.engines.trials import TRIALS
from agent.errors import EngineError, InferenceError
from agent.inference.bundle import Bundle, load_bundle
from agent.inference.fire import FireClassifier
from agent.inference.onnxruntime import OnnxRuntimeSession
from agent.store.snapshots import FileSnapshots
from agent.vision.annotate import encode_jpeg
from tests.fakes.clock import FakeClock
from tests.unit.engines.ordering import Bent

PICTURES = [np.full((36, 64, 3), colour, np.uint8) for colour in ((0, 0, 255), (200, 200, 200), (0, 90, 0))]
EVERY = [(task, precision) for task, trial in TRIALS.items() for precision in trial.limits]


def found(bundle: Bundle, by: float, spares: int = 0) -> Parity:
    with closing(OnnxRuntimeSession(bundle)) as reference:
        candidate = Bent(OnnxRuntimeSession(bundle), by, spares)
        return FIRE.compare(bundle, candidate, reference, PICTURES, 2)


def test_the_same_is_the_same(bundle: Bundle) -> None:
    measured = found(bundle, 0.0)
    assert (measured.pictures, measured.agreement) == (3, 1.0)
    assert measured.max_error < 1e-5


def test_what_differs_is_measured(bundle: Bundle) -> None:
    measured = found(bundle, 30.0)
    assert measured.max_error > 0.9
    assert measured.agreement == pytest.approx(1 / 3)


def test_a_fault_in_batches_alone_is_found(bundle: Bundle) -> None:
    assert found(bundle, 30.0, spares=1).max_error > 0.9


def test_no_numbers_are_an_error(bundle: Bundle) -> None:
    with pytest.raises(InferenceError, match="not numbers"):
        found(bundle, float("nan"))


@pytest.mark.parametrize(("task", "precision"), EVERY)
def test_limits_are_kept_to_the_edge(task: str, precision: str) -> None:
    trial = TRIALS[task]
    limits = trial.limits[precision]
    trial.accept(Parity(12, limits.max_error, limits.agreement), precision)
    for wrong in (
        Parity(12, limits.max_error + 1e-6, 1.0),
        Parity(12, 0.0, limits.agreement - 1e-6),
        Parity(12, float("nan"), 1.0),
    ):
        with pytest.raises(
            EngineError, match=f"the new {precision} engine does not see what ONNX Runtime sees"
        ):
            trial.accept(wrong, precision)


@pytest.mark.parametrize(("precision", "advice"), [("fp16", "Try another precision"), ("fp32", "Report it")])
def test_a_refusal_says_what_to_do(precision: str, advice: str) -> None:
    with pytest.raises(EngineError, match=advice):
        FIRE.accept(Parity(12, 1.0, 0.0), precision)


def test_a_refusal_says_what_was_measured() -> None:
    said = r"differ by up to 1\.000 \(allowed: 0\.03\) and of its labels are equal 50% \(needed: 95%\)"
    with pytest.raises(EngineError, match=said):
        FIRE.accept(Parity(12, 1.0, 0.5), "fp16")


def test_the_rendered_pictures_hold_every_label() -> None:
    bundle = load_bundle("fire-lite0")
    with closing(FireClassifier(bundle, OnnxRuntimeSession(bundle))) as detector:
        scores = detector.look(parity_fire.rendered())
    labels = [int(np.argmax((one.fire, one.start_fire, one.no_fire))) for one in scores]
    assert len(labels) == 12
    assert set(labels) == {0, 1, 2}


def test_the_newest_clean_pictures_of_incidents_are_taken_too(tmp_path: Path) -> None:
    clock = FakeClock(datetime(2026, 1, 1, tzinfo=timezone.utc))
    snapshots = FileSnapshots(tmp_path, clock)
    for number in range(26):
        grey = np.full((16, 16, 3), 10 + 5 * number, np.uint8)
        snapshots.save(f"i{number}", 1, annotated=encode_jpeg(grey * 0, 90), clean=encode_jpeg(grey, 90))
        clock.advance(60.0)
    found = parity.stored(tmp_path)
    assert len(found) == 24
    assert abs(int(found[0][0, 0, 0]) - 135) <= 2
    assert min(int(picture[0, 0, 0]) for picture in found) > 15
    next(path for path in tmp_path.rglob("i25-1-clean.jpg")).write_bytes(b"no picture")
    assert len(parity.stored(tmp_path)) == 23


def test_without_incidents_there_are_none(tmp_path: Path) -> None:
    assert parity.stored(tmp_path) == []
