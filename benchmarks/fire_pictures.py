"""How many pictures of fires are called dangerous, and how many calm ones: by the classifier alone, by the
boxes alone, by both, fused, and with a closer look.

    python -m benchmarks.fire_pictures CLASSES BOXED [--bundle city-nano] [--classifier fire-lite0] [--json]

CLASSES are the class folders that the classifier was trained on, BOXED the folder in YOLO's layout that the
detector was. Judged are the test parts of both, without what looks like a picture of the other's training
part. A picture is dangerous at the classifier's `open_above` or more. That threshold and the weights were
chosen on validation, where at most 2 % of the calm pictures are; here the share is what it comes to. The
second table is of what the agent makes of a look, of all labels and of those that a second look confirms.
"""

from __future__ import annotations

import json
import sys
from contextlib import closing
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Dict, List, Mapping, Sequence

import numpy as np
import typer

from agent.domain.evidence import FireScores
from agent.inference.bundle import Bundle, load_bundle, sha256_of
from agent.inference.closer import Closer
from agent.inference.fire import FireClassifier
from agent.inference.manifest import FIRE_LABELS
from agent.inference.onnxruntime import OnnxRuntimeSession
from benchmarks.fire_fusion import rules_of
from models import split
from models.boxed_pictures import read_yolo
from models.data import Item, picture_of, read_folder
from models.detect.data import items
from models.fuse import look
from models.near import hashes_of, unlike
from models.scoring import Interval, Probabilities, Scores, score, wilson

SPLITS = Path(split.__file__).with_name("splits")
FIRE = FIRE_LABELS[0]


@dataclass(frozen=True)
class Called:
    """Of `n` pictures so many are called dangerous; their share and its interval of 95 % (Wilson)."""

    n: int
    dangerous: int

    @property
    def share(self) -> float:
        return self.dangerous / max(1, self.n)

    @property
    def of_95(self) -> Interval:
        return wilson(self.dangerous, self.n)


def main(
    classes: Path = typer.Argument(...),
    boxed: Path = typer.Argument(...),
    bundle: str = typer.Option("city-nano", "--bundle"),
    classifier: str = typer.Option("fire-lite0", "--classifier"),
    as_json: bool = typer.Option(False, "--json"),
) -> None:
    """Print a Markdown table, or JSON."""
    detector, judge = load_bundle(bundle, "object-detection"), load_bundle(classifier, "fire-classification")
    chosen = unlike_training(classes, boxed)
    everything = [item for some in chosen.values() for item in some]
    looked = look(judge, detector, everything, 1)
    dangers = {
        way: [rule.of(*one) for one in zip(looked.judged, looked.found)]
        for way, rule in rules_of(detector.manifest, judge.manifest).items()
    }
    dangers["closer"] = closer(judge, everything, dangers["fused"])
    found = {
        way: _called(said, judge.manifest.thresholds["open_above"], chosen) for way, said in dangers.items()
    }
    labelled = [item for label in FIRE_LABELS for item in chosen[label]]
    right = {
        way: scored(decided(said[: len(labelled)], judge.manifest.thresholds), labelled)
        for way, said in dangers.items()
    }
    if as_json:
        called = {
            way: {
                name: {**asdict(one), "share": one.share, "of_95": one.of_95} for name, one in by_kind.items()
            }
            for way, by_kind in found.items()
        }
        decisions = {
            way: {name: one.as_dict() for name, one in scores.items()} for way, scores in right.items()
        }
        sys.stdout.write(json.dumps({"called": called, "decided": decisions}, indent=2) + "\n")
    else:
        sys.stdout.write(f"{_markdown(found)}\n{_decisions(right)}")


def unlike_training(classes: Path, boxed: Path) -> Dict[str, List[Item]]:
    """The pictures to judge by what they show."""
    by_class = split.parted(read_folder(classes, FIRE_LABELS), SPLITS / "fire-cls.csv", 0)
    by_box = split.parted(items(boxed, read_yolo(boxed)), SPLITS / "fire-det.csv", 0)
    judged = unlike(by_class["test"], classes, hashes_of(by_box["train"], boxed))
    burning = unlike(by_box["test"], boxed, hashes_of(by_class["train"], classes))
    chosen = {label: [item for item in judged if item.label == label] for label in FIRE_LABELS}
    boxed_flames = [replace(item, label=FIRE) for item in burning if FIRE in item.label.split("+")]
    return {**chosen, "boxed flames": boxed_flames}


def closer(classifier: Bundle, chosen: Sequence[Item], said: Sequence[FireScores]) -> List[FireScores]:
    """What is said of the pictures with a closer look at each, which nothing stirs in. Raises DataError."""
    surer = []
    with closing(FireClassifier(classifier, OnnxRuntimeSession(classifier, 1))) as judge:
        for item, scores in zip(chosen, said):
            picture = picture_of(item.path)
            surer += Closer(judge, judge).surer([picture], [scores])
    return surer


def decided(said: Sequence[FireScores], thresholds: Mapping[str, float]) -> Probabilities:
    """What the agent makes of each look, N x 3 of 0 and 1 in the order of FIRE_LABELS: no fire below
    `open_above`; above it fire from `fire_above` on, else a start-fire."""
    calm = [one.danger < thresholds["open_above"] for one in said]
    fire = [one.fire >= thresholds["fire_above"] for one in said]
    rows = [(not c and f, not c and not f, c) for c, f in zip(calm, fire)]
    return np.array(rows, np.float32).reshape(-1, len(FIRE_LABELS))


def scored(decisions: Probabilities, judged: Sequence[Item]) -> Dict[str, Scores]:
    """How right that is, of all labels and of those that a second look confirms."""
    truth = np.array([FIRE_LABELS.index(item.label) for item in judged], np.int64)
    allowed = split.doubtful(SPLITS / "doubtful-fire-cls.csv")
    sure = np.array([allowed.get(sha256_of(one.path), {one.label}) == {one.label} for one in judged])
    return {
        "as labelled": score(decisions, truth, FIRE_LABELS),
        "confirmed": score(decisions[sure], truth[sure], FIRE_LABELS),
    }


def _called(said: Sequence[FireScores], threshold: float, chosen: Dict[str, List[Item]]) -> Dict[str, Called]:
    found, at = {}, 0
    for name, some in chosen.items():
        dangerous = sum(one.danger >= threshold for one in said[at : at + len(some)])
        found[name] = Called(len(some), dangerous)
        at += len(some)
    return found


def _markdown(found: Dict[str, Dict[str, Called]]) -> str:
    kinds = list(next(iter(found.values())))
    numbers = [f"{name} ({one.n})" for name, one in next(iter(found.values())).items()]
    lines = [f"| called dangerous, of | {' | '.join(numbers)} |", f"|---|{'---|' * len(kinds)}"]
    for way, by_kind in found.items():
        cells = ["{:.3f} ({:.3f} to {:.3f})".format(one.share, *one.of_95) for one in by_kind.values()]
        lines.append(f"| {way} | {' | '.join(cells)} |")
    return "\n".join(lines) + "\n"


def _decisions(right: Dict[str, Dict[str, Scores]]) -> str:
    """Of each way and set of labels how often the agent's decision is right."""
    heads = ("decided by", "labels", "three classes", "macro-F1", "fire or not", "start-fire recalled")
    lines = [f"| {' | '.join(heads)} |", f"|{'---|' * len(heads)}"]
    for way, scores in right.items():
        for name, one in scores.items():
            figures = [
                (one.accuracy, one.intervals["accuracy"]),
                (one.macro_f1, one.intervals["macro_f1"]),
                (one.fire_or_not_accuracy, one.intervals["fire_or_not_accuracy"]),
                (one.recall["start-fire"], one.intervals["recall"]["start-fire"]),
            ]
            cells = [f"{value:.3f} ({low:.3f} to {high:.3f})" for value, (low, high) in figures]
            lines.append(f"| {way} | {name} ({one.n}) | {' | '.join(cells)} |")
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    typer.run(main)
