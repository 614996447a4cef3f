"""Find what a model takes for fire in calm pictures, seen as closely as the agent looks: to learn from."""

from __future__ import annotations

import csv
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Dict, Iterator, List, Optional, Tuple

import cv2
import typer
from rich.console import Console
from rich.progress import track

from agent.domain.box import Box
from agent.domain.fusion import BURNING
from agent.inference.bundle import load_bundle
from agent.inference.closer import LENS, view_of
from agent.inference.fire import FireClassifier
from agent.inference.manifest import FIRE_LABELS
from agent.inference.objects import YoloX
from agent.inference.onnxruntime import OnnxRuntimeSession
from agent.ports import FireDetector, ObjectDetector, Picture
from agent.vision.parts import cut_out
from agent.vision.preprocess import resized
from models import split
from models.data import DataError, Item, read_folder, read_picture

CALM = "no-fire"
_COLUMNS = ("file", "group", "source_repo", "danger")
_WIDE = 384
"""Pixels that a view is wide as it is kept."""

_QUALITY = 92


@dataclass(frozen=True)
class _Limits:
    """The least score of a box that is looked at, how many are, and the least danger that is kept."""

    faint: float
    most: int
    least: float


def mine(
    data: Path = typer.Option(..., "--data", help=f"Holds a folder {CALM} of pictures without fire."),
    out: Path = typer.Option(..., "--out", help="Where the views go; what is there already stays."),
    split_file: Optional[Path] = typer.Option(
        None, "--split", help="The split of --data, of which the training part is searched; all if left out."
    ),
    bundle: str = typer.Option("fire-lite0", "--bundle", help="The classifier that is to learn from it."),
    boxes: str = typer.Option("city-nano", "--boxes", help="The detector that says where to look closer."),
    faint: float = typer.Option(0.02, "--faint", min=0.01, max=1, help="Boxes of at least this score."),
    most: int = typer.Option(4, "--most", min=1, help="So many boxes of a picture, the surest."),
    least: float = typer.Option(0.15, "--least", min=0, max=1, help="Keep views of at least this danger."),
    threads: int = typer.Option(1, "--threads", min=1, help="Processor threads."),
) -> None:
    """Write the views that look like fire to OUT/no-fire, which `train --negatives OUT` learns from.

    Lamps, cones, sunsets, orange clothes: as the agent sees them when it looks closer (docs/fusion.md). Look
    through them before you train: a candle that nobody labelled teaches that candles are none.
    """
    chosen = _searched(data, split_file)
    judge = load_bundle(bundle, "fire-classification")
    detector = load_bundle(boxes, "object-detection")
    limits = _Limits(faint, most, least)
    rows: List[Dict[str, object]] = []
    seen = 0
    console = Console(stderr=True)
    with closing(FireClassifier(judge, OnnxRuntimeSession(judge, threads))) as seer, closing(
        YoloX(detector, OnnxRuntimeSession(detector, threads), {"score": faint})
    ) as boxer:
        for item in track(chosen, "mining", console=console, transient=True, disable=not console.is_terminal):
            found = list(_taken_for_fire(item, seer, boxer, limits))
            rows += [_kept(out, data, item, index, *view) for index, view in enumerate(found)]
            seen += bool(found)
    if rows:
        _listed(out / "manifest.csv", rows)
    typer.echo(f"{len(rows)} views of {seen} of {len(chosen)} pictures look like fire to {bundle}: see {out}")


def _searched(data: Path, split_file: Optional[Path]) -> List[Item]:
    items = read_folder(data, FIRE_LABELS)
    if split_file is not None:
        items = split.parted(items, split_file, 0)["train"]
    calm = [item for item in items if item.label == CALM]
    if not calm:
        raise DataError(f"{data}: no pictures in {CALM} to search")
    return calm


def _taken_for_fire(
    item: Item, seer: FireDetector, boxer: ObjectDetector, limits: _Limits
) -> Iterator[Tuple[Picture, float]]:
    """The views of a picture that look like fire, each with its danger. Raises DataError where it is none."""
    picture = read_picture(item.path)
    if picture is None:
        raise DataError(f"{item.path} cannot be decoded: replace it or take it out")
    (said,), (things,) = seer.look([picture]), boxer.find([picture])
    boxes = [one.box for one in things if one.label in BURNING][: limits.most]
    views = [view_of(box, LENS.wider, LENS.least_boxed) for box in boxes]
    if said.heat is not None:
        views.append(view_of(said.heat.box, 1.0, LENS.least_hot))
    parts = [_part(picture, view) for view in views if view is not None]
    for part, scores in zip(parts, seer.look(parts) if parts else ()):
        if scores.danger >= limits.least:
            yield part, scores.danger


def _part(picture: Picture, view: Box) -> Picture:
    part = cut_out(picture, view)
    return resized(part, _WIDE, max(1, round(_WIDE * part.shape[0] / part.shape[1])))


def _kept(out: Path, data: Path, item: Item, index: int, part: Picture, danger: float) -> Dict[str, object]:
    """Write a view; its line in the manifest, which keeps the views of a picture together."""
    name = f"{CALM}/{data.resolve().name}-{item.path.stem}-{index}.jpg"
    (out / CALM).mkdir(parents=True, exist_ok=True)
    cv2.imwrite(str(out / name), part, [cv2.IMWRITE_JPEG_QUALITY, _QUALITY])
    return dict(zip(_COLUMNS, (name, item.group, item.source, round(danger, 4))))


def _listed(path: Path, rows: List[Dict[str, object]]) -> None:
    """Lines of earlier searches stay, but for views that were found again."""
    again = {row["file"] for row in rows}
    before: List[Dict[str, object]] = []
    if path.is_file():
        with path.open(newline="", encoding="utf-8") as file:
            before = [dict(row) for row in csv.DictReader(file) if row["file"] not in again]
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, _COLUMNS)
        writer.writeheader()
        writer.writerows(before + rows)
