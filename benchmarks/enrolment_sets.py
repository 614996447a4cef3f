"""The pictures of people that the enrolment gate is made and judged with: never the same people."""

from __future__ import annotations

import csv
import random
from pathlib import Path
from typing import Dict, List, Tuple

from agent.faces.provision import face_bundle
from agent.faces.reader import FaceReader
from models.face_reading import face_reader

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
    """The networks as they read people's photos, on one thread."""
    return face_reader(face_bundle(cache))


def _order(part: str, people: List[str], files: Dict[str, List[str]], root: Path) -> List[Path]:
    chance = random.Random(part)
    wanted = set(people)
    chosen = sorted(chance.choice(sorted(names)) for person, names in files.items() if person in wanted)
    chance.shuffle(chosen)
    return [root / name for name in chosen]
