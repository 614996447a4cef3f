"""The faces of ../shared/faces (4,561 pictures of LFW), as Beffroi and face_recognition read them.

    python -m benchmarks.faces_lfw beffroi EMBEDDER CACHE
    python -m benchmarks.faces_lfw face_recognition CACHE

Writes CACHE/beffroi.npz or CACHE/face_recognition.npz for the other benchmarks: files, and an embedding each
(NaN where no face was found). EMBEDDER is the folder of the dlib-face bundle. face_recognition is the package
itself (`pip install --no-deps face-recognition 'setuptools<81'` beside dlib-bin and face-recognition-models).

The face of a picture is the one nearest to its middle: there LFW has the person that it names.
"""

from __future__ import annotations

import csv
import sys
from contextlib import closing
from importlib import import_module
from pathlib import Path
from typing import Any, Callable, Dict, List, Optional

import numpy as np
import numpy.typing as npt
from rich.progress import track

from agent.domain.box import Box
from agent.faces.reader import FaceReader
from agent.ports import Picture
from models.data import read_picture
from models.face_reading import face_reader

FACES = Path(__file__).parents[2] / "shared" / "faces"

Embedding = npt.NDArray[np.float32]
Embed = Callable[[Picture], Optional[Embedding]]


def files() -> List[str]:
    """Every picture, relative to FACES."""
    with (FACES / "manifest.csv").open(newline="", encoding="utf-8") as file:
        return sorted(row["file"] for row in csv.DictReader(file))


def person_in(file: str) -> str:
    """LFW's name of the person whom a picture shows."""
    return Path(file).parent.name


def picture_of(file: str) -> Picture:
    """H x W x 3, BGR."""
    picture = read_picture(FACES / file)
    assert picture is not None, file
    return picture


def beffroi(reader: FaceReader) -> Embed:
    """What the agent does: YuNet, five points, chip, ONNX Runtime."""

    def embed(picture: Picture) -> Optional[Embedding]:
        faces = reader.find([picture])[0]
        if not faces:
            return None
        middle = min(faces, key=lambda face: _off_centre(face.box, picture))
        return reader.embed(picture, [middle])[0].embedding

    return embed


def face_recognition() -> Embed:
    """What users of face_recognition do: its HOG detector, as it comes, and its encodings."""
    package: Any = import_module("face_recognition")

    def embed(picture: Picture) -> Optional[Embedding]:
        rgb = np.ascontiguousarray(picture[..., ::-1])
        boxes = package.face_locations(rgb)
        if not boxes:
            return None
        top, right, bottom, left = min(
            boxes, key=lambda box: _off_centre(Box(box[3], box[0], box[1], box[2]), picture)
        )
        return np.asarray(package.face_encodings(rgb, [(top, right, bottom, left)])[0], np.float32)

    return embed


def load(cache: Path, system: str) -> Dict[str, Embedding]:
    """The embedding of each picture in which `system` found a face, by file."""
    with np.load(cache / f"{system}.npz") as stored:
        rows = zip(stored["files"].tolist(), stored["embeddings"])
        return {file: row for file, row in rows if np.isfinite(row).all()}


def save(cache: Path, system: str, embed: Embed) -> None:
    """Read every picture and store what was found."""
    names = files()
    rows = np.full((len(names), 128), np.nan, np.float32)
    for row, name in zip(rows, track(names, system)):
        found = embed(picture_of(name))
        if found is not None:
            row[:] = found
    cache.mkdir(parents=True, exist_ok=True)
    np.savez(cache / f"{system}.npz", files=np.array(names), embeddings=rows)


def _off_centre(box: Box, picture: Picture) -> float:
    height, width = picture.shape[:2]
    across, down = (box.left + box.right - width) / 2, (box.top + box.bottom - height) / 2
    return float(abs(across) + abs(down))


if __name__ == "__main__":
    if sys.argv[1] == "beffroi":
        with closing(face_reader(Path(sys.argv[2]))) as faces:
            save(Path(sys.argv[3]), "beffroi", beffroi(faces))
    else:
        save(Path(sys.argv[2]), "face_recognition", face_recognition())
