"""Our faces beside dlib's own, as the package face_recognition calls it: same points, chips and embeddings.

face_recognition finds faces with dlib's HOG detector (upsampled once), places five points, cuts a chip of 150
pixels with a margin of 0.25, and embeds it.
"""

from __future__ import annotations

import csv
import importlib.util
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Dict, Iterator, List, Optional, Tuple

import cv2
import numpy as np
import pytest

from agent.domain.box import Box
from agent.faces.chips import chip
from agent.faces.predictor import Points, Predictor
from agent.faces.reader import FaceReader
from agent.inference.bundle import load_bundle
from agent.inference.faces import DlibFace, YuNet
from agent.inference.onnxruntime import OnnxRuntimeSession
from agent.ports import Embeddings, Picture
from models.convert.dlib_face import NETWORK, POINTS, convert_dlib_face

FACES = Path(__file__).parents[3] / "shared" / "faces"
SAME_CHIP = 1e-5
MEAN_DRIFT = 0.03
PAIRS = 24
GREY_LEVELS = 3.0
"""Mean difference of chips: dlib drops what follows the point, twice where it shrinks; OpenCV rounds."""


@dataclass(frozen=True)
class Dlib:
    """The reference."""

    detector: Any
    predictor: Any
    network: Any
    module: Any

    def box(self, rgb: Picture) -> Optional[Any]:
        """The largest face that HOG finds."""
        found = self.detector(rgb, 1)
        return max(found, key=lambda one: int(one.area())) if found else None

    def embed(self, rgb: Picture, shape: Any) -> Embeddings:
        return np.array(self.network.compute_face_descriptor(rgb, shape), np.float32)


@pytest.fixture(scope="module")
def dlib() -> Dlib:
    module: Any = pytest.importorskip("dlib", reason="dlib-bin is not installed")
    spec = importlib.util.find_spec("face_recognition_models")
    if spec is None or not spec.submodule_search_locations:
        pytest.skip("face-recognition-models is not installed")
    models = Path(next(iter(spec.submodule_search_locations))) / "models"
    return Dlib(
        module.get_frontal_face_detector(),
        module.shape_predictor(str(models / POINTS)),
        module.face_recognition_model_v1(str(models / NETWORK)),
        module,
    )


@pytest.fixture(scope="module")
def bundle(dlib: Dlib, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("converted") / "dlib-face"
    convert_dlib_face(None, folder)
    return folder


@pytest.fixture(scope="module")
def predictor(bundle: Path) -> Predictor:
    return Predictor(bundle)


@pytest.fixture(scope="module")
def embedder(bundle: Path) -> Iterator[DlibFace]:
    loaded = load_bundle(str(bundle))
    with closing(DlibFace(loaded, OnnxRuntimeSession(loaded, 1))) as embedder:
        yield embedder


@pytest.fixture(scope="module")
def pairs() -> List[Tuple[Picture, Picture]]:
    """Half of one person each, half of two."""
    path = FACES / "pairs_folds1-5.csv"
    if not path.is_file():
        pytest.skip(f"{path} is not there")
    with path.open(newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    chosen = [
        row for same in ("1", "0") for row in [r for r in rows if r["same"] == same][:: 1500 // PAIRS * 2]
    ]
    return [(read(row["file_a"]), read(row["file_b"])) for row in chosen]


def read(file: str) -> Picture:
    return np.asarray(cv2.imread(str(FACES / file)), np.uint8)


def rgb_of(picture: Picture) -> Picture:
    return np.ascontiguousarray(picture[..., ::-1])


def points_of(shape: Any) -> Points:
    return np.array([(one.x, one.y) for one in shape.parts()], np.float32)


def noise(seed: int, height: int, width: int) -> Picture:
    """Grey levels that change as smoothly as in a picture, so that comparisons are close."""
    coarse = np.random.default_rng(seed).integers(0, 256, (height // 8, width // 8, 3)).astype(np.uint8)
    return np.asarray(cv2.resize(coarse, (width, height), interpolation=cv2.INTER_CUBIC), np.uint8)


@pytest.mark.parametrize("seed", range(40))
def test_the_points_are_the_same_for_any_box(dlib: Dlib, predictor: Predictor, seed: int) -> None:
    picture, rng = noise(seed, 240, 320), np.random.default_rng(seed)
    left, top, side = (int(value) for value in rng.integers((-40, -40, 20), (280, 200, 200)))
    expected = dlib.predictor(rgb_of(picture), dlib.module.rectangle(left, top, left + side, top + side))
    found = predictor.predict(picture, Box(left, top, left + side, top + side))
    assert found.tolist() == points_of(expected).tolist()


def test_the_embeddings_of_the_same_chips_are_the_same(dlib: Dlib, embedder: DlibFace) -> None:
    chips = [noise(seed, 152, 152)[:150, :150] for seed in range(6)]
    chips += [np.full((150, 150, 3), grey, np.uint8) for grey in (0, 255)]
    expected = [np.array(dlib.network.compute_face_descriptor(rgb_of(one))) for one in chips]
    assert float(np.abs(embedder.embed(chips) - expected).max()) <= SAME_CHIP


@pytest.mark.parametrize("scale", [0.5, 1.0, 2.5, 6.0])
def test_chips_of_the_same_points_are_alike(
    dlib: Dlib, pairs: List[Tuple[Picture, Picture]], scale: float
) -> None:
    picture = np.asarray(cv2.resize(pairs[0][0], None, fx=scale, fy=scale), np.uint8)
    middle, half = picture.shape[0] // 2, picture.shape[0] // 5
    box = dlib.module.rectangle(middle - half, middle - half, middle + half, middle + half)
    shape = dlib.predictor(rgb_of(picture), box)
    expected = dlib.module.get_face_chip(rgb_of(picture), shape, 150, 0.25)
    found = rgb_of(chip(picture, points_of(shape)))
    assert float(np.abs(found.astype(int) - expected).mean()) < GREY_LEVELS


def test_whole_pictures_are_as_far_apart_as_for_dlib(
    dlib: Dlib, predictor: Predictor, embedder: DlibFace, pairs: List[Tuple[Picture, Picture]]
) -> None:
    loaded = load_bundle("yunet")
    with closing(YuNet(loaded, OnnxRuntimeSession(loaded, 1))) as detector:
        reader = FaceReader(detector, embedder, predictor)
        drift: Dict[int, float] = {}
        for number, pair in enumerate(pairs):
            ours, theirs = [], []
            for picture in pair:
                rgb = rgb_of(picture)
                box, faces = dlib.box(rgb), reader.find([picture])[0][:1]
                if box is not None and faces:
                    theirs.append(dlib.embed(rgb, dlib.predictor(rgb, box)))
                    ours.append(reader.embed(picture, faces)[0].embedding)
            if len(ours) == 2:
                distances = [float(np.linalg.norm(a - b)) for a, b in (ours, theirs)]
                drift[number] = abs(distances[0] - distances[1])
    assert len(drift) >= PAIRS * 3 // 4
    assert float(np.mean(list(drift.values()))) <= MEAN_DRIFT
