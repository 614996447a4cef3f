"""Hold bundles for fire against each other: one run, the same pictures, machine and threads for all."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any, Dict, List, Mapping, Optional, Sequence

import typer
from rich.console import Console
from rich.table import Table

from agent.inference.bundle import Bundle
from agent.inference.manifest import FIRE_LABELS
from models import split
from models.compare_conditions import Conditions, conditions
from models.compare_measure import Comparison, measure, named
from models.compare_page import html, markdown
from models.compare_plots import History
from models.compare_tables import as_csv, summary
from models.data import DataError, read_folder
from models.report import METRICS


def compare(
    bundles: List[str] = typer.Argument(
        ...,
        metavar="BUNDLE",
        help="Installed bundles' names, or folders; the first is what the others are held against.",
    ),
    data: Path = typer.Option(
        ..., "--data", help="Holds one folder of pictures per class: fire, start-fire, no-fire."
    ),
    split_file: Optional[Path] = typer.Option(
        None,
        "--split",
        help="A committed split, to judge one part of --data alone; else every picture is judged.",
    ),
    part: str = typer.Option("test", "--part", help="The part of --split: train, val or test."),
    out: Path = typer.Option(..., "--out", help="The folder for compare.md, .csv, .json and .html."),
    rounds: int = typer.Option(300, "--rounds", min=2, help="How often each looks while time is measured."),
    seed: int = typer.Option(1, "--seed", help="Of the draws for intervals, and of the order of the turns."),
    runs: Optional[List[str]] = typer.Option(
        None,
        "--run",
        metavar="BUNDLE=RUN",
        help="A bundle's training run, whose learning curve is drawn; may be repeated.",
    ),
    as_json: bool = typer.Option(False, "--json", help="Print the JSON document instead of tables."),
) -> None:
    """Judge the same pictures with each BUNDLE, a bundle for fire, and measure what it costs.

    Differences to the first bundle have intervals of their own: on the same pictures bundles err together.
    While time is measured they take turns, on 1 and 2 threads of ONNX Runtime, so that what else the machine
    does hits all alike. compare.html needs no other file. Nothing is chosen here: name the part that nothing
    was chosen on.

        python -m models compare fire-lite0 runs/small --data fire-cls --split fire-cls.csv --out compared
    """
    load = os.getloadavg()[0]
    loaded = named(bundles)
    histories = _histories(runs or [], loaded)
    items = split.of_part(read_folder(data, FIRE_LABELS), split_file, part)
    found = measure(loaded, items, rounds, seed)
    known = conditions(found.items, data, split_file, part, load, rounds, seed)
    out.mkdir(parents=True, exist_ok=True)
    document = json.dumps(_document(found, known), indent=2) + "\n"
    for name, text in (
        ("compare.json", document),
        ("compare.csv", as_csv(found)),
        ("compare.md", markdown(found, known)),
        ("compare.html", html(found, known, histories)),
    ):
        (out / name).write_text(text, encoding="utf-8")
    if as_json:
        typer.echo(document, nl=False)
    else:
        _print(found, out)


def _histories(runs: Sequence[str], bundles: Mapping[str, Bundle]) -> Dict[str, History]:
    """What the metrics.json of each run says of its epochs, by bundle. Raises DataError."""
    found: Dict[str, History] = {}
    for run in runs:
        name, _, folder = run.partition("=")
        if name not in bundles:
            raise DataError(f"--run {run}: say BUNDLE=RUN, where BUNDLE is one of {', '.join(bundles)}")
        path = Path(folder) / METRICS
        try:
            history = json.loads(path.read_text(encoding="utf-8"))["history"]
            found[name] = [{"epoch": one["epoch"], "accuracy": one["accuracy"]} for one in history]
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise DataError(f"{path} has no history of epochs and their accuracy: {error!r}") from error
    return found


def _document(found: Comparison, known: Conditions) -> Dict[str, Any]:
    return {
        "conditions": known.as_dict(),
        "bundles": [one.as_dict() for one in found.bundles],
        "unreadable": [str(path) for path in found.unreadable],
    }


def _print(found: Comparison, out: Path) -> None:
    console = Console()
    short = summary(found.bundles)
    shown = Table()
    for name in short.head:
        shown.add_column(name, overflow="fold")
    for row in short.rows:
        shown.add_row(*row)
    console.print(shown)
    console.print(f"written: {out}/compare.html, .md, .csv, .json", highlight=False, soft_wrap=True)
