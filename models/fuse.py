"""Choose how much a detector's flames and smoke weigh beside a classifier, on validation pictures."""

from __future__ import annotations

import json
from contextlib import closing
from dataclasses import asdict
from datetime import datetime, timezone
from pathlib import Path
from typing import Any, Dict, List, Optional

import numpy as np
import typer
from rich.console import Console
from rich.progress import track

from agent.domain.detection import Detection
from agent.domain.evidence import FireScores
from agent.domain.fusion import BURNING, Fusion
from agent.inference.bundle import MANIFEST, Bundle, load_bundle, read_manifest
from agent.inference.fire import FireClassifier
from agent.inference.manifest import FIRE_LABELS
from agent.inference.objects import YoloX
from agent.inference.onnxruntime import OnnxRuntimeSession
from models import split
from models.boxed_pictures import read_yolo
from models.data import DataError, Item, picture_of, read_folder
from models.detect.data import items
from models.fusion_weights import ALONE, Looked, choose, figures
from models.near import hashes_of, unlike


def fuse(
    bundle: Path = typer.Argument(..., help="The folder of a bundle that boxes fire or smoke."),
    data: Path = typer.Option(..., "--data", help="Holds a folder a class: fire, start-fire, no-fire."),
    classifier: str = typer.Option("fire-lite0", "--classifier", help="The bundle that it looks beside."),
    split_file: Optional[Path] = typer.Option(None, "--split", help="The split of --data."),
    boxed: Optional[Path] = typer.Option(
        None, "--boxed", help="What the bundle was trained on; pictures that look like it are left out."
    ),
    boxed_split: Optional[Path] = typer.Option(None, "--boxed-split", help="The split of --boxed."),
    seed: int = typer.Option(6, "--seed", help="Makes a split where none is given."),
    threads: int = typer.Option(1, "--threads", min=1, help="Processor threads."),
) -> None:
    """Choose the weights on the validation part of --data, and write them into BUNDLE's manifest.

    Fused scores are put on the classifier's scale: thresholds mean the same for both (docs/fusion.md).
    """
    boxes, judge = (
        load_bundle(str(bundle), "object-detection"),
        load_bundle(classifier, "fire-classification"),
    )
    if not set(BURNING) & set(boxes.manifest.labels):
        raise DataError(f"{bundle} boxes neither {' nor '.join(BURNING)}: there is nothing to fuse")
    chosen = _validation(data, split_file, boxed, boxed_split, seed)
    looked = look(judge, boxes, chosen, threads)
    thresholds = judge.manifest.thresholds
    rule, alone = choose(looked, thresholds), choose(looked, thresholds, judged=False)
    report: Dict[str, Any] = {
        "classifier": figures(ALONE, looked),
        "boxes": figures(alone, looked),
        "fused": figures(rule, looked),
    }
    section = {
        "classifier": judge.manifest.name,
        "classifier_sha256": judge.manifest.sha256,
        **_written(rule),
        "chosen": {
            "at": f"{datetime.now(timezone.utc):%Y-%m-%d}",
            "on": f"validation part of {data.resolve().name}",
            "pictures": len(looked.truth),
            "boxes_alone": _written(alone),
            **report,
        },
    }
    _write(bundle, section)
    typer.echo(json.dumps(section, indent=2))


def look(classifier: Bundle, detector: Bundle, chosen: List[Item], threads: int) -> Looked:
    """What both say of the pictures, one by one as on a camera. Raises DataError for one that is none."""
    judged: List[FireScores] = []
    found: List[List[Detection]] = []
    console = Console(stderr=True)
    with closing(FireClassifier(classifier, OnnxRuntimeSession(classifier, threads))) as judge, closing(
        YoloX(detector, OnnxRuntimeSession(detector, threads))
    ) as boxer:
        for item in track(
            chosen, "looking", console=console, transient=True, disable=not console.is_terminal
        ):
            picture = picture_of(item.path)
            judged += judge.look([picture])
            found += boxer.find([picture])
    return Looked(np.array([FIRE_LABELS.index(item.label) for item in chosen], np.int64), judged, found)


def _validation(
    data: Path, split_file: Optional[Path], boxed: Optional[Path], boxed_split: Optional[Path], seed: int
) -> List[Item]:
    """The validation part of `data`, without what looks like a picture that the detector was trained on."""
    chosen = split.parted(read_folder(data, FIRE_LABELS), split_file, seed)["val"]
    if boxed is not None:
        trained = split.parted(items(boxed, read_yolo(boxed)), boxed_split, seed)["train"]
        chosen = unlike(chosen, data, hashes_of(trained, boxed))
    if {item.label for item in chosen} != set(FIRE_LABELS):
        raise DataError(f"{data}: its validation part must show each of {', '.join(FIRE_LABELS)}")
    return chosen


def _written(rule: Fusion) -> Dict[str, Any]:
    return {"danger": asdict(rule.danger), "fire": asdict(rule.fire)}


def _write(folder: Path, section: Dict[str, Any]) -> None:
    """Beside everything else that the manifest says, which is read again to see that it is right."""
    path = folder / MANIFEST
    whole = {**json.loads(path.read_text(encoding="utf-8")), "fusion": section}
    path.write_text(json.dumps(whole, indent=2) + "\n", encoding="utf-8")
    read_manifest(folder)
