"""Check a bundle on pictures of one's own: accuracy or precision, and speed, with ONNX Runtime alone."""

from __future__ import annotations

import json
import time
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Dict, List, Optional, Sequence

import numpy as np
import typer
from rich.console import Console
from rich.progress import track
from rich.table import Table

from agent.inference.bundle import Bundle, load_bundle
from agent.inference.fire import FireClassifier
from agent.inference.onnxruntime import OnnxRuntimeSession
from models import split
from models.boxed_pictures import read_scenes
from models.data import DataError, Item, read_folder, read_picture
from models.scoring import Probabilities, Scores, score
from models.verify_objects import verify_objects


@dataclass(frozen=True)
class Judged:
    """What the bundle said of the readable pictures, and how long each took (pre-processing included)."""

    items: List[Item]
    probabilities: Probabilities
    milliseconds: List[float]
    unreadable: List[Path]


def verify(
    bundle: str = typer.Argument(..., help="An installed bundle's name, or a bundle's folder."),
    folder: Optional[Path] = typer.Argument(
        None, help="For fire: holds one folder of pictures per class: fire, start-fire, no-fire."
    ),
    coco: Optional[Path] = typer.Option(None, "--coco", help="For objects: boxes as COCO's JSON."),
    images: Optional[Path] = typer.Option(None, "--images", help="The folder of the pictures of --coco."),
    yolo: Optional[Path] = typer.Option(
        None, "--yolo", help="For objects: a folder with images/, labels/ and data.yaml."
    ),
    split_file: Optional[Path] = typer.Option(
        None, "--split", help="A split by content (sha256,part): --part alone of the pictures is judged."
    ),
    part: str = typer.Option("test", "--part", help="Of --split: train, val or test."),
    as_json: bool = typer.Option(False, "--json", help="Print one JSON object."),
    threads: int = typer.Option(1, "--threads", min=1, help="Processor threads."),
) -> None:
    """Judge every picture below FOLDER and say how often BUNDLE is right.

    Of a bundle for fire, fire_or_not counts a picture as alarmed where P(fire) + P(start-fire) reaches the
    bundle's own threshold. Intervals are of 95 %: Wilson for shares, bootstrap for macro-F1. Of a bundle for
    objects it is the average precision of each label, as COCO counts it. Pictures that cannot be read are
    named and left out.
    """
    loaded = load_bundle(bundle)
    task = loaded.manifest.task
    if task == "object-detection":
        scenes = split.of_part(read_scenes(coco, images, yolo), split_file, part)
        verify_objects(loaded, scenes, threads, as_json=as_json)
        return
    if task != "fire-classification":
        raise DataError(f"{bundle} is a bundle for {task}: this judges those for fire and for objects")
    if folder is None:
        raise DataError(
            "name the folder that holds a folder of pictures per class: fire, start-fire, no-fire"
        )
    labels = loaded.manifest.labels
    judged = judge(loaded, split.of_part(read_folder(folder, labels), split_file, part), threads)
    scores = scores_of(loaded, judged)
    if as_json:
        typer.echo(json.dumps(_document(loaded, judged, scores), indent=2))
    else:
        _print(loaded, judged, scores)


def judge(bundle: Bundle, items: Sequence[Item], threads: int = 1) -> Judged:
    """Judge each item one by one, as the device would. Raises DataError where none can be read."""
    console = Console(stderr=True)
    rows, readable, milliseconds, unreadable = [], [], [], []
    with closing(FireClassifier(bundle, OnnxRuntimeSession(bundle, threads))) as classifier:
        for item in track(items, "judging", console=console, transient=True, disable=not console.is_terminal):
            picture = read_picture(item.path)
            if picture is None:
                unreadable.append(item.path)
                continue
            start = time.perf_counter()
            (found,) = classifier.look([picture])
            milliseconds.append((time.perf_counter() - start) * 1000)
            by_label = {"fire": found.fire, "start-fire": found.start_fire, "no-fire": found.no_fire}
            rows.append([by_label[label] for label in bundle.manifest.labels])
            readable.append(item)
    if not readable:
        raise DataError(f"none of the {len(items)} pictures can be read")
    return Judged(readable, np.array(rows, np.float32), milliseconds, unreadable)


def scores_of(bundle: Bundle, judged: Judged) -> Scores:
    """The figures, by the bundle's own threshold."""
    labels = bundle.manifest.labels
    truth = np.array([labels.index(item.label) for item in judged.items])
    threshold = bundle.manifest.thresholds.get("open_above", 0.5)
    return score(judged.probabilities, truth, labels, threshold)


def _document(bundle: Bundle, judged: Judged, scores: Scores) -> Dict[str, Any]:
    return {
        "bundle": bundle.manifest.name,
        "sha256": bundle.manifest.sha256,
        **scores.as_dict(),
        "median_ms": float(np.median(judged.milliseconds)),
        "unreadable": [str(path) for path in judged.unreadable],
    }


def _print(bundle: Bundle, judged: Judged, scores: Scores) -> None:
    console = Console()
    intervals = scores.intervals
    console.print(f"{bundle.manifest.name} {bundle.manifest.version} on {scores.n} pictures")
    for name, value, interval in (
        ("accuracy", scores.accuracy, intervals["accuracy"]),
        ("macro-F1", scores.macro_f1, intervals["macro_f1"]),
        ("fire or not", scores.fire_or_not_accuracy, intervals["fire_or_not_accuracy"]),
        *((f"recall {label}", scores.recall[label], intervals["recall"][label]) for label in scores.labels),
    ):
        console.print(f"{name:18} {value:.3f}  ({interval[0]:.3f} to {interval[1]:.3f})", highlight=False)
    table = Table("is \\ judged", *scores.labels)
    for label, row in zip(scores.labels, scores.confusion):
        table.add_row(label, *map(str, row))
    console.print(table)
    console.print(f"median {np.median(judged.milliseconds):.1f} ms a picture")
    for path in judged.unreadable:
        console.print(f"not readable: {path}", style="yellow", soft_wrap=True)
