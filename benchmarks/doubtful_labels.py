"""How right a fire bundle is on the test part, as labelled and without the labels that a second look doubts.

    python -m benchmarks.doubtful_labels FOLDER [BUNDLE] [--json]

FOLDER holds the pictures of models/splits/fire-cls.csv; doubtful-fire-cls.csv there names those in doubt.
Three classes leave out all of these, fire-or-not those alone where it is doubtful whether anything burns.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, Dict

import numpy as np
import typer
from rich.console import Console

import models
from agent.inference.bundle import load_bundle, sha256_of
from models import split
from models.data import read_folder
from models.scoring import Scores, score
from models.verify import judge

_SPLITS = Path(models.__file__).parent / "splits"
_CALM = "no-fire"


def main(
    folder: Path = typer.Argument(..., help="The pictures of fire-cls, in class folders."),
    bundle: str = typer.Argument("fire-lite0", help="A bundle for fire."),
    as_json: bool = typer.Option(False, "--json", help="Print one JSON object."),
) -> None:
    """Judge the test part once, and count twice."""
    loaded = load_bundle(bundle)
    labels = loaded.manifest.labels
    test = split.parted(read_folder(folder, labels), _SPLITS / "fire-cls.csv", 0)["test"]
    allowed = split.doubtful(_SPLITS / "doubtful-fire-cls.csv")
    judged = judge(loaded, test)
    seen = [allowed.get(sha256_of(item.path), frozenset((item.label,))) for item in judged.items]
    sure = np.array([labels == {item.label} for item, labels in zip(judged.items, seen)])
    sure_whether = np.array(
        [
            {one == _CALM for one in labels} == {item.label == _CALM}
            for item, labels in zip(judged.items, seen)
        ]
    )
    truth = np.array([labels.index(item.label) for item in judged.items])
    above = loaded.manifest.thresholds["open_above"]

    def of(chosen: Any) -> Scores:
        return score(judged.probabilities[chosen], truth[chosen], labels, above)

    everything, confirmed, whether = of(np.ones(len(truth), bool)), of(sure), of(sure_whether)
    found: Dict[str, Any] = {
        "bundle": f"{loaded.manifest.name} {loaded.manifest.version}",
        "sha256": loaded.manifest.sha256,
        "as_labelled": everything.as_dict(),
        "confirmed": confirmed.as_dict(),
        "confirmed_fire_or_not": {
            "n": whether.n,
            "accuracy": whether.fire_or_not_accuracy,
            "interval": whether.intervals["fire_or_not_accuracy"],
        },
    }
    if as_json:
        typer.echo(json.dumps(found, indent=2))
        return
    console = Console(highlight=False)
    console.print(found["bundle"])
    for name, scores, binary in (("as labelled", everything, everything), ("confirmed", confirmed, whether)):
        for what, one, value, key in (
            ("three classes", scores, scores.accuracy, "accuracy"),
            ("macro-F1", scores, scores.macro_f1, "macro_f1"),
            ("fire or not", binary, binary.fire_or_not_accuracy, "fire_or_not_accuracy"),
        ):
            low, high = one.intervals[key]
            console.print(f"{name:12} {what:14} {one.n:4} {value:.3f} ({low:.3f} to {high:.3f})")
        for label in labels:
            low, high = scores.intervals["recall"][label]
            console.print(f"{name:12} recall {label:10} {scores.recall[label]:.3f} ({low:.3f} to {high:.3f})")


if __name__ == "__main__":
    typer.run(main)
