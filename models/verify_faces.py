"""Check the recognition of faces on pairs of pictures of one's own, with ONNX Runtime alone."""

from __future__ import annotations

import json
import os
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Dict, Optional, Sequence

import typer
from rich.console import Console

from agent import logs
from agent.faces.provision import NAME, face_bundle
from models.data import DataError
from models.face_reading import Faces, Pair, Reader, face_reader, read_faces, read_pairs, trials_of
from models.face_scoring import FARS, Trials, Verification, roc, verification
from models.report import draw_rates

FEW = 10
"""False accepts that a rate should rest on."""


@dataclass(frozen=True, eq=False)
class Judged:
    """The pairs whose pictures could be read, the faces in those, and the figures."""

    trials: Trials
    faces: Faces
    result: Verification


def verify_faces(
    pairs: Path = typer.Option(
        ..., "--pairs", help="CSV with columns file_a, file_b, same (1 or 0); may have fold."
    ),
    root: Path = typer.Option(..., "--root", help="The folder that the files are relative to."),
    embedder: str = typer.Option(
        NAME, "--embedder", help="The bundle that embeds; dlib-face is made once if need be."
    ),
    as_json: bool = typer.Option(False, "--json", help="Print one JSON object."),
    plot: Optional[Path] = typer.Option(None, "--plot", help="Draw the ROC curve into this PNG file."),
) -> None:
    """Say how well the largest faces of two pictures tell whether they show one person.

    Each pair is judged by the threshold that is best for pairs of other people: of other folds where PAIRS
    has the column, else of other fifths of the people, a person being what pairs of one person link. A
    picture without a face is like no other. Intervals are of 95 %: the wider of a bootstrap over people and
    Wilson's. Pairs with a picture that cannot be read are left out.
    """
    logs.configure()
    listed = read_pairs(pairs)
    with closing(face_reader(face_bundle(_cache(), embedder))) as reader:
        judged = judge(listed, root, reader)
    if plot is not None:
        draw_rates(plot, {"beffroi": roc(judged.trials)})
    if as_json:
        typer.echo(json.dumps(document(judged), indent=2))
    else:
        show(judged)


def judge(pairs: Sequence[Pair], root: Path, reader: Reader) -> Judged:
    """Read the pictures below `root` and judge the pairs. Raises DataError where there are too few."""
    files = sorted({file for pair in pairs for file in (pair.a, pair.b)})
    faces = read_faces(reader, root, files)
    broken = set(faces.unreadable)
    readable = [pair for pair in pairs if not broken & {pair.a, pair.b}]
    if len({pair.same for pair in readable}) < 2:
        raise DataError(f"{len(broken)} of {len(files)} pictures below {root} cannot be read")
    trials = trials_of(readable, faces.embeddings)
    return Judged(trials, faces, verification(trials))


def _cache() -> Path:
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "beffroi"


def document(judged: Judged) -> Dict[str, Any]:
    """All figures, for JSON."""
    trials, result = judged.trials, judged.result
    return {
        "pairs": len(trials),
        "same": int(trials.same.sum()),
        **result.rates,
        "best_threshold": result.threshold,
        "intervals": {name: result.interval(name) for name in result.rates},
        "without_a_face": judged.faces.faceless,
        "unreadable": judged.faces.unreadable,
    }


def show(judged: Judged) -> None:
    """Print the figures for people."""
    console = Console(highlight=False)
    trials, faces, result = judged.trials, judged.faces, judged.result
    same = int(trials.same.sum())
    console.print(f"{len(trials)} pairs, {same} of one person")
    for name, value in result.rates.items():
        low, high = result.interval(name)
        console.print(f"{name:18} {value:.4f}  ({low:.4f} to {high:.4f})")
    console.print(f"{'best threshold':18} {result.threshold:.3f}")
    for far in FARS:
        if (len(trials) - same) * far < FEW:
            console.print(f"too few pairs of two people for more than a guess at FAR {far:g}", style="yellow")
    for title, files in (("without a face", faces.faceless), ("not readable", faces.unreadable)):
        for file in files:
            console.print(f"{title}: {file}", style="yellow", soft_wrap=True)
