"""Check a bundle that boxes objects on pictures of one's own, with ONNX Runtime alone."""

from __future__ import annotations

import json
import time
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Dict, List, Sequence

import numpy as np
import typer
from rich.console import Console
from rich.progress import track
from rich.table import Table

from agent.domain.detection import Detection
from agent.inference.bundle import Bundle
from agent.inference.objects import YoloX
from agent.inference.onnxruntime import OnnxRuntimeSession
from agent.ports import ObjectDetector
from models.boxed_pictures import Scene
from models.data import DataError, read_picture
from models.detection_scoring import DetectionScores, Size, score

LEAST = 0.01
"""Score from which boxes count: average precision needs the doubtful ones, too (as YOLOX is judged)."""


@dataclass(frozen=True)
class Judged:
    """What was found in the readable pictures, and how long each took (pre-processing included)."""

    scenes: List[Scene]
    sizes: List[Size]
    found: List[List[Detection]]
    milliseconds: List[float]
    unreadable: List[Path]


def verify_objects(bundle: Bundle, scenes: Sequence[Scene], threads: int, *, as_json: bool) -> None:
    """Print how well `bundle` boxes what is in `scenes`. Raises DataError where nothing can be judged."""
    with closing(YoloX(bundle, OnnxRuntimeSession(bundle, threads), {"score": LEAST})) as detector:
        judged = judge(detector, scenes)
    scores = scores_of(judged, bundle.manifest.labels)
    if as_json:
        typer.echo(json.dumps(_document(bundle, judged, scores), indent=2))
    else:
        _print(bundle, judged, scores)


def judge(detector: ObjectDetector, scenes: Sequence[Scene]) -> Judged:
    """Look at each picture by itself, as the device would. Raises DataError where none can be read."""
    console = Console(stderr=True)
    judged = Judged([], [], [], [], [])
    for scene in track(scenes, "judging", console=console, transient=True, disable=not console.is_terminal):
        picture = read_picture(scene.path) if scene.path.is_file() else None
        if picture is None:
            judged.unreadable.append(scene.path)
            continue
        start = time.perf_counter()
        (things,) = detector.find([picture])
        judged.milliseconds.append((time.perf_counter() - start) * 1000)
        judged.scenes.append(scene)
        judged.sizes.append((picture.shape[1], picture.shape[0]))
        judged.found.append(things)
    if not judged.scenes:
        raise DataError(f"none of the {len(scenes)} pictures can be read")
    return judged


def scores_of(judged: Judged, labels: Sequence[str]) -> DetectionScores:
    """The figures of those labels of the model that the pictures are labelled for. Raises DataError."""
    known = frozenset().union(*(scene.labelled for scene in judged.scenes))
    both = [label for label in labels if label in known]
    if not both:
        raise DataError(
            f"the pictures are labelled for {', '.join(sorted(known))}, none of which the model has"
        )
    return score(judged.scenes, judged.sizes, judged.found, both)


def _document(bundle: Bundle, judged: Judged, scores: DetectionScores) -> Dict[str, Any]:
    return {
        "bundle": bundle.manifest.name,
        "sha256": bundle.manifest.sha256,
        "n": len(judged.scenes),
        **scores.as_dict(),
        "median_ms": float(np.median(judged.milliseconds)),
        "unreadable": [str(path) for path in judged.unreadable],
    }


def _print(bundle: Bundle, judged: Judged, scores: DetectionScores) -> None:
    console = Console(highlight=False)
    console.print(f"{bundle.manifest.name} {bundle.manifest.version} on {len(judged.scenes)} pictures")
    table = Table("label", "boxes", "pictures", "mAP50", "of 95 %", "mAP50-95")
    for one in scores.labels:
        rates = ["-" if rate is None else f"{rate:.3f}" for rate in (one.ap50, one.ap)]
        chance = "-" if one.interval50 is None else "{:.3f} to {:.3f}".format(*one.interval50)
        table.add_row(one.label, str(one.boxes), str(one.pictures), rates[0], chance, rates[1])
    table.add_section()
    table.add_row("mean", "", "", f"{scores.map50:.3f}", "", f"{scores.map:.3f}")
    console.print(table)
    console.print(f"median {np.median(judged.milliseconds):.1f} ms a picture")
    for path in judged.unreadable:
        console.print(f"not readable: {path}", style="yellow", soft_wrap=True)
