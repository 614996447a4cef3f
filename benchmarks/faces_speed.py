"""How fast faces are read and searched for, beside face_recognition in the same run.

    python -m benchmarks.faces_speed EMBEDDER OUT [PICTURES [DETECTOR]]

EMBEDDER is the folder of the dlib-face bundle, DETECTOR another than yunet; face_recognition as in
benchmarks.faces_lfw. Writes OUT/faces-speed.json.

Both take the same pictures of ../shared/faces (250 x 250, 60 unless told) in turn, one by one, so that
whatever else the machine does hits both; then a quarter of them in frames of 1280 x 720. Milliseconds are
medians, in wall time and in processor time of the whole process. `threads` is what ONNX Runtime may use; dlib
uses one. The search is among 100,000 people with a random embedding each, for one face at a time.
"""

from __future__ import annotations

import json
import os
import sys
import time
from contextlib import closing
from importlib import import_module
from pathlib import Path
from typing import Any, Callable, Dict, List, Sequence, TypeVar

import numpy as np

from agent.faces.gallery import Gallery
from agent.faces.reader import FaceReader
from agent.inference.registry import load_face_embedder
from agent.ports import FaceEmbedder, Picture
from benchmarks.faces_lfw import beffroi, face_recognition, files, picture_of
from models.face_reading import Models, face_reader

FRAME = (1280, 720)
PEOPLE = 100_000
SEARCHES = 200

T = TypeVar("T")


class Watch:
    """Wall and processor milliseconds of what it is given to do, by name."""

    def __init__(self) -> None:
        self._taken: Dict[str, List[List[float]]] = {}

    def time(self, name: str, work: Callable[[T], object], piece: T, pieces: int = 1) -> None:
        """Do the work once, which is worth so many pieces of it."""
        wall, processor = time.perf_counter(), time.process_time()
        work(piece)
        taken = [time.perf_counter() - wall, time.process_time() - processor]
        self._taken.setdefault(name, []).append([1000 * seconds / pieces for seconds in taken])

    def report(self) -> Dict[str, Dict[str, float]]:
        return {
            name: dict(zip(("wall_ms", "processor_ms"), np.median(taken, axis=0).round(2).tolist()))
            for name, taken in self._taken.items()
        }


def main(embedder: Path, out: Path, count: int = 60, detector: str = "yunet") -> None:
    pictures = [picture_of(file) for file in np.random.default_rng(0).choice(files(), count, replace=False)]
    found: Dict[str, Any] = {"pictures": count, "detector": detector, "processors": os.cpu_count()}
    for threads in (1, 2):
        watch, models = Watch(), Models(detector, threads=threads)
        with closing(face_reader(embedder, models)) as reader:
            frames = [framed(picture) for picture in pictures[: count // 4]]
            found["pictures_with_a_face"] = _pictures(watch, "picture", pictures, reader)
            found["frames_with_a_face"] = _pictures(watch, "frame", frames, reader)
            chips = [reader.chip(p, face) for p in pictures for face in reader.find([p])[0][:1]]
        with closing(load_face_embedder(str(embedder), models)) as network:
            _chips(watch, chips, network)
        found[f"threads {threads}"] = {**watch.report(), "times_faster": _ratios(watch.report())}
    found["search"] = _search()
    out.mkdir(parents=True, exist_ok=True)
    (out / "faces-speed.json").write_text(json.dumps(found, indent=2) + "\n", encoding="utf-8")
    print(json.dumps(found, indent=2))


def framed(picture: Picture) -> Picture:
    """The picture in the middle of a camera's frame, FRAME, its edges drawn out."""
    (width, height), (rows, columns) = FRAME, picture.shape[:2]
    down, across = (height - rows) // 2, (width - columns) // 2
    return np.pad(picture, ((down, height - rows - down), (across, width - columns - across), (0, 0)), "edge")


def _pictures(watch: Watch, name: str, pictures: Sequence[Picture], reader: FaceReader) -> Dict[str, int]:
    """From pixels to the embedding of one face; in how many pictures each found one."""
    systems = {"beffroi": beffroi(reader), "face_recognition": face_recognition()}
    found = {
        system: sum(embed(picture) is not None for picture in pictures) for system, embed in systems.items()
    }
    for picture in pictures:
        for system, embed in systems.items():
            watch.time(f"{name}, {system}", embed, picture)
    return found


def _chips(watch: Watch, chips: Sequence[Picture], ours: FaceEmbedder) -> None:
    """From an aligned chip of 150 pixels to its embedding."""
    theirs = import_module("face_recognition.api").face_encoder
    ours.embed(chips[:4])
    for start in range(0, len(chips) - 3, 4):
        for chip in chips[start : start + 4]:
            watch.time("embedding, beffroi", ours.embed, [chip])
            rgb = np.ascontiguousarray(chip[..., ::-1])
            watch.time("embedding, face_recognition", theirs.compute_face_descriptor, rgb)
        watch.time("embedding in fours, beffroi", ours.embed, chips[start : start + 4], 4)


def _ratios(taken: Dict[str, Dict[str, float]]) -> Dict[str, Dict[str, float]]:
    """How many times as long face_recognition takes."""
    ratios = {}
    for key, ours in taken.items():
        name, system = key.split(", ")
        if system == "beffroi":
            theirs = taken[f"{name.split(' in ')[0]}, face_recognition"]
            ratios[name] = {clock: round(theirs[clock] / ours[clock], 1) for clock in ours}
    return ratios


def _search() -> Dict[str, float]:
    rng = np.random.default_rng(0)
    gallery = Gallery(np.arange(PEOPLE), rng.normal(0, 0.12, (PEOPLE, 128)).astype(np.float32))
    looks = rng.normal(0, 0.12, (SEARCHES, 1, 128)).astype(np.float32)
    taken = []
    for look in looks:
        start = time.perf_counter()
        gallery.nearest(look)
        taken.append(1000 * (time.perf_counter() - start))
    low, median, high = np.percentile(taken, [5, 50, 95])
    return {"people": PEOPLE, "p5_ms": low, "median_ms": median, "p95_ms": high}


if __name__ == "__main__":
    embedder, out, *rest = sys.argv[1:]
    main(Path(embedder), Path(out), *map(int, rest[:1]), *rest[1:])  # type: ignore[arg-type]
