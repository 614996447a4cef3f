"""What `beffroi watch` says of every clip of a folder with a manifest (columns file, label, content).

    python -m benchmarks.clips FOLDER [--bundle fire-lite0] [--boxes city-nano] [--json]

A clip labelled `no-fire` is right without an incident; any other is right where a fire or start-fire
incident opens within five seconds of media time of the first visible fire, which first_fire.csv gives. Both
networks look, and closer, as in the agent; `--boxes ""` leaves the classifier alone. `votes` is how many of
the last looks that count (`fire.window`) spoke for an incident at most: `fire.needed` make one.
"""

from __future__ import annotations

import csv
import json
import sys
import threading
from contextlib import closing
from pathlib import Path
from typing import Any, Dict, List, Optional, Sequence

import typer

from agent.clock import SystemClock
from agent.config.settings import FireSettings, ObjectsSettings
from agent.domain.policy.fire import FirePolicy
from agent.inference.registry import load_fire_detector
from agent.pipeline.policies import fire_policy_settings, incident_ids
from agent.pipeline.watch import watch
from agent.sources.registry import Options, source_of

WITHIN_S = 5.0
FIRST_FIRE = Path(__file__).with_name("first_fire.csv")
"""When flames or smoke are first to be seen in each clip, in seconds: read off the frames by eye."""


def main(
    folder: Path = typer.Argument(...),
    bundle: str = typer.Option("fire-lite0", "--bundle"),
    boxes: str = typer.Option("city-nano", "--boxes"),
    as_json: bool = typer.Option(False, "--json"),
) -> None:
    """Print a Markdown table, or JSON; exit code 1 where a clip is judged wrong."""
    rows = judge_all(folder, bundle, boxes or None)
    sys.stdout.write(json.dumps(rows, indent=2) + "\n" if as_json else _markdown(rows))
    if not all(row["right"] for row in rows):
        raise typer.Exit(1)


def first_fires() -> Dict[str, float]:
    """FIRST_FIRE by clip; those without fire are not in it."""
    with FIRST_FIRE.open(newline="", encoding="utf-8") as file:
        return {row["file"]: float(row["first_fire_s"]) for row in csv.DictReader(file)}


def judge_all(folder: Path, bundle: str, boxes: Optional[str]) -> List[Dict[str, Any]]:
    """One row a clip: what was said, when, and whether that is right."""
    first = first_fires()
    with (folder / "manifest.csv").open(newline="", encoding="utf-8") as file:
        clips = list(csv.DictReader(file))
    return [
        _judge(folder / clip["file"], clip["label"], first.get(clip["file"], 0.0), bundle, boxes)
        for clip in clips
    ]


def _judge(path: Path, label: str, first_s: float, bundle: str, boxes: Optional[str]) -> Dict[str, Any]:
    clock = SystemClock()
    section = FireSettings(bundle=bundle)
    boxer = None if boxes is None else ObjectsSettings(bundle=boxes)
    with closing(load_fire_detector(section, boxes=boxer)) as detector:
        settings = fire_policy_settings(section, detector.model.thresholds)
        policy = FirePolicy("clip", settings, incident_ids(clock))
        source = source_of(str(path), Options(clock, real_time=False))
        said: List[str] = []
        opened: List[float] = []
        dangers: List[float] = []
        seconds = 0.0
        for step in watch(source, "clip", detector, policy, clock, 5.0, threading.Event()):
            seconds = step.frame.media_s
            if step.scores is not None:
                dangers.append(step.scores.danger)
            for change in step.changes:
                said.append(f"{change.incident.kind.value} {change.transition.value} {seconds:.1f} s")
                if change.incident.sequence == 1:
                    opened.append(seconds)
    after = opened[0] - first_s if opened else None
    right = not opened if label == "no-fire" else after is not None and after <= WITHIN_S
    return {
        "clip": path.name,
        "label": label,
        "seconds": round(seconds, 1),
        "mean_danger": round(sum(dangers) / len(dangers), 3),
        "highest_danger": round(max(dangers), 3),
        "most_votes": _most_votes(dangers, settings.open_above, settings.window),
        "opened_after_s": None if after is None else round(after, 1),
        "said": said,
        "right": right,
    }


def _most_votes(dangers: Sequence[float], threshold: float, window: int) -> int:
    """How many of `window` looks in a row spoke for an incident at most: how near it came to one."""
    votes = [danger >= threshold for danger in dangers]
    return max(sum(votes[first : first + window]) for first in range(len(votes)))


def _markdown(rows: List[Dict[str, Any]]) -> str:
    heads = ("clip", "label", "s", "danger: mean, highest", "votes", "said", "right")
    lines = [f"| {' | '.join(heads)} |", f"|{'---|' * len(heads)}"]
    for row in rows:
        lines.append(
            f"| {row['clip']} | {row['label']} | {row['seconds']} | {row['mean_danger']:.2f}, "
            f"{row['highest_danger']:.2f} | {row['most_votes']} | {'; '.join(row['said']) or 'nothing'} | "
            f"{'yes' if row['right'] else '**no**'} |"
        )
    right = sum(row["right"] for row in rows)
    calm = sum(row["seconds"] for row in rows if row["label"] == "no-fire")
    lines.append(f"\n{right} of {len(rows)} clips right; {calm / 60:.1f} minutes without fire.")
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    typer.run(main)
