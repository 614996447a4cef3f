"""Pairs of pictures and the faces in them, as the agent reads them."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from pathlib import Path
from typing import Dict, List, Optional, Sequence

import numpy as np
import numpy.typing as npt
from rich.console import Console
from rich.progress import track
from typing_extensions import Protocol

from agent.faces.predictor import Predictor
from agent.faces.reader import FaceRead, FaceReader
from agent.inference.registry import load_face_embedder, load_photo_detector
from agent.ports import Face, Picture
from models.data import DataError, read_picture
from models.face_scoring import Indices, Trials, folds_of

Embedding = npt.NDArray[np.float32]


@dataclass(frozen=True)
class Pair:
    """Two picture files, relative to their root, and whether they show one person. `fold` is None where the
    list has no such column."""

    a: str
    b: str
    same: bool
    fold: Optional[str] = None


@dataclass(frozen=True)
class Models:
    """Which models read faces; satisfies agent.inference.registry.FaceModels."""

    detector: str = "yunet"
    backend: str = "onnxruntime"
    threads: Optional[int] = 1


class Reader(Protocol):
    """What finds and embeds faces: agent.faces.reader.FaceReader."""

    def find(self, pictures: Sequence[Picture]) -> List[List[Face]]: ...

    def embed(self, picture: Picture, faces: Sequence[Face]) -> List[FaceRead]: ...


@dataclass(frozen=True)
class Faces:
    """The embedding of the largest face of each picture, by file, and the files without one."""

    embeddings: Dict[str, Embedding]
    faceless: List[str]
    unreadable: List[str]


def read_pairs(path: Path) -> List[Pair]:
    """The pairs of a CSV file with columns file_a, file_b, same (1 or 0), and fold if it likes.

    Raises DataError for a file that has no such columns, other values, or not both kinds of pairs.
    """
    try:
        with path.open(newline="", encoding="utf-8-sig") as file:
            rows = list(csv.DictReader(file))
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise DataError(f"{path} cannot be read as CSV: {error}") from error
    pairs = []
    for line, row in enumerate(rows, start=2):
        a, b, same = row.get("file_a"), row.get("file_b"), row.get("same")
        if not a or not b or same not in ("0", "1"):
            raise DataError(f"{path}, line {line}: needs columns file_a, file_b and same, which is 1 or 0")
        pairs.append(Pair(a, b, same == "1", row.get("fold")))
    if len({pair.same for pair in pairs}) < 2:
        raise DataError(f"{path} needs pairs of one person (same is 1) and of two (same is 0)")
    return pairs


def face_reader(embedder: Path, models: Models = Models()) -> FaceReader:
    """What reads faces; `embedder` is the folder of the dlib-face bundle. Raises BundleError."""
    return FaceReader(
        load_photo_detector(models), load_face_embedder(str(embedder), models), Predictor(embedder)
    )


def read_faces(reader: Reader, root: Path, files: Sequence[str]) -> Faces:
    """Read the largest face of each file below `root`, one picture at a time.

    Raises DataError where a file is not there.
    """
    missing = [file for file in files if not (root / file).is_file()]
    if missing:
        raise DataError(f"{len(missing)} files are not below {root}, {missing[0]} for one: check --root")
    console = Console(stderr=True)
    faces = Faces({}, [], [])
    for file in track(
        files, "reading faces", console=console, transient=True, disable=not console.is_terminal
    ):
        picture = read_picture(root / file)
        if picture is None:
            faces.unreadable.append(file)
            continue
        found = reader.find([picture])[0][:1]
        if found:
            faces.embeddings[file] = reader.embed(picture, found)[0].embedding
        else:
            faces.faceless.append(file)
    return faces


def trials_of(pairs: Sequence[Pair], embeddings: Dict[str, Embedding]) -> Trials:
    """The pairs as trials; a picture without an embedding is infinitely far from any other.

    Where the pairs have no fold, people are put into folds: a person is whatever pairs of one person link.
    """
    people = _people(pairs)
    ends = np.array([(people[pair.a], people[pair.b]) for pair in pairs], np.int64)
    return Trials(
        distances=np.array([_distance(embeddings, pair) for pair in pairs]),
        same=np.array([pair.same for pair in pairs]),
        people=ends,
        folds=_folds(pairs, ends),
    )


def _distance(embeddings: Dict[str, Embedding], pair: Pair) -> float:
    if pair.a not in embeddings or pair.b not in embeddings:
        return float("inf")
    return float(np.linalg.norm(embeddings[pair.a] - embeddings[pair.b]))


def _people(pairs: Sequence[Pair]) -> Dict[str, int]:
    """A number for the person in each file (union-find over the pairs of one person)."""
    parent: Dict[str, str] = {}

    def root(file: str) -> str:
        while parent.setdefault(file, file) != file:
            parent[file] = file = parent[parent[file]]
        return file

    for pair in pairs:
        a, b = root(pair.a), root(pair.b)
        if pair.same:
            parent[a] = b
    numbers: Dict[str, int] = {}
    return {file: numbers.setdefault(root(file), len(numbers)) for file in list(parent)}


def _folds(pairs: Sequence[Pair], people: Indices) -> Indices:
    if all(pair.fold for pair in pairs):
        names = sorted({str(pair.fold) for pair in pairs})
        column = np.array([names.index(str(pair.fold)) for pair in pairs], np.int64)
        return np.stack([column, column], axis=1)
    return folds_of(int(people.max()) + 1)[people]
