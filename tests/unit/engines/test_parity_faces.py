"""Parity of face engines."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path
from typing import Callable, List

import numpy as np
import pytest

from agent.engines import drawn
from agent.engines.parity_faces import EMBEDDING, FINDING
from agent.engines.record import Parity
from agent.errors import EngineError
from agent.inference.backend import Result, Session
from agent.inference.bundle import Bundle, load_bundle
from agent.inference.onnxruntime import OnnxRuntimeSession
from agent.ports import Picture
from agent.vision.preprocess import Batch
from tests.fakes.bundles import embedding_bundle

Bend = Callable[[Result], Result]


class Bending:
    """Implements Session: what ONNX Runtime says, bent, for larger batches than `spares`."""

    backend = "bending"
    precision = "fp16"

    def __init__(self, session: Session, bend: Bend, spares: int = 0) -> None:
        self._session, self._bend, self._spares = session, bend, spares

    def infer(self, batch: Batch) -> Result:
        result = self._session.infer(batch)
        return self._bend(result) if len(batch) > self._spares else result

    def infer_all(self, batch: Batch) -> List[Result]:
        return [self.infer(batch)]

    def close(self) -> None:
        self._session.close()


def same(result: Result) -> Result:
    return result


def moved(result: Result) -> Result:
    """Every box by two cells to the right; scores and landmarks stay."""
    bent: Result = result.copy()
    bent[:, :, 2] += 2.0
    return bent


def slanted(result: Result) -> Result:
    """Every landmark by two cells to the right."""
    bent: Result = result.copy()
    bent[:, :, 6::2] += 2.0
    return bent


def fainter(result: Result) -> Result:
    bent: Result = result.copy()
    bent[:, :, :2] *= 0.9
    return bent


def faces(bend: Bend, spares: int = 0, most: int = 2) -> Parity:
    bundle = load_bundle("yunet")
    with closing(OnnxRuntimeSession(bundle, 1)) as session:
        return FINDING.compare(bundle, Bending(session, bend, spares), session, drawn.scenes(), most)


def embeddings(folder: Path, bend: Bend) -> Parity:
    bundle = load_bundle(str(embedding_bundle(folder)))
    greys = [np.full((8, 8, 3), grey, np.uint8) for grey in (0, 60, 120, 250)]
    with closing(OnnxRuntimeSession(bundle, 1)) as session:
        return EMBEDDING.compare(bundle, Bending(session, bend), session, greys, 3)


def test_the_same_is_the_same(tmp_path: Path) -> None:
    found = faces(same)
    assert (found.pictures, found.agreement) == (3, 1.0)
    assert found.max_error < 1e-4
    assert embeddings(tmp_path, same) == Parity(4, 0.0, 1.0)


def test_other_scores_are_an_error_but_no_missed_face() -> None:
    found = faces(fainter)
    assert found.agreement == 1.0
    assert found.max_error == pytest.approx(0.09, abs=0.01)


@pytest.mark.parametrize("bend", [moved, slanted, np.zeros_like])
def test_faces_elsewhere_or_nowhere_are_missed(bend: Bend) -> None:
    assert faces(bend).agreement < 0.2


def test_a_fault_in_batches_alone_is_found() -> None:
    assert faces(np.zeros_like, spares=1, most=3).agreement == 0.0


def test_pictures_without_a_face_prove_nothing() -> None:
    bundle, grey = load_bundle("yunet"), np.full((64, 64, 3), 90, np.uint8)
    with closing(OnnxRuntimeSession(bundle, 1)) as session, pytest.raises(EngineError, match="finds no face"):
        FINDING.compare(bundle, session, session, [grey], 1)


def test_the_distance_of_embeddings_is_measured(tmp_path: Path) -> None:
    found = embeddings(tmp_path, lambda result: result + np.float32(0.01))
    assert found.max_error == pytest.approx(0.01 * 128**0.5, rel=1e-4)
    assert found.agreement == 1.0
    assert embeddings(tmp_path, np.zeros_like).agreement == 0.25


def test_chips_have_the_size_of_the_input(tmp_path: Path) -> None:
    bundle: Bundle = load_bundle(str(embedding_bundle(tmp_path)))
    chips = EMBEDDING.pictures(bundle, tmp_path)
    assert {chip.shape for chip in chips} == {(16, 16, 3)}


def test_drawn_faces_are_the_same_every_time_and_differ_from_each_other() -> None:
    first, again = drawn.chips(150), drawn.chips(150)
    assert all(np.array_equal(one, other) for one, other in zip(first, again))
    distinct = {picture.tobytes() for picture in first}
    assert len(distinct) == len(first) == 12

    def shape(picture: Picture) -> object:
        return picture.shape, picture.dtype, picture.flags.c_contiguous

    assert {shape(scene) for scene in drawn.scenes()} == {((480, 640, 3), np.dtype(np.uint8), True)}
