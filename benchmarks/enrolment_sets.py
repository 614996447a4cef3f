"""The pictures of people that the enrolment gate is made and judged with: never the same people."""

from __future__ import annotations

import csv
import random
from pathlib import Path
from types import SimpleNamespace
from typing import Dict, List, Tuple, cast

from agent.faces.predictor import Predictor
from agent.faces.provision import face_bundle
from agent.faces.reader import FaceReader
from agent.inference.registry import FaceModels, load_face_detector, load_face_embedder

ROOT = Path(__file__).resolve().parents[2] / "shared" / "faces"
"""LFW: pictures of 250 x 250 with a face of about 100 x 130 in the middle (manifest.csv names them)."""

_SEED = 7


def parts(root: Path = ROOT) -> Tuple[List[Path], List[Path]]:
    """One picture of each person in a fixed order: of the half to tune with, and of that to judge with."""
    files: Dict[str, List[str]] = {}
    with (root / "manifest.csv").open(newline="", encoding="utf-8") as source:
        for row in csv.DictReader(source):
            files.setdefault(row["identity"], []).append(row["file"])
    people = sorted(files)
    random.Random(_SEED).shuffle(people)
    half = len(people) // 2
    return _order("tune", people[:half], files, root), _order("judge", people[half:], files, root)


def reader(cache: Path) -> FaceReader:
    """The networks as the agent runs them, with ONNX Runtime on one thread."""
    settings = cast("FaceModels", SimpleNamespace(detector="yunet", backend="onnxruntime", threads=1))
    folder = face_bundle(cache)
    return FaceReader(
        load_face_detector(settings), load_face_embedder(str(folder), settings), Predictor(folder)
    )


def _order(part: str, people: List[str], files: Dict[str, List[str]], root: Path) -> List[Path]:
    chance = random.Random(part)
    wanted = set(people)
    chosen = sorted(chance.choice(sorted(names)) for person, names in files.items() if person in wanted)
    chance.shuffle(chosen)
    return [root / name for name in chosen]
