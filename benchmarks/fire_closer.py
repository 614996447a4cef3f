"""How closely to look at what might burn, and how much to believe of it: on pictures for validation.

    python -m benchmarks.fire_closer --data ../shared/data/fire-det --split models/splits/fire-det.csv \\
        --classes ../shared/data/fire-cls --classes-split models/splits/fire-cls.csv \\
        --streets ../shared/data/coco [--boxes city-nano] [--bundle fire-lite0] [--most 60]

As `benchmarks.fire_size`, but of the validation parts, pasted into pictures without fire of a folder,
without those that `benchmarks.fire_size` judges; and the calm validation pictures as they are. Every row is
a setting of agent.inference.closer.Lens; the pictures stand still, so that nothing is left out for not
stirring.
"""

from __future__ import annotations

import csv
import json
import sys
from contextlib import closing
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Callable, Dict, Iterator, List, NamedTuple, Optional, Sequence, Tuple

import numpy as np
import typer
from rich.console import Console
from rich.progress import track

from agent.errors import BeffroiError
from agent.inference.bundle import load_bundle
from agent.inference.closer import LENS, Closer, Lens
from agent.inference.fire import FireClassifier
from agent.inference.manifest import FIRE_LABELS
from agent.inference.objects import YoloX
from agent.inference.onnxruntime import OnnxRuntimeSession
from agent.ports import Picture
from benchmarks.fire_fusion import FUSED, rules_of
from benchmarks.fire_size import SHARES, Shot
from benchmarks.fire_size_scenes import CITIES, Frame, Patch, burning, controls, wide
from models import split
from models.data import DataError, picture_of, read_folder

LINES = 720
FUSED_ALONE = "no closer look"
_OTHERWISE = {
    "doubt": (0.0, 0.5, 1.5, 2.0),
    "least_boxed": (0.12, 0.35),
    "wider": (3.0,),
    "least_hot": (0.5,),
}
LENSES: Dict[str, Optional[Lens]] = {
    FUSED_ALONE: None,
    "as it is": LENS,
    **{
        f"{name} {value:g}": replace(LENS, **{name: value})
        for name, values in _OTHERWISE.items()
        for value in values
    },
}
"""What is tried, by name: the setting that ships, and each of its numbers otherwise."""

CALM, CALM_STREET = "calm", "street"

Scene = Tuple[str, float, Callable[[], Picture]]
"""What it is, the share that is covered, and what makes the picture."""


class Judged(NamedTuple):
    """What was judged: pasted flames, smoke or control by the share that they cover, or what is calm as it
    is; and the danger by lens."""

    kind: str
    share: float
    danger: Dict[str, float]


def main(
    data: Path = typer.Option(..., "--data", help="Boxed flames and smoke (YOLO's layout)."),
    split_file: Path = typer.Option(
        ..., "--split", help="The split of --data; its validation part is pasted."
    ),
    classes: Path = typer.Option(..., "--classes", help="What the classifier was trained on."),
    classes_split: Path = typer.Option(..., "--classes-split", help="The split of --classes."),
    streets: Path = typer.Option(..., "--streets", help="Holds pictures without fire to paste into."),
    boxes: str = typer.Option("city-nano", "--boxes", help="A detector that was fused with the classifier."),
    bundle: str = typer.Option("fire-lite0", "--bundle", help="The classifier."),
    most: int = typer.Option(60, "--most", min=1, help="Patches of each kind; few for a trial."),
    as_json: bool = typer.Option(False, "--json", help="Print one JSON object a picture."),
) -> None:
    """Paste, look, and print a Markdown table."""
    judge, detector = load_bundle(bundle, "fire-classification"), load_bundle(boxes, "object-detection")
    rule = rules_of(detector.manifest, judge.manifest)[FUSED]
    patches = burning(data, split_file, classes, classes_split, "val")
    chosen = [one for kind in ("flames", "smoke") for one in [p for p in patches if p.kind == kind][:most]]
    chosen += controls(classes, classes_split, most, "val")
    todo = list(scenes(street_frames(streets), chosen)) + list(calm(classes, classes_split))
    console = Console(stderr=True)
    judged = []
    with closing(FireClassifier(judge, OnnxRuntimeSession(judge))) as seer, closing(
        YoloX(detector, OnnxRuntimeSession(detector))
    ) as boxer:
        for kind, share, made in track(
            todo, "looking", console=console, transient=True, disable=not console.is_terminal
        ):
            picture = made()
            (said,), (found,) = seer.look([picture]), boxer.find([picture])
            fused = rule.of(said, found)
            danger = {
                name: (
                    fused if lens is None else Closer(seer, seer, lens).surer([picture], [fused])[0]
                ).danger
                for name, lens in LENSES.items()
            }
            judged.append(Judged(kind, share, danger))
    if as_json:
        sys.stdout.writelines(json.dumps(one._asdict()) + "\n" for one in judged)
    else:
        sys.stdout.write(markdown(judged, judge.manifest.thresholds["open_above"]))


def street_frames(folder: Path) -> List[Frame]:
    """Pictures below the folder, but for those that CITIES names, in an order of chance."""
    with CITIES.open(newline="", encoding="utf-8") as file:
        judged = {Path(row["file"]).name for row in csv.DictReader(file)}
    paths = [path for path in sorted(folder.rglob("*.jpg")) if path.name not in judged]
    if not paths:
        raise DataError(f"{folder} holds no pictures (*.jpg) to paste into")
    order = np.random.default_rng(5).permutation(len(paths))
    return [Frame(paths[index].stem, wide(picture_of(paths[index]))) for index in order]


def scenes(frames: Sequence[Frame], patches: Sequence[Patch]) -> Iterator[Scene]:
    """The frames as they are, then each patch at each size, in one frame."""
    for frame in frames:
        yield CALM_STREET, 0.0, Shot(frame, LINES).picture
    for index, patch in enumerate(patches):
        for share in SHARES:
            yield patch.kind, share, Shot(frames[index % len(frames)], LINES, patch, share).picture


def calm(classes: Path, file: Path) -> Iterator[Scene]:
    """The pictures without fire of the validation part."""
    for item in split.parted(read_folder(classes, FIRE_LABELS), file, 0)["val"]:
        if item.label == "no-fire":
            yield CALM, 0.0, partial(picture_of, item.path)


def markdown(judged: Sequence[Judged], threshold: float) -> str:
    """A row a lens: how many of what does not burn alarm, and of what burns, in %, by share."""
    quiet = {kind: [one for one in judged if one.kind == kind] for kind in (CALM, CALM_STREET, "control")}
    burns = {
        (kind, share): [one for one in judged if (one.kind, one.share) == (kind, share)]
        for kind in ("flames", "smoke")
        for share in SHARES
    }
    heads = [f"{kind} ({len(some)})" for kind, some in quiet.items()]
    heads += [f"{kind} {100 * share:g} %" for kind, share in burns]
    lines = [f"| | {' | '.join(heads)} |", "|---|" + "---|" * len(heads)]
    for name in LENSES:
        counts = [sum(one.danger[name] >= threshold for one in some) for some in quiet.values()]
        shares = [
            100 * sum(one.danger[name] >= threshold for one in some) / max(1, len(some))
            for some in burns.values()
        ]
        cells = [str(count) for count in counts] + [f"{share:.0f}" for share in shares]
        lines.append(f"| {name} | {' | '.join(cells)} |")
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    try:
        typer.run(main)
    except BeffroiError as error:
        sys.exit(str(error))
