"""How soon a fire in the clips is an incident, and how often one is where nothing burns: by the classifier
alone, by the boxes alone, by both, fused, and with a closer look.

    python -m benchmarks.fire_fusion FOLDER BUNDLE [--classifier fire-lite0] [--json]

FOLDER holds clips and a manifest (columns file, label), BUNDLE boxes flames and was fused with the classifier
(`python -m models fuse`). Every look (five a second) is judged in all four ways, each through the policy
of the agent, with the same thresholds; the boxes alone are weighed by the rule that `fuse` chose for them.
Exit code 1 where the closer look, which is what ships, is not the best in both, ties allowed.
"""

from __future__ import annotations

import csv
import json
import sys
from contextlib import closing
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Dict, Iterable, Iterator, List, Mapping, Optional, Sequence, Tuple

import typer
from rich.console import Console
from rich.progress import track

from agent.clock import SystemClock
from agent.config.settings import FireSettings
from agent.domain.evidence import FireScores
from agent.domain.fusion import Fusion
from agent.domain.incident import Kind, Transition
from agent.domain.moment import Moment
from agent.domain.policy.fire import FirePolicy
from agent.errors import BundleError
from agent.inference.bundle import load_bundle
from agent.inference.closer import Closer
from agent.inference.fire import FireClassifier
from agent.inference.manifest import FusionWeights, Manifest
from agent.inference.objects import YoloX
from agent.inference.onnxruntime import OnnxRuntimeSession
from agent.pipeline.policies import fire_policy_settings
from agent.ports import FireDetector, ObjectDetector, Picture
from agent.sources.registry import Options, source_of
from benchmarks.clips import first_fires
from models.fusion_weights import ALONE

FUSED, CLOSER = "fused", "closer"
WAYS = ("classifier", "boxes", FUSED, CLOSER)
GAP_S = 0.2
_CALM = "no-fire"

Look = Tuple[Moment, Mapping[str, FireScores]]
"""When, and what each way says."""


@dataclass(frozen=True)
class Told:
    """What one way made of one clip: seconds from the first fire (from the first frame where none is) to the
    first incident and to the first fire incident, None without; how many incidents."""

    incident_s: Optional[float]
    fire_s: Optional[float]
    incidents: int


@dataclass(frozen=True)
class Clip:
    file: str
    label: str
    seconds: float
    told: Mapping[str, Told]


def main(
    folder: Path = typer.Argument(...),
    bundle: str = typer.Argument(...),
    classifier: str = typer.Option("fire-lite0", "--classifier"),
    as_json: bool = typer.Option(False, "--json"),
) -> None:
    """Print a Markdown table, or JSON."""
    clips = judge_all(folder, bundle, classifier)
    summary = summed_up(clips)
    document = {"clips": [asdict(clip) for clip in clips], "summary": summary}
    sys.stdout.write(json.dumps(document, indent=2) + "\n" if as_json else _markdown(clips, summary))
    if not summary["closer_is_best"]:
        raise typer.Exit(1)


def judge_all(folder: Path, bundle: str, classifier: str) -> List[Clip]:
    """Every clip of the folder. Raises BundleError where the bundle was not fused with that classifier."""
    boxes, judge = load_bundle(bundle, "object-detection"), load_bundle(classifier, "fire-classification")
    rules = rules_of(boxes.manifest, judge.manifest)
    with (folder / "manifest.csv").open(newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    first = first_fires()
    console = Console(stderr=True)
    clips = []
    with closing(FireClassifier(judge, OnnxRuntimeSession(judge))) as seer, closing(
        YoloX(boxes, OnnxRuntimeSession(boxes))
    ) as boxer:
        for row in track(rows, "clips", console=console, transient=True, disable=not console.is_terminal):
            seen = list(looks(_pictures(folder / row["file"]), seer, boxer, rules))
            start = seen[0][0].plus(first.get(row["file"], 0.0))
            by_way = {way: told(seen, way, judge.manifest.thresholds, start) for way in WAYS}
            clips.append(Clip(row["file"], row["label"], seen[-1][0].since(seen[0][0]), by_way))
    return clips


def rules_of(boxes: Manifest, judge: Manifest) -> Dict[str, Fusion]:
    """By way; the first two are fusions in which one of the networks weighs nothing."""
    fused = boxes.fusion
    if fused is None or fused.classifier_sha256 != judge.sha256:
        raise BundleError(f"{boxes.name} was not fused with {judge.name}: run `python -m models fuse`")
    alone = {
        name: FusionWeights.model_validate(part).weights for name, part in fused.chosen["boxes_alone"].items()
    }
    return {"classifier": ALONE, "boxes": Fusion(**alone), FUSED: fused.rule}


def summed_up(clips: Sequence[Clip]) -> Dict[str, Any]:
    """By way: how many fires were seen, the mean time to the incident over those that every way saw and over
    all (a fire that was not seen counts as long as its clip), and false incidents per hour without fire."""
    fires = [clip for clip in clips if clip.label != _CALM]
    calm = [clip for clip in clips if clip.label == _CALM]
    by_all = [clip for clip in fires if all(told.incident_s is not None for told in clip.told.values())]
    hours = sum(clip.seconds for clip in calm) / 3600
    ways: Dict[str, Dict[str, float]] = {}
    for way in WAYS:
        false = sum(clip.told[way].incidents for clip in calm)
        ways[way] = {
            "fires": len(fires),
            "seen": sum(clip.told[way].incident_s is not None for clip in fires),
            "mean_s_where_all_saw": _mean([_waited(clip, way) for clip in by_all]),
            "mean_s": _mean([_waited(clip, way) for clip in fires]),
            "false_incidents": false,
            "false_per_hour": round(false / hours, 1) if hours else 0.0,
        }
    best = ways[CLOSER]
    return {
        **ways,
        "seen_by_all": len(by_all),
        "calm_minutes": round(hours * 60, 1),
        "closer_is_best": all(
            best["seen"] >= other["seen"]
            and best["mean_s"] <= other["mean_s"]
            and best["mean_s_where_all_saw"] <= other["mean_s_where_all_saw"]
            and best["false_per_hour"] <= other["false_per_hour"]
            for other in (ways[way] for way in WAYS)
        ),
    }


def looks(
    pictures: Iterable[Tuple[Moment, Picture]],
    seer: FireDetector,
    boxer: ObjectDetector,
    rules: Mapping[str, Fusion],
) -> Iterator[Look]:
    """What all ways say of a camera's pictures, which come in order."""
    closer = Closer(seer, seer)
    before: Optional[Picture] = None
    for at, picture in pictures:
        (judged,), (found,) = seer.look([picture]), boxer.find([picture])
        said = {way: rule.of(judged, found) for way, rule in rules.items()}
        (said[CLOSER],) = closer.surer([picture], [said[FUSED]], [before])
        before = picture
        yield at, said


def _pictures(path: Path) -> Iterator[Tuple[Moment, Picture]]:
    """Five a second, of a clip from its first frame on."""
    clock = SystemClock()
    start, due_s = clock.moment(), 0.0
    with closing(source_of(str(path), Options(clock, real_time=False)).open()) as stream:
        while (picture := stream.read()) is not None:
            if picture.media_s + 1e-6 >= due_s:
                due_s = max(due_s + GAP_S, picture.media_s)
                yield start.plus(picture.media_s), picture.pixels


def told(seen: Sequence[Look], way: str, thresholds: Mapping[str, float], start: Moment) -> Told:
    """What the agent's policy makes of what a way says; seconds count from `start`."""
    policy = FirePolicy("clip", fire_policy_settings(FireSettings(), thresholds), lambda: "clip")
    opened: List[float] = []
    fires: List[float] = []
    for at, said in seen:
        for change in policy.look(said[way], at):
            after = at.since(start)
            if change.transition is Transition.OPENED:
                opened.append(after)
            if change.incident.kind is Kind.FIRE:
                fires.append(after)
    first = [round(times[0], 2) if times else None for times in (opened, fires)]
    return Told(first[0], first[1], len(opened))


def _waited(clip: Clip, way: str) -> float:
    after = clip.told[way].incident_s
    return clip.seconds if after is None else after


def _mean(seconds: Sequence[float]) -> float:
    return round(sum(seconds) / len(seconds), 2) if seconds else 0.0


def _markdown(clips: Sequence[Clip], summary: Mapping[str, Any]) -> str:
    lines = ["| clip | label | s | " + " | ".join(WAYS) + " |", "|---|---|---|" + "---|" * len(WAYS)]
    for clip in clips:
        said = " | ".join(_said(clip.told[way]) for way in WAYS)
        lines.append(f"| {clip.file} | {clip.label} | {clip.seconds:.1f} | {said} |")
    rows = (
        ("fires seen", lambda way: f"{way['seen']} of {way['fires']}"),
        (
            f"mean s to the incident, the {summary['seen_by_all']} that all saw",
            lambda way: way["mean_s_where_all_saw"],
        ),
        ("mean s, one not seen counting as long as its clip", lambda way: way["mean_s"]),
        (
            f"false incidents per hour ({summary['calm_minutes']:g} minutes)",
            lambda way: way["false_per_hour"],
        ),
    )
    for name, value in rows:
        lines.append(f"| **{name}** | | | " + " | ".join(str(value(summary[way])) for way in WAYS) + " |")
    lines.append(f"\nThe closer look is {'' if summary['closer_is_best'] else '**not** '}the best in both.")
    return "\n".join(lines) + "\n"


def _said(told: Told) -> str:
    if told.incident_s is None:
        return "nothing"
    fire = "" if told.fire_s is None else f", fire {told.fire_s:.1f} s"
    return f"incident {told.incident_s:.1f} s{fire}"


if __name__ == "__main__":
    typer.run(main)
