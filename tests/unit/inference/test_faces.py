from __future__ import annotations

from contextlib import closing
from pathlib import Path
from typing import List, Sequence, Tuple

import cv2
import numpy as np
import numpy.typing as npt
import pytest

from agent.engines import drawn
from agent.errors import InferenceError
from agent.inference.bundle import Bundle, load_bundle
from agent.inference.faces import DlibFace, PortraitFirst, YuNet
from agent.inference.manifest import Manifest
from agent.inference.onnxruntime import OnnxRuntimeSession
from agent.ports import Face, Picture
from tests.fakes.bundles import manifest
from tests.fakes.sessions import ScriptedSession

SHARED = Path(__file__).parents[4] / "shared"
SIDE = 64
COLUMNS = SIDE // 8
Cell = Tuple[int, float, Sequence[float]]
"""Index of a cell, its score, and offset and logarithmic size of the box."""


def faces_bundle() -> Bundle:
    """A detector for 64 x 64: 64 cells of 8 pixels, 16 of 16, 4 of 32."""
    given = {**manifest()["input"], "width": SIDE, "height": SIDE, "resize": "letterbox"}
    changes = {
        "task": "face-detection",
        "labels": ["face"],
        "input": {**given, "scale": [1.0, 1.0, 1.0]},
        "output": {"name": "cells", "activation": "none"},
        "thresholds": {"score": 0.6, "overlap": 0.3},
    }
    return Bundle(Path("nowhere"), Manifest.model_validate({**manifest(), "sha256": "0" * 64, **changes}))


def chips_bundle() -> Bundle:
    changes = {
        "task": "face-embedding",
        "labels": [],
        "output": {"name": "embedding", "activation": "none"},
        "thresholds": {},
    }
    return Bundle(Path("nowhere"), Manifest.model_validate({**manifest(), "sha256": "0" * 64, **changes}))


def cells(*said: Cell) -> npt.NDArray[np.float32]:
    rows = np.zeros((1, 64 + 16 + 4, 16), np.float32)
    for index, score, box in said:
        rows[0, index, :2] = score
        rows[0, index, 2:6] = box
        rows[0, index, 6:] = np.arange(10) / 10
    return rows


def found(rows: npt.NDArray[np.float32], size: Tuple[int, int] = (SIDE, SIDE)) -> List[Face]:
    (faces,) = YuNet(faces_bundle(), ScriptedSession(rows)).find([np.zeros((*size, 3), np.uint8)])
    return faces


def edges(face: Face) -> Tuple[float, float, float, float]:
    return face.box.left, face.box.top, face.box.right, face.box.bottom


def test_a_cell_is_decoded_into_pixels() -> None:
    (face,) = found(cells((2 * COLUMNS + 3, 0.8, [0.5, 0.25, np.log(2.0), np.log(3.0)])))
    assert face.score == pytest.approx(0.8)
    assert edges(face) == pytest.approx((28 - 8, 18 - 12, 28 + 8, 18 + 12))
    assert face.landmarks.shape == (5, 2)
    assert face.landmarks.dtype == np.float32
    assert face.landmarks[1] == pytest.approx([24 + 1.6, 16 + 2.4])


@pytest.mark.parametrize(
    ("index", "stride", "column", "row"), [(0, 8, 0, 0), (64 + 6, 16, 2, 1), (64 + 16 + 3, 32, 1, 1)]
)
def test_every_stride_has_its_cells(index: int, stride: int, column: int, row: int) -> None:
    (face,) = found(cells((index, 0.9, [0.5, 0.5, 0.0, 0.0])))
    left, top = column * stride, row * stride
    assert edges(face) == pytest.approx((left, top, left + stride, top + stride))


def test_class_and_object_score_count_alike() -> None:
    rows = cells((9, 0.0, [0, 0, 0, 0]))
    rows[0, 9, :2] = 0.5, 0.98
    assert found(rows)[0].score == pytest.approx(0.7)
    rows[0, 9, :2] = 0.5, 0.7
    assert found(rows) == []


def test_of_faces_that_overlap_the_best_stays() -> None:
    wide = [0.5, 0.5, np.log(2.0), np.log(2.0)]
    faces = found(cells((18, 0.7, wide), (19, 0.9, wide), (22, 0.65, wide)))
    assert [round(face.score, 2) for face in faces] == [0.9, 0.65]


def test_the_largest_comes_first() -> None:
    faces = found(cells((0, 0.9, [0.5, 0.5, 0.0, 0.0]), (64 + 15, 0.7, [0.5, 0.5, 0.0, 0.0])))
    assert [(face.box.width, round(face.score, 1)) for face in faces] == [(16, 0.7), (8, 0.9)]


def test_boxes_are_in_pixels_of_the_picture() -> None:
    (face,) = found(cells((9, 0.9, [0.5, 0.5, 0.0, 0.0])), (128, 256))
    assert edges(face) == pytest.approx((32, 32, 64, 64))
    assert face.landmarks[0] == pytest.approx([32, 32 + 3.2])


def test_what_is_found_in_the_black_beside_the_picture_is_none() -> None:
    rows = cells((7 * COLUMNS, 0.9, [0.5, 0.5, 0.0, 0.0]), (COLUMNS, 0.9, [0.5, 0.5, 0.0, 0.0]))
    assert len(found(rows, (128, 256))) == 1
    assert len(found(rows, (256, 128))) == 2


def test_the_score_may_be_another() -> None:
    detector = YuNet(faces_bundle(), ScriptedSession(cells((9, 0.4, [0, 0, 0, 0]))), 0.3)
    assert len(detector.find([np.zeros((8, 8, 3), np.uint8)])[0]) == 1
    assert detector.model.thresholds == {"score": 0.3, "overlap": 0.3}


@pytest.mark.parametrize("value", [np.nan, np.inf])
def test_what_is_no_number_is_refused(value: float) -> None:
    with pytest.raises(InferenceError, match="gave values that are not numbers"):
        found(cells((0, 0.0, [value, 0, 0, 0])))
    with pytest.raises(InferenceError, match="gave values that are not numbers"):
        DlibFace(chips_bundle(), ScriptedSession(np.full((1, 128), value, np.float32))).embed(
            [np.zeros((32, 32, 3), np.uint8)]
        )


def test_a_size_beyond_all_bounds_stays_a_number() -> None:
    faces = found(cells((9, 0.9, [0.0, 0.0, 1e4, 1e4]), (10, 0.8, [0.0, 0.0, 1e4, 0.0])))
    assert faces
    assert all(np.isfinite(edges(face)).all() for face in faces)


def test_no_pictures_are_no_faces_and_no_look() -> None:
    session = ScriptedSession(cells())
    with closing(YuNet(faces_bundle(), session)) as detector:
        assert detector.find([]) == []
    assert session.given == []
    assert session.closed


def test_an_embedder_hands_on_what_the_network_says() -> None:
    rows = np.arange(256, dtype=np.float32).reshape(2, 128)
    session = ScriptedSession(rows)
    with closing(DlibFace(chips_bundle(), session)) as embedder:
        assert embedder.embed([np.zeros((32, 32, 3), np.uint8)] * 2) is rows
        assert embedder.embed([]).shape == (0, 128)
        assert (embedder.model.bundle, embedder.model.precision) == ("colours", "fp16")
    assert len(session.given) == 1
    assert session.closed


def test_small_pictures_are_searched_fast_and_all_others_in_full() -> None:
    nothing, face = cells(), cells((9, 0.7, [0.5, 0.5, 0.0, 0.0]))
    fast, full = ScriptedSession(np.concatenate([face, nothing])), ScriptedSession(np.repeat(face, 2, axis=0))
    sizes = [(40, 30), (30, 41), (20, 20)]
    portrait_first = PortraitFirst(YuNet(faces_bundle(), fast), YuNet(faces_bundle(), full), 40)
    with closing(portrait_first) as detector:
        found = detector.find([np.zeros((*size, 3), np.uint8) for size in sizes])
        assert detector.model.bundle == faces_bundle().manifest.name
    assert [[round(face.box.width) for face in faces] for faces in found] == [[5], [5], [2]]
    assert fast.closed
    assert full.closed


def test_drawn_faces_are_found_alone_and_together() -> None:
    bundle = load_bundle("yunet")
    with closing(YuNet(bundle, OnnxRuntimeSession(bundle, 1))) as detector:
        together = detector.find(drawn.scenes())
        alone = [detector.find([scene])[0] for scene in drawn.scenes()]
    assert [len(faces) for faces in together] == [len(faces) for faces in alone]
    for faces, others in zip(together, alone):
        assert faces
        for face, other in zip(faces, others):
            assert edges(face) == pytest.approx(edges(other), abs=0.01)
            eye, other_eye, nose, mouth = face.landmarks[:4]
            assert eye[0] < nose[0] < other_eye[0]
            assert eye[1] < nose[1] < mouth[1]


def lfw(number: int) -> List[Picture]:
    paths = sorted((SHARED / "faces" / "lfw").glob("*/*_0001.jpg"))[:number]
    if not paths:
        pytest.skip("no pictures with faces beside the checkout (../shared/faces)")
    return [np.asarray(cv2.imread(str(path)), np.uint8) for path in paths]


@pytest.mark.parametrize("name", ["yunet", "yunet-wide", "yunet-portrait"])
def test_it_finds_what_opencv_finds(name: str) -> None:
    """OpenCV's FaceDetectorYN runs the published network and decodes it by code of its own."""
    source = SHARED / "weights" / "yunet.onnx"
    if not source.is_file() or not hasattr(cv2, "FaceDetectorYN"):
        pytest.skip("no published weights beside the checkout (../shared/weights), or OpenCV without YuNet")
    bundle = load_bundle(name)
    thresholds = bundle.manifest.thresholds
    size = bundle.manifest.input.width, bundle.manifest.input.height
    singles = lfw(24)
    wall = np.vstack([np.hstack(singles[start : start + 4]) for start in range(0, 16, 4)])
    pictures = [np.asarray(cv2.resize(one, size), np.uint8) for one in [*singles[:6], wall]]
    theirs = cv2.FaceDetectorYN.create(
        str(source), "", size, thresholds["score"], thresholds["overlap"], 5000
    )
    with closing(YuNet(bundle, OnnxRuntimeSession(bundle, 1))) as ours:
        seen = [ours.find([picture])[0] for picture in pictures]
    assert len(seen[-1]) >= 16
    for picture, faces in zip(pictures, seen):
        rows = theirs.detect(picture)[1]
        expected = np.empty((0, 15), np.float32) if rows is None else rows
        expected = expected[np.argsort(-expected[:, 2] * expected[:, 3])]
        assert len(faces) == len(expected)
        for face, row in zip(faces, expected):
            box = [face.box.left, face.box.top, face.box.width, face.box.height]
            assert box == pytest.approx(row[:4], abs=1e-3)
            assert face.landmarks.ravel() == pytest.approx(row[4:14], abs=1e-3)
            assert face.score == pytest.approx(float(row[14]), abs=1e-5)
