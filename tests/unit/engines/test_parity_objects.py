"""Parity of engines that box objects."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path
from typing import Callable

import numpy as np
import pytest

from agent.engines.parity_objects import BOXES
from agent.engines.record import Parity
from agent.errors import InferenceError
from agent.inference.backend import Result
from agent.inference.bundle import load_bundle
from agent.inference.onnxruntime import OnnxRuntimeSession
from agent.ports import Picture
from tests.fakes.object_bundles import CELLS, SIDE, description, object_bundle
from tests.fakes.sessions import ScriptedSession
from tests.unit.engines.test_parity_faces import Bending, same
from tests.unit.inference import objects

Bend = Callable[[Result], Result]


def street(*squares: int) -> Picture:
    """A red square in each of those columns of cells."""
    picture: Picture = np.zeros((SIDE, SIDE, 3), np.uint8)
    for column in squares:
        picture[16:24, 8 * column : 8 * column + 8] = (0, 0, 255)
    return picture


def compared(folder: Path, bend: Bend, spares: int = 0, *pictures: Picture) -> Parity:
    bundle = load_bundle(str(object_bundle(folder)))
    shown = pictures or (street(1), street(2, 5), street())
    with closing(OnnxRuntimeSession(bundle, 1)) as session:
        return BOXES.compare(bundle, Bending(session, bend, spares), session, shown, 2)


def fainter(result: Result) -> Result:
    bent: Result = result.copy()
    bent[:, :, 4] *= 0.9
    return bent


def shifted(by: float) -> Bend:
    """Every box to the right, by so much of a cell."""

    def bend(result: Result) -> Result:
        bent: Result = result.copy()
        bent[:, :, 0] += by
        return bent

    return bend


def test_the_same_is_the_same(tmp_path: Path) -> None:
    assert compared(tmp_path, same) == Parity(3, 0.0, 1.0)


def test_other_scores_are_an_error_and_no_other_box(tmp_path: Path) -> None:
    found = compared(tmp_path, fainter)
    assert found.max_error == pytest.approx(0.1, abs=0.001)
    assert found.agreement == 1.0


@pytest.mark.parametrize(("by", "agreement"), [(0.05, 1.0), (0.2, 0.0), (3.0, 0.0)])
def test_boxes_elsewhere_are_not_the_same(tmp_path: Path, by: float, agreement: float) -> None:
    assert compared(tmp_path, shifted(by)) == Parity(3, 0.0, agreement)


def test_what_is_missed_and_what_is_imagined_are_errors(tmp_path: Path) -> None:
    def blind(result: Result) -> Result:
        bent: Result = result.copy()
        bent[:, :, 4] = 0.0
        return bent

    def imagining(result: Result) -> Result:
        bent: Result = result.copy()
        bent[:, 0, 4:] = 1.0
        return bent

    assert compared(tmp_path / "blind", blind).max_error > 0.9
    assert compared(tmp_path / "imagining", imagining).max_error > 0.9


def test_a_fault_in_batches_alone_is_found(tmp_path: Path) -> None:
    assert compared(tmp_path, shifted(1.0), 1).agreement == 0.0


def test_where_nothing_is_seen_scores_are_compared_all_the_same(tmp_path: Path) -> None:
    def raised(result: Result) -> Result:
        bent: Result = result.copy()
        bent[:, :, 4:] += 0.2
        return bent

    found = compared(tmp_path, raised, 0, street())
    assert found.max_error == pytest.approx(0.04, abs=1e-3)
    assert found.agreement == 1.0


def test_no_numbers_are_an_error(tmp_path: Path) -> None:
    with pytest.raises(InferenceError, match="not numbers"):
        compared(tmp_path, lambda result: result * np.float32("nan"))


def test_the_pictures_are_rendered_streets(tmp_path: Path) -> None:
    bundle = load_bundle(str(object_bundle(tmp_path / "bundle")))
    assert [picture.shape for picture in BOXES.pictures(bundle, tmp_path)] == [(360, 640, 3)] * 12


def test_heads_are_compared_each_by_its_own_labels_and_boxes() -> None:
    heads = objects.bundle(output={**description()["output"], "heads": [2, 1]})
    said = np.zeros((1, CELLS, 5 + 2 + 5 + 1), np.float32)
    said[0, 9] = (0.5, 0.5, 0, 0, 0.9, 0.1, 0.8, 0.5, 0.5, 0, 0, 0.5, 0.9)
    bent = said.copy()
    bent[0, 9, 7], bent[0, 9, -1] = 3.0, 0.7
    found = BOXES.compare(heads, ScriptedSession(bent), ScriptedSession(said), [street()], 1)
    assert found.max_error == pytest.approx(0.1)
    assert found.agreement == 0.5
