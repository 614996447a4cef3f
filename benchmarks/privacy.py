"""Whether anybody can be recognised in what leaves the device.

    python -m benchmarks.privacy SHARED [--people 40] [--embedder FOLDER] [--json FILE] [--plot FILE]

SHARED has faces/, videos/ and data/fire-det. What would be sent (veil, annotation, JPEG) is attacked by one
who has the originals, knows where each face was, and uses the agent's own detector and embedding; without the
veil, with it, and where its detector fails. A match is a distance of MATCH at most.

- pasted: faces of known people, each in eight sizes, in pictures of 1280 x 720;
- clips: every face that is found in every fifth frame of every clip;
- hog: the faces that another detector, dlib's, finds in those frames;
- other_pictures: the attacker has another picture of each person, veils it in the same way, and compares;
- fires: how much of them a needless veil hides;
- milliseconds: of the veil, per picture.
"""

from __future__ import annotations

import json
import sys
from contextlib import closing
from pathlib import Path
from typing import Any, Dict, List, Optional, Sequence

import typer

from agent import logs
from agent.faces.predictor import Predictor
from agent.faces.provision import face_bundle
from agent.faces.reader import FaceReader
from agent.inference.bundle import load_bundle
from agent.inference.faces import DlibFace, YuNet
from agent.inference.onnxruntime import OnnxRuntimeSession
from benchmarks.privacy_attack import Attacker, Attempt
from benchmarks.privacy_faces import PASTED, Row, clips, pasted, portraits_of
from benchmarks.privacy_plot import plot
from benchmarks.privacy_rest import hog, needless, others, times
from benchmarks.privacy_scenes import SIZES

MATCH = 0.6
"""Two faces this near are customarily one person's; the agent itself asks for 0.45."""

_HEADER = (
    "| | faces | match in the open | veiled: found | match | by force (a stranger) "
    "| no detector: match | by force |"
)


def main(
    shared: Path = typer.Argument(...),
    count: int = typer.Option(40, "--people", min=2, help="People whose faces are pasted."),
    embedder: Optional[Path] = typer.Option(None, "--embedder", help="A dlib-face bundle; else made."),
    cache: Path = typer.Option(Path("var/faces"), "--cache", help="Where the bundle is made."),
    as_json: Optional[Path] = typer.Option(None, "--json", help="Write the figures here."),
    plot_to: Optional[Path] = typer.Option(None, "--plot", help="Draw the distances here (PNG)."),
) -> None:
    """Print Markdown tables; exit code 1 where a face that was found under the veil matches its original."""
    logs.configure("error")
    bundle = load_bundle(str(embedder or face_bundle(cache)), "face-embedding")
    finder = load_bundle("yunet", "face-detection")
    reader = FaceReader(
        YuNet(finder, OnnxRuntimeSession(finder)),
        DlibFace(bundle, OnnxRuntimeSession(bundle)),
        Predictor(bundle.folder),
    )
    with closing(reader):
        attacker = Attacker(reader)
        (stranger,) = portraits_of(shared / "faces", attacker, 1)
        unknown = attacker.embedding(stranger.picture, stranger.face.box)
        rows = [*pasted(shared, attacker, count), *clips(shared / "videos", attacker, unknown)]
        report = {
            "match": MATCH,
            "pasted": {str(size): _figures([row for row in rows if _is(row, size)]) for size in SIZES},
            "clips": _figures([row for row in rows if row.where != PASTED]),
            "by_clip": {clip: _figures([r for r in rows if r.where == clip]) for clip in _names(rows)},
            "hog": hog(shared / "videos"),
            "other_pictures": others(shared / "faces", attacker),
            "fires": needless(shared / "data" / "fire-det"),
            "milliseconds": times(shared / "videos"),
        }
    if as_json is not None:
        as_json.write_text(json.dumps(report, indent=2) + "\n")
    if plot_to is not None:
        plot([row for row in rows if _matches(row.open)], MATCH, plot_to)
    sys.stdout.write(_markdown(report))
    if any(_matches(row.veiled) for row in rows):
        raise typer.Exit(1)


def _is(row: Row, size: int) -> bool:
    return row.where == PASTED and row.size == size


def _names(rows: Sequence[Row]) -> List[str]:
    return sorted({row.where for row in rows} - {PASTED})


def _figures(rows: Sequence[Row]) -> Dict[str, Any]:
    """Of the faces, how many match their original in the open, and of those under the veil and without a
    detector."""
    told = [row for row in rows if _matches(row.open)]
    figures: Dict[str, Any] = {"faces": len(rows), "match_in_the_open": len(told)}
    for name in ("veiled", "failed"):
        attempts: List[Attempt] = [getattr(row, name) for row in told]
        figures[name] = {
            "found": sum(one.found is not None for one in attempts),
            "match": sum(_matches(one) for one in attempts),
            "match_045": sum(_matches(one, 0.45) for one in attempts),
            "by_force": sum(one.forced <= MATCH for one in attempts),
            "by_force_045": sum(one.forced <= 0.45 for one in attempts),
        }
    figures["veiled"]["stranger_by_force"] = sum(row.stranger <= MATCH for row in told)
    return figures


def _matches(attempt: Attempt, most: float = MATCH) -> bool:
    return attempt.found is not None and attempt.found <= most


def _markdown(report: Dict[str, Any]) -> str:
    lines = [
        _HEADER,
        "|---|---|---|---|---|---|---|---|",
    ]
    named = [(f"pasted, {size} px", figures) for size, figures in report["pasted"].items()]
    for name, figures in [*named, ("in clips", report["clips"]), *report["by_clip"].items()]:
        veiled, failed = figures["veiled"], figures["failed"]
        lines.append(
            f"| {name} | {figures['faces']} | {figures['match_in_the_open']} "
            f"| {veiled['found']} | {veiled['match']} "
            f"| {veiled['by_force']} ({veiled['stranger_by_force']}) "
            f"| {failed['match']} | {failed['by_force']} |"
        )
    rest = ("hog", "other_pictures", "fires", "milliseconds")
    return "\n".join(lines + [f"\n{name}: {json.dumps(report[name])}" for name in rest]) + "\n"


if __name__ == "__main__":
    typer.run(main)
