"""How soon a small fire in a street is an incident: moving flames, pasted into films of streets without fire.

    python -m benchmarks.fire_films VIDEOS [--bundle city-nano] [--classifier fire-lite0] [--out DIR] [--json]

What `benchmarks.fire_size` cannot say, whose pictures stand still: flames of real clips (fire_films.csv,
read off by eye) burn from the third second on in films of streets, at 0.1 to 3 % of the picture, and every
look goes through the policy of the agent. Judged are both networks fused, and with a closer look, which is
what ships. DIR gets fire-films.jpg, to be looked at before a figure is believed, and must not be published
where the clips must not be.
"""

from __future__ import annotations

import csv
import json
import sys
import zlib
from contextlib import closing
from pathlib import Path
from typing import Any, Dict, Iterator, List, NamedTuple, Optional, Sequence, Tuple

import cv2
import numpy as np
import typer
from rich.console import Console
from rich.progress import track

from agent.clock import SystemClock
from agent.domain.box import Box
from agent.domain.moment import Moment
from agent.errors import BeffroiError
from agent.inference.bundle import load_bundle
from agent.inference.fire import FireClassifier
from agent.inference.objects import YoloX
from agent.inference.onnxruntime import OnnxRuntimeSession
from agent.ports import Picture
from agent.vision.parts import cut_out
from agent.vision.preprocess import resized
from benchmarks.fire_fusion import CLOSER, FUSED, GAP_S, looks, rules_of, told
from benchmarks.fire_size_scenes import Frame, as_streamed, enlarged, frames_at, laid, spot, wide
from models.scoring import wilson

FLAMES = Path(__file__).with_suffix(".csv")
"""What is pasted: a part of a clip, in shares, from one second to another."""

STREETS = (
    "nofire_cars_topview.mp4",
    "nofire_pedestrians_vtest.mp4",
    "nofire_pedestrians_street.mp4",
    "nofire_traffic_street.mp4",
)
SHARES = (0.001, 0.003, 0.01, 0.03)
WAYS = (FUSED, CLOSER)
LINES = 720
CALM_S, BURNS_S = 2.0, 6.0


class Flames(NamedTuple):
    """A moving fire: its pictures, GAP_S apart, come to and fro for as long as it is to burn."""

    name: str
    pictures: List[Picture]
    lighten: bool

    def at(self, index: int) -> Picture:
        there = len(self.pictures)
        turn = index % max(1, 2 * there - 2)
        return self.pictures[turn if turn < there else 2 * there - 2 - turn]


class Outcome(NamedTuple):
    """Of one film: seconds from the first flame to the incident, by way; None where there was none, and where
    one began before the first flame, which is false."""

    street: str
    flames: str
    share: float
    incident_s: Dict[str, Optional[float]]


def main(
    videos: Path = typer.Argument(...),
    bundle: str = typer.Option("city-nano", "--bundle"),
    classifier: str = typer.Option("fire-lite0", "--classifier"),
    out: Optional[Path] = typer.Option(None, "--out"),
    as_json: bool = typer.Option(False, "--json"),
) -> None:
    """Paste, look, and print a Markdown table, or JSON."""
    boxes, judge = load_bundle(bundle, "object-detection"), load_bundle(classifier, "fire-classification")
    rules = rules_of(boxes.manifest, judge.manifest)
    streets, fires = street_films(videos), moving_fires(videos, FLAMES)
    todo = [(street, fire, share) for street in streets for fire in fires for share in SHARES]
    outcomes, samples = [], []
    console = Console(stderr=True)
    with closing(FireClassifier(judge, OnnxRuntimeSession(judge))) as seer, closing(
        YoloX(boxes, OnnxRuntimeSession(boxes))
    ) as boxer:
        for street, fire, share in track(
            todo, "films", console=console, transient=True, disable=not console.is_terminal
        ):
            start = SystemClock().moment()
            shown = list(film(streets[street], fire, share, start))
            seen = list(looks(shown, seer, boxer, rules))
            first = start.plus(CALM_S)
            by_way = {way: told(seen, way, judge.manifest.thresholds, first).incident_s for way in WAYS}
            samples.append(resized(shown[-1][1], 320, 180))
            outcomes.append(
                Outcome(street, fire.name, share, {way: _true(after) for way, after in by_way.items()})
            )
    if out is not None:
        out.mkdir(parents=True, exist_ok=True)
        _write_sheet(out / "fire-films.jpg", samples)
    rows = [one._asdict() for one in outcomes]
    sys.stdout.write(json.dumps(rows, indent=2) + "\n" if as_json else markdown(outcomes))


def street_films(videos: Path) -> Dict[str, List[Picture]]:
    """The first seconds of each street, GAP_S apart, as a camera of LINES lines would show them."""
    times = [index * GAP_S for index in range(round((CALM_S + BURNS_S) / GAP_S))]
    return {
        name: [enlarged(Frame(name, wide(one)), LINES) for one in frames_at(videos / name, times)]
        for name in STREETS
    }


def moving_fires(videos: Path, listing: Path) -> List[Flames]:
    """What the list names, cut out of its clips."""
    with listing.open(newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    found = []
    for row in rows:
        first, last = float(row["from_s"]), float(row["to_s"])
        box = Box(*(float(row[edge]) for edge in ("left", "top", "right", "bottom")))
        times = np.arange(first, last - GAP_S, GAP_S).tolist()
        cuts = [cut_out(one, box) for one in frames_at(videos / row["file"], times)]
        found.append(Flames(row["file"], cuts, row["lighten"] == "yes"))
    return found


def film(
    street: Sequence[Picture], fire: Flames, share: float, start: Moment
) -> Iterator[Tuple[Moment, Picture]]:
    """The street, in which it burns from CALM_S on, in one place."""
    rng = np.random.default_rng(zlib.crc32(f"{fire.name} {share}".encode()))
    where = spot(street[0], fire.at(0), share, rng)
    calm = round(CALM_S / GAP_S)
    for index, canvas in enumerate(street):
        burns = index >= calm
        shown = laid(canvas, fire.at(index - calm), where, fire.lighten) if burns else canvas
        yield start.plus(index * GAP_S), as_streamed(shown)


def markdown(outcomes: Sequence[Outcome]) -> str:
    """By share: how many became an incident, with intervals, and after how long (median)."""
    lines = [
        "| covers | films | " + " | ".join(f"{way}: told, % | median s" for way in WAYS) + " |",
        "|---|---|" + "---|" * (2 * len(WAYS)),
    ]
    for share in SHARES:
        some = [one for one in outcomes if one.share == share]
        cells = [cell for way in WAYS for cell in _cells([one.incident_s[way] for one in some])]
        lines.append(f"| {100 * share:g} % | {len(some)} | {' | '.join(cells)} |")
    return "\n".join(lines) + "\n"


def _cells(seconds: Sequence[Optional[float]]) -> List[str]:
    seen = [one for one in seconds if one is not None]
    low, high = wilson(len(seen), len(seconds))
    share = len(seen) / max(1, len(seconds))
    return [
        f"{100 * share:.0f} ({100 * low:.0f} to {100 * high:.0f})",
        f"{np.median(seen):.1f}" if seen else "",
    ]


def _true(seconds: Optional[float]) -> Optional[float]:
    return None if seconds is None or seconds < 0 else seconds


def _write_sheet(path: Path, samples: Sequence[Any]) -> None:
    """A row for each street and fire, a column for each share."""
    wide_by = len(SHARES)
    rows = [np.hstack(samples[first : first + wide_by]) for first in range(0, len(samples), wide_by)]
    cv2.imwrite(str(path), np.vstack(rows))


if __name__ == "__main__":
    try:
        typer.run(main)
    except BeffroiError as error:
        sys.exit(str(error))
