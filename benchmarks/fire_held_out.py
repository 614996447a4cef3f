"""How right a network is on pictures of sources that it never saw: each held out in turn.

    python -m benchmarks.fire_held_out FOLDER --out RUNS [--negatives FOLDER] [--boxed FOLDER] [--json]

FOLDER holds class folders and a manifest.csv with `source_repo`. Every network is trained alike, from
ImageNet, which takes hours; with --boxed also from boxed pictures, none of the source's, as they are and
pasted into calm ones. Broken off, it goes on; what is finished in RUNS is taken as it is. Thresholds are
chosen on a validation part of the other sources; what resembles a picture of the source is left out.
"""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any, Dict, List, Optional

import typer
from rich.console import Console
from rich.table import Table

from models import split
from models.boxed_pictures import read_yolo
from models.detect.data import items

_SPLIT = "split-without-"
_SEED = 31
_PASTED = 0.25
"""Of what is learnt, as `train --pasted`."""


def main(
    folder: Path = typer.Argument(..., help="The pictures, in class folders, with a manifest.csv."),
    out: Path = typer.Option(..., "--out", help="Where splits, runs and bundles go."),
    negatives: Optional[Path] = typer.Option(None, "--negatives", help="As that of `train`."),
    boxed: Optional[Path] = typer.Option(None, "--boxed", help="As that of `train`, with --boxed-whole."),
    net: str = typer.Option("efficientnet-lite0", "--net", help="As that of `train`."),
    epochs: int = typer.Option(4, "--epochs", help="At 128 pixels."),
    final_epochs: int = typer.Option(1, "--final-epochs", help="At 192 pixels."),
    as_json: bool = typer.Option(False, "--json", help="Print one JSON object."),
) -> None:
    """Train without each source, judge its pictures, and print a table."""
    splits = out / "splits"
    if not splits.is_dir():
        _verb("data", folder, "--out", splits, "--cross-source")
    found: Dict[str, Dict[str, Any]] = {}
    for file in sorted(splits.glob(f"{_SPLIT}*.csv")):
        source = file.stem[len(_SPLIT) :]
        run, bundle = out / "runs" / source, out / "bundles" / source.lower().replace(".", "-")
        if not (run / "metrics.json").is_file():
            _verb(
                "train", "--data", folder, "--split", file, "--out", run, "--net", net, "--side", 128,
                "--epochs", epochs, "--final-side", 192, "--final-epochs", final_epochs, "--seed", _SEED,
                *([] if negatives is None else ["--negatives", negatives]),
                *([] if boxed is None else _boxed(boxed, source, splits / f"boxed-without-{source}.csv")),
            )  # fmt: skip
        if not (bundle / "MODEL_CARD.md").is_file():
            _verb("export", run, "--out", bundle)
        found[source] = json.loads((bundle / "manifest.json").read_text(encoding="utf-8"))["metrics"]["test"]
    if not found:
        raise typer.BadParameter(f"{splits} holds no {_SPLIT}*.csv: name an empty --out")
    mean = {key: sum(one[key] for one in found.values()) / len(found) for key in _MEANS}
    if as_json:
        typer.echo(json.dumps({"sources": found, "mean": mean}, indent=2))
        return
    table = Table("source held out", "pictures", "three classes", "fire or not", "start-fire recalled")
    for source, one in found.items():
        table.add_row(
            source,
            str(one["n"]),
            *(_with_interval(one, key) for key in _MEANS),
            f"{one['recall']['start-fire']:.3f}",
        )
    table.add_row("mean", "", *(f"{mean[key]:.3f}" for key in _MEANS), "")
    Console().print(table)


_MEANS = ("accuracy", "fire_or_not_accuracy")


def _boxed(root: Path, source: str, file: Path) -> List[object]:
    """What `train` is told of boxed pictures, of which none is of `source`, as file names write it."""
    scenes = items(root, read_yolo(root))
    whole = next((one.source for one in scenes if split.in_file_names(one.source) == source), source)
    split.write_parts(file, scenes, split.without_source(scenes, whole, _SEED))
    return ["--boxed", root, "--boxed-split", file, "--boxed-whole", "--pasted", _PASTED]


def _with_interval(scores: Dict[str, Any], key: str) -> str:
    low, high = scores["intervals"][key]
    return f"{scores[key]:.3f} ({low:.3f} to {high:.3f})"


def _verb(*arguments: object) -> None:
    words: List[str] = [str(one) for one in arguments]
    subprocess.run([sys.executable, "-m", "models", *words], check=True, stdout=sys.stderr)


if __name__ == "__main__":
    typer.run(main)
