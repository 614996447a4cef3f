"""Hold bundles against each other: one run, the same pictures, machine and threads for all."""

from __future__ import annotations

import json
import os
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Dict, List, Mapping, Optional, Sequence

import typer
from rich.console import Console
from rich.table import Table as Shown

from agent.inference.bundle import Bundle
from agent.inference.manifest import FIRE_LABELS
from models import compare_boxes_tables, compare_tables, split
from models.boxed_pictures import read_scenes
from models.compare_boxes import BoxComparison, measure_boxes
from models.compare_conditions import Conditions, conditions
from models.compare_cost import Costed, named
from models.compare_cost_tables import Table, as_csv
from models.compare_measure import Comparison, measure
from models.compare_page import Page, html, markdown
from models.compare_plots import (
    History,
    Right,
    accuracies,
    alarm_curves,
    confusion,
    learning_curves,
    reliable,
    trade_offs,
)
from models.data import DataError, read_folder
from models.report import METRICS


@dataclass(frozen=True, eq=False)
class _Found:
    bundles: Sequence[Costed]
    known: Conditions
    page: Page
    summary: Table


def compare(
    bundles: List[str] = typer.Argument(
        ...,
        metavar="BUNDLE",
        help="Installed bundles' names, or folders; the first is what the others are held against.",
    ),
    data: Optional[Path] = typer.Option(
        None, "--data", help="For fire: holds one folder of pictures per class: fire, start-fire, no-fire."
    ),
    coco: Optional[Path] = typer.Option(None, "--coco", help="For objects: boxes as COCO's JSON."),
    images: Optional[Path] = typer.Option(None, "--images", help="The folder of the pictures of --coco."),
    yolo: Optional[Path] = typer.Option(
        None, "--yolo", help="For objects: a folder with images/, labels/ and data.yaml."
    ),
    split_file: Optional[Path] = typer.Option(
        None,
        "--split",
        help="A committed split, to judge one part of the pictures alone; else every picture is judged.",
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
    """Judge the same pictures with each BUNDLE, all for fire or all for objects, and measure what it costs.

    Of bundles for fire, differences to the first have intervals of their own: on the same pictures bundles
    err together. While time is measured they take turns, on 1 and 2 threads of ONNX Runtime, so that what
    else the machine does hits all alike. compare.html needs no other file. Nothing is chosen here: name the
    part that nothing was chosen on.

        python -m models compare fire-lite0 runs/small --data fire-cls --split fire-cls.csv --out compared
    """
    load = os.getloadavg()[0]
    loaded = named(bundles)

    def known(pictures: int, counts: Mapping[str, int], where: Path) -> Conditions:
        return conditions(pictures, counts, where, split_file, part, load, rounds, seed)

    task = next(iter(loaded.values())).manifest.task
    if task == "object-detection":
        if runs:
            raise DataError("--run is for bundles for fire: a detector's run has no accuracy to draw")
        scenes = split.of_part(read_scenes(coco, images, yolo), split_file, part)
        boxing = measure_boxes(loaded, scenes, rounds, seed)
        found = _of_boxes(boxing, known(len(boxing.scenes), boxing.counts, coco or yolo or Path()))
    elif task == "fire-classification":
        if data is None:
            raise DataError("name by --data the folder that holds one of pictures per class")
        histories = _histories(runs or [], loaded)
        items = split.of_part(read_folder(data, FIRE_LABELS), split_file, part)
        compared = measure(loaded, items, rounds, seed)
        counts = Counter(item.label for item in compared.items)
        found = _of_fire(compared, known(len(compared.items), counts, data), histories)
    else:
        raise DataError(f"{bundles[0]} is a bundle for {task}: this compares those for fire and for objects")
    _write(found, out, as_json=as_json)


def _of_fire(compared: Comparison, known: Conditions, histories: Mapping[str, History]) -> _Found:
    page = Page(
        "Fire models compared",
        known.lines(),
        compared.unreadable,
        compare_tables.tables(compared),
        {
            "What accuracy costs": trade_offs(
                compared.bundles, accuracies(compared.bundles), "accuracy, three classes"
            ),
            "Fire or not": alarm_curves(compared.bundles),
            "Confusion matrices": [confusion(one) for one in compared.bundles],
            "Reliability": [reliable(one) for one in compared.bundles],
            "Learning curves": learning_curves(compared.bundles, histories),
        },
        [compare_tables.confusion_table(one) for one in compared.bundles],
        "Confusion matrices",
    )
    return _Found(compared.bundles, known, page, compare_tables.summary(compared.bundles))


def _of_boxes(boxing: BoxComparison, known: Conditions) -> _Found:
    right: Right = {one.name: (one.scores.map50, None) for one in boxing.bundles}
    page = Page(
        "Detectors compared",
        known.lines(),
        boxing.unreadable,
        compare_boxes_tables.tables(boxing),
        {"What precision costs": trade_offs(boxing.bundles, right, "mAP50")},
    )
    return _Found(boxing.bundles, known, page, compare_boxes_tables.summary(boxing.bundles))


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


def _write(found: _Found, out: Path, *, as_json: bool) -> None:
    out.mkdir(parents=True, exist_ok=True)
    facts: Dict[str, Any] = {
        "conditions": found.known.as_dict(),
        "bundles": [one.as_dict() for one in found.bundles],
        "unreadable": [str(path) for path in found.page.unreadable],
    }
    document = json.dumps(facts, indent=2) + "\n"
    for name, text in (
        ("compare.json", document),
        ("compare.csv", as_csv(found.bundles)),
        ("compare.md", markdown(found.page)),
        ("compare.html", html(found.page)),
    ):
        (out / name).write_text(text, encoding="utf-8")
    if as_json:
        typer.echo(document, nl=False)
    else:
        _print(found.summary, out)


def _print(summary: Table, out: Path) -> None:
    console = Console()
    shown = Shown()
    for name in summary.head:
        shown.add_column(name, overflow="fold")
    for row in summary.rows:
        shown.add_row(*row)
    console.print(shown)
    console.print(f"written: {out}/compare.html, .md, .csv, .json", highlight=False, soft_wrap=True)
