"""How right classifiers are on test pictures unlike those that the detector learned from.

    python -m benchmarks.fire_unlike CLASSES BOXED BUNDLE... [--json]

CLASSES are class folders, BOXED a folder in YOLO's layout; their splits are those of models/splits. A
classifier that began with the body of a detector knows what that was trained on, which may resemble a test
picture of CLASSES. Those are left out, for all BUNDLES alike.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import List

import typer

from agent.inference.bundle import load_bundle
from agent.inference.manifest import FIRE_LABELS
from benchmarks.fire_pictures import unlike_training
from models.scoring import Scores
from models.verify import judge, scores_of


def main(
    classes: Path = typer.Argument(...),
    boxed: Path = typer.Argument(...),
    bundles: List[str] = typer.Argument(..., help="Bundles for fire."),
    as_json: bool = typer.Option(False, "--json"),
) -> None:
    """Print a Markdown table, or JSON."""
    kinds = unlike_training(classes, boxed)
    items = [item for label in FIRE_LABELS for item in kinds[label]]
    loaded = [load_bundle(one, "fire-classification") for one in bundles]
    found = {bundle.manifest.name: scores_of(bundle, judge(bundle, items)) for bundle in loaded}
    if as_json:
        document = {name: scores.as_dict() for name, scores in found.items()}
        sys.stdout.write(json.dumps(document, indent=2) + "\n")
        return
    lines = [f"| {len(items)} pictures | three classes | macro-F1 | fire or not | start-fire recalled |"]
    lines += ["|---|---|---|---|---|", *(_row(name, scores) for name, scores in found.items())]
    sys.stdout.write("\n".join(lines) + "\n")


def _row(name: str, scores: Scores) -> str:
    told = scores.as_dict()
    values = [(told[key], told["intervals"][key]) for key in ("accuracy", "macro_f1", "fire_or_not_accuracy")]
    values.append((told["recall"]["start-fire"], told["intervals"]["recall"]["start-fire"]))
    cells = [f"{value:.3f} ({low:.3f} to {high:.3f})" for value, (low, high) in values]
    return f"| {name} | {' | '.join(cells)} |"


if __name__ == "__main__":
    typer.run(main)
