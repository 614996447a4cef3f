"""Pictures in, faces with chips and embeddings out."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from agent.faces.predictor import PREDICTOR, Predictor
from agent.faces.reader import FaceReader
from models.convert.dlib_shape import read_predictor
from tests.fakes.dlib_files import small_predictor
from tests.fakes.faces import FakeFaceDetector, FakeFaceEmbedder, embedding, portrait, show, street


@pytest.fixture
def predictor(tmp_path: Path) -> Predictor:
    np.savez(tmp_path / PREDICTOR, **read_predictor(small_predictor(), "points.dat"))  # type: ignore[arg-type]
    return Predictor(tmp_path)


def test_faces_of_several_pictures_are_embedded_in_one_batch(predictor: Predictor) -> None:
    embedder = FakeFaceEmbedder()
    two = show(show(street(480, 640), 3, 400, 200, 120), 5, 40, 200, 160)
    found = FaceReader(FakeFaceDetector(), embedder, predictor).read([two, street(), portrait(7)])
    assert embedder.batches == [3]
    assert [[read.embedding.tolist() for read in reads] for reads in found] == [
        [embedding(5).tolist(), embedding(3).tolist()],
        [],
        [embedding(7).tolist()],
    ]
    assert {read.chip.shape for reads in found for read in reads} == {(150, 150, 3)}
    assert found[2][0].face.score == 0.9


def test_some_of_the_faces_can_be_embedded(predictor: Predictor) -> None:
    reader = FaceReader(FakeFaceDetector(), FakeFaceEmbedder(), predictor)
    picture = show(show(street(480, 640), 3, 400, 200, 120), 5, 40, 200, 160)
    _, other = reader.find([picture])[0]
    (read,) = reader.embed(picture, [other])
    assert read.face is other
    assert read.embedding.tolist() == embedding(3).tolist()
    assert read.chip.tolist() == reader.chip(picture, other).tolist()
    assert reader.embed(picture, []) == []


def test_both_networks_are_freed(predictor: Predictor) -> None:
    detector, embedder = FakeFaceDetector(), FakeFaceEmbedder()
    FaceReader(detector, embedder, predictor).close()
    assert (detector.closed, embedder.closed) == (True, True)
