"""How right bundles for fire stay in bad light, weather and focus, and over bad links.

    python -m benchmarks.fire_robustness BUNDLE... --data CLASSES --split FILE --out DIR [--part test]

CLASSES holds a folder per class; the pictures of one part of the split are judged as they are and under
everything in models.degrade, by each bundle. DIR gets fire-robustness.md, .csv, .json and .png, and
fire-degradations.jpg: a rendered street (no picture of CLASSES) under all of them.
"""

from __future__ import annotations

import csv
import json
import sys
from contextlib import ExitStack, closing
from dataclasses import dataclass
from pathlib import Path
from typing import Dict, List, Sequence, Tuple

import cv2
import numpy as np
import typer
from rich.console import Console
from rich.progress import track

from agent.errors import BeffroiError
from agent.inference.bundle import Bundle, load_bundle, sha256_of
from agent.inference.fire import FireClassifier
from agent.inference.manifest import FIRE_LABELS
from agent.inference.onnxruntime import OnnxRuntimeSession
from agent.ports import Picture
from agent.sources.scene.script import SceneScript
from agent.sources.scene.stage import Stage
from agent.vision.annotate import caption
from models import split
from models.data import DataError, Item, picture_of, read_folder
from models.degrade import DEGRADATIONS
from models.report import pyplot
from models.scoring import Interval, Probabilities, score, wilson

AS_IT_IS = "as it is"
COLUMNS = ("accuracy", "fire_or_not", "recall_of_fire", "burning_told", "calm_alarmed")
_TITLES = ("three classes", "fire or not", "recall of fire", "burning that alarm", "calm that alarm")
_DETAILS = {AS_IT_IS: "", **{one.key: one.detail for one in DEGRADATIONS}}


@dataclass(frozen=True)
class Row:
    """Shares of one bundle under one degradation, by COLUMNS, each with its interval of 95 % (Wilson).

    `fire_or_not` is by the bundle's own `open_above`, and so are `burning_told` (fires and start-fires that
    reach it) and `calm_alarmed` (pictures without fire that do); `recall_of_fire` is the class's.
    """

    bundle: str
    under: str
    n: int
    shares: Dict[str, float]
    intervals: Dict[str, Interval]


def main(
    bundles: List[str] = typer.Argument(..., help="Names or folders of bundles for fire."),
    data: Path = typer.Option(..., "--data", help="Holds a folder a class: fire, start-fire, no-fire."),
    split_file: Path = typer.Option(..., "--split", help="The split of --data."),
    part: str = typer.Option("test", "--part", help="train, val or test."),
    out: Path = typer.Option(..., "--out", help="The folder to write to."),
    as_json: bool = typer.Option(False, "--json", help="Print the figures as JSON."),
    threads: int = typer.Option(1, "--threads", min=1, help="Processor threads."),
) -> None:
    """Judge, write, and print a Markdown table, or JSON."""
    loaded = [load_bundle(name, "fire-classification") for name in bundles]
    chosen = split.parted(read_folder(data, FIRE_LABELS), split_file, 0).get(part)
    if not chosen:
        raise DataError(f"the part {part} has no pictures: use {', '.join(split.PARTS)}")
    rows = measured(loaded, chosen, threads)
    document = {
        "part": part,
        "pictures": len(chosen),
        "bundles": {one.manifest.name: one.manifest.sha256 for one in loaded},
        "rows": [{**vars(row), "detail": _DETAILS[row.under]} for row in rows],
    }
    out.mkdir(parents=True, exist_ok=True)
    text = json.dumps(document, indent=2) + "\n"
    (out / "fire-robustness.json").write_text(text, encoding="utf-8")
    (out / "fire-robustness.md").write_text(markdown(rows), encoding="utf-8")
    _write_csv(out / "fire-robustness.csv", rows)
    _plot(out / "fire-robustness.png", rows)
    cv2.imwrite(str(out / "fire-degradations.jpg"), sheet(), [cv2.IMWRITE_JPEG_QUALITY, 80])
    sys.stdout.write(text if as_json else markdown(rows))


def measured(bundles: Sequence[Bundle], items: Sequence[Item], threads: int = 1) -> List[Row]:
    """A row for each bundle and degradation, AS_IT_IS first. Raises DataError for a picture that is none."""
    said: Dict[Tuple[str, str], List[List[float]]] = {}
    console = Console(stderr=True)
    with ExitStack() as stack:
        judges = {
            one.manifest.name: stack.enter_context(
                closing(FireClassifier(one, OnnxRuntimeSession(one, threads)))
            )
            for one in bundles
        }
        for item in track(items, "judging", console=console, transient=True, disable=not console.is_terminal):
            picture = picture_of(item.path)
            shown = spoilt(picture, sha256_of(item.path))
            for name, judge in judges.items():
                for under, one in shown.items():
                    (found,) = judge.look([one])
                    said.setdefault((name, under), []).append([found.fire, found.start_fire, found.no_fire])
    truth = [item.label for item in items]
    return [
        _row(bundle, under, np.array(said[bundle.manifest.name, under], np.float32), truth)
        for bundle in bundles
        for under in _DETAILS
    ]


def spoilt(picture: Picture, sha256: str) -> Dict[str, Picture]:
    """The picture as it is and under each degradation."""
    return {AS_IT_IS: picture, **{one.key: one.of(picture, sha256) for one in DEGRADATIONS}}


def _row(bundle: Bundle, under: str, probabilities: Probabilities, labels: Sequence[str]) -> Row:
    """`probabilities` are in the order of FIRE_LABELS."""
    threshold = bundle.manifest.thresholds["open_above"]
    truth = np.array([FIRE_LABELS.index(label) for label in labels], np.int64)
    scores = score(probabilities, truth, FIRE_LABELS, threshold)
    calm = truth == FIRE_LABELS.index("no-fire")
    alarmed = 1.0 - probabilities[:, FIRE_LABELS.index("no-fire")] >= threshold
    told, burning = int((alarmed & ~calm).sum()), int((~calm).sum())
    false, quiet = int((alarmed & calm).sum()), int(calm.sum())
    shares = (
        scores.accuracy,
        scores.fire_or_not_accuracy,
        scores.recall["fire"],
        told / max(1, burning),
        false / max(1, quiet),
    )
    intervals = (
        scores.intervals["accuracy"],
        scores.intervals["fire_or_not_accuracy"],
        scores.intervals["recall"]["fire"],
        wilson(told, burning),
        wilson(false, quiet),
    )
    return Row(
        bundle.manifest.name, under, scores.n, dict(zip(COLUMNS, shares)), dict(zip(COLUMNS, intervals))
    )


def markdown(rows: Sequence[Row]) -> str:
    """A table for each bundle; intervals of 95 % in brackets."""
    lines: List[str] = []
    for bundle in dict.fromkeys(row.bundle for row in rows):
        mine = [row for row in rows if row.bundle == bundle]
        lines += [f"`{bundle}`, {mine[0].n} pictures, % (95 % interval):", ""]
        lines += ["| | how much | " + " | ".join(_TITLES) + " |", "|---" * (2 + len(_TITLES)) + "|"]
        for row in mine:
            cells = " | ".join(_cell(row.shares[name], row.intervals[name]) for name in COLUMNS)
            lines.append(f"| {row.under} | {_DETAILS[row.under]} | {cells} |")
        lines.append("")
    return "\n".join(lines)


def _cell(share: float, interval: Interval) -> str:
    return f"{share:.1%} ({interval[0]:.1%} to {interval[1]:.1%})".replace("%", "")


def _write_csv(path: Path, rows: Sequence[Row]) -> None:
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file, lineterminator="\n")
        edges = [f"{name}{end}" for name in COLUMNS for end in ("", "_low", "_high")]
        writer.writerow(["bundle", "under", "n", *edges])
        for row in rows:
            figures = [
                round(value, 4) for name in COLUMNS for value in (row.shares[name], *row.intervals[name])
            ]
            writer.writerow([row.bundle, row.under, row.n, *figures])


def _plot(path: Path, rows: Sequence[Row]) -> None:
    """Of each degradation the shares with their intervals, a panel a bundle."""
    plt = pyplot()
    names = list(dict.fromkeys(row.bundle for row in rows))
    figure, axes = plt.subplots(1, len(names), figsize=(5.5 * len(names), 4.6), squeeze=False, sharey=True)
    for axis, bundle in zip(axes[0], names):
        mine = [row for row in rows if row.bundle == bundle]
        for shift, name, title in zip((-0.25, 0.0, 0.25), COLUMNS, _TITLES):
            shares = np.array([row.shares[name] for row in mine])
            low, high = np.array([row.intervals[name] for row in mine]).T
            at = np.arange(len(mine)) + shift
            axis.errorbar(shares, at, xerr=(shares - low, high - shares), fmt="o", ms=4, label=title)
        axis.set(title=bundle, yticks=range(len(mine)), xlabel="share of the test pictures")
        axis.set_yticklabels([row.under for row in mine])
        axis.grid(axis="x", alpha=0.3)
    axes[0][0].invert_yaxis()
    axes[0][0].legend(loc="lower left", fontsize=8)
    figure.tight_layout()
    figure.savefig(path, dpi=110)
    plt.close(figure)


def sheet(width: int = 384) -> Picture:
    """A rendered street on fire as it is and under each degradation, four in a row."""
    height = width * 9 // 16
    street = Stage(3, width, height, SceneScript(0.0, 4.0, 4.0, 12.0, 0.0)).render(9.5)
    tiles = [
        caption(_sized(picture, width, height), f"{under}: {_DETAILS[under]}" if _DETAILS[under] else under)
        for under, picture in spoilt(street, "0" * 64).items()
    ]
    blank: Picture = np.full_like(tiles[0], 255)
    tiles += [blank] * (-len(tiles) % 4)
    return np.vstack([np.hstack(tiles[first : first + 4]) for first in range(0, len(tiles), 4)])


def _sized(picture: Picture, width: int, height: int) -> Picture:
    """Grown with its pixels to be seen."""
    return np.asarray(cv2.resize(picture, (width, height), interpolation=cv2.INTER_NEAREST), np.uint8)


if __name__ == "__main__":
    try:
        typer.run(main)
    except BeffroiError as error:
        sys.exit(str(error))
