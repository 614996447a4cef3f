"""Show what a trained classifier goes by: maps over right and wrong cases, and whether to believe them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, Dict, List, Optional, Sequence, Tuple

import cv2
import numpy as np
import torch
import typer
from rich.console import Console
from rich.progress import track
from torch import Tensor, nn

from agent.inference.manifest import FIRE_LABELS as LABELS
from models import checkpoint, explain_faithfulness, explain_gallery, explain_plots, explain_sanity
from models.data import DataError, load_square
from models.explain_faithfulness import Faithfulness
from models.explain_gallery import Case, Figure
from models.explain_maps import METHODS, Map
from models.explain_sanity import Sanity
from models.explain_selection import drawn, items_of, shown
from models.scoring import wilson
from models.train import judge
from models.variants import normalised, planes

PAGE, FIGURES = "explain.html", "explain.json"
PLOTS = {"faithfulness": "faithfulness.png", "sanity": "sanity.png"}
USUAL = ("grad-cam", "integrated-gradients")
_SANITY_PICTURES = 16

_FAITHFULNESS = (
    "Does the network go by what the maps point at? Deletion greys out the cells of a picture, the most "
    "important first: the lower the area under the curve, the better. Insertion uncovers them in a blurred "
    "picture: the higher, the better. Random is the control. The pictures were drawn by chance, judged right "
    "or wrong."
)
_SANITY = (
    "Do the maps depend on what was learnt? The weights are made random from the last layer down. Maps that "
    "mean something become unlike those of the trained network; maps that stay alike show the edges in a "
    "picture. Absolute values are compared as well, in case that only signs change."
)


def explain(
    run: Path = typer.Argument(..., help="The folder of a finished `train` run of a classifier."),
    data: Path = typer.Option(..., "--data", help="A folder with one folder of pictures per class."),
    out: Path = typer.Option(..., "--out", help=f"Folder for {PAGE}, {FIGURES} and the plots."),
    split_file: Optional[Path] = typer.Option(
        None, "--split", help="A split of DATA by content. The run's own, unless it is given."
    ),
    part: Optional[str] = typer.Option(
        None, "--part", help="Only this part of the split: val or test; val where --split is given, else all."
    ),
    number: int = typer.Option(4, "--number", min=1, help="Right and wrong cases to show, of each class."),
    method: Optional[List[str]] = typer.Option(
        None,
        "--method",
        help=f"One of {', '.join(METHODS)}; repeatable; {' and '.join(USUAL)} unless it is given.",
    ),
    sample: int = typer.Option(48, "--sample", min=2, help="Pictures that the maps are measured on."),
    seed: int = typer.Option(1, "--seed", help="Of what is drawn by chance."),
    as_json: bool = typer.Option(False, "--json", help=f"Print {FIGURES} on standard output."),
) -> None:
    """Show what RUN's network goes by, on pictures of DATA: a gallery page, with figures to judge it by.

    A map shows what speaks for the label that a picture was judged to have. Deletion and insertion tell
    whether the network goes by what a map points at, better than chance; randomised weights tell whether a
    map depends on what was learnt at all. Where a method fails, a sentence says so. Look at pictures that the
    network was not trained on (--part). Occlusion takes many times as long as the others.
    """
    methods = _known(method or USUAL)
    config = checkpoint.read_config(run)
    net, side = checkpoint.trained(run, config), int(config["final_side"])
    net = net.to(memory_format=torch.channels_last)
    cv2.setNumThreads(1)
    part = part or (None if split_file is None else "val")
    items = items_of(data, LABELS, config, split_file, part)
    pictures = load_square(items, side)
    probabilities = judge(net, pictures, side)
    guess = probabilities.argmax(1)
    right = guess == np.array([LABELS.index(item.label) for item in items])

    to_show, to_measure = shown(items, right, LABELS, number, seed), drawn(items, sample, seed)
    batch = {index: _normal(pictures[index]) for index in {*to_show, *to_measure}}
    maps = _maps(net, batch, guess, methods)
    faithfulness, sanity = _measured(net, batch, guess, maps, to_measure, seed)
    cases = [
        Case(
            items[index].path.relative_to(data).as_posix(),
            items[index].label,
            probabilities[index].tolist(),
            pictures[index],
            {name: of_method[index] for name, of_method in maps.items()},
        )
        for index in to_show
    ]
    document = {
        "run": str(run),
        "net": config["net"],
        "side": side,
        "data": str(data),
        "split": None if split_file is None else str(split_file),
        "part": part or "all",
        "seed": seed,
        "pictures": len(items),
        "accuracy": round(float(right.mean()), 4),
        "accuracy_interval": [round(end, 4) for end in wilson(int(right.sum()), len(items))],
        "faithfulness": faithfulness.as_dict(),
        "sanity": sanity.as_dict(),
        "warnings": faithfulness.warnings() + sanity.warnings(),
        "cases": [case.as_dict() for case in cases],
    }
    out.mkdir(parents=True, exist_ok=True)
    text = json.dumps(document, indent=2)
    (out / FIGURES).write_text(text + "\n", encoding="utf-8")
    _write_page(out, document, faithfulness, sanity, cases)
    if as_json:
        typer.echo(text)
    else:
        _print(out, faithfulness, sanity)


def _known(methods: Sequence[str]) -> List[str]:
    unknown = [name for name in methods if name not in METHODS]
    if unknown:
        raise DataError(f"{', '.join(unknown)} is no method: use {', '.join(METHODS)}")
    return list(dict.fromkeys(methods))


def _normal(picture: Any) -> Tensor:
    return normalised(planes(picture)[None])


def _maps(
    net: nn.Module, batch: Dict[int, Tensor], guess: Any, methods: Sequence[str]
) -> Dict[str, Dict[int, Map]]:
    """By method, then by the index of a picture."""
    console = Console(stderr=True)
    found: Dict[str, Dict[int, Map]] = {}
    for name in methods:
        bar = track(batch.items(), name, console=console, disable=not console.is_terminal)
        found[name] = {index: METHODS[name](net, picture, int(guess[index])) for index, picture in bar}
    return found


def _measured(
    net: nn.Module,
    batch: Dict[int, Tensor],
    guess: Any,
    maps: Dict[str, Dict[int, Map]],
    indices: Sequence[int],
    seed: int,
) -> Tuple[Faithfulness, Sanity]:
    pictures, targets = torch.cat([batch[index] for index in indices]), guess[indices].tolist()
    mine = {name: [of_method[index] for index in indices] for name, of_method in maps.items()}
    curves = explain_faithfulness.measure(net, pictures, targets, mine, seed)
    few = slice(_SANITY_PICTURES)
    sanity = explain_sanity.check(net, pictures[few], targets[few], mine, seed)
    return Faithfulness(curves, [LABELS[target] for target in targets]), sanity


def _write_page(
    out: Path, document: Dict[str, Any], faithfulness: Faithfulness, sanity: Sanity, cases: List[Case]
) -> None:
    explain_plots.draw_faithfulness(out / PLOTS["faithfulness"], faithfulness)
    explain_plots.draw_sanity(out / PLOTS["sanity"], sanity)
    low, high = document["accuracy_interval"]
    facts = {
        "run": f"{document['run']} ({document['net']}, {document['side']} x {document['side']})",
        "pictures": f"{document['pictures']} of {document['data']}, part: {document['part']}",
        "judged right": f"{document['accuracy']:.3f} ({low:.3f} to {high:.3f})",
        "measured on": f"{document['faithfulness']['pictures']} pictures; random weights on "
        f"{document['sanity']['pictures']}; seed {document['seed']}",
        "probabilities": "before calibration, which comes with export",
        "maps": "what speaks for the label judged, pale is most; each map has a scale of its own",
    }
    figures = [
        Figure("Faithfulness", _FAITHFULNESS, faithfulness.warnings(), out / PLOTS["faithfulness"]),
        Figure("Random weights", _SANITY, sanity.warnings(), out / PLOTS["sanity"]),
    ]
    explain_gallery.write(out / PAGE, f"What {Path(document['run']).name} goes by", facts, figures, cases)


def _print(out: Path, faithfulness: Faithfulness, sanity: Sanity) -> None:
    console = Console()
    for line in [*faithfulness.lines(), *sanity.lines()]:
        console.print(line, highlight=False, soft_wrap=True)
    for warning in [*faithfulness.warnings(), *sanity.warnings()]:
        console.print(warning, style="yellow", soft_wrap=True)
    console.print(f"see {out / PAGE}", soft_wrap=True)
