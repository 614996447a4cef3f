"""What a detector of flames and smoke lacks: its average precision, and that without each kind of error.

    python -m benchmarks.box_errors BOXED [--bundle city-nano] [--part test] [--json]

BOXED is a folder in YOLO's layout. The errors are those of Bolya et al. 2020 ("TIDE: A General Toolbox for
Identifying Object Detection Errors"): a box that meets one that people drew by an IoU of 0.1 but not of 0.5
ends in the wrong place; one that meets a box that a surer one met is double; one that meets none is of
nothing. Each is mended by itself: put into its place, or left out.
"""

from __future__ import annotations

import json
import sys
from contextlib import closing
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Callable, Dict, List, Optional, Set

import typer

from agent.domain.box import Box
from agent.domain.detection import Detection
from agent.inference.bundle import load_bundle
from agent.inference.objects import YoloX
from agent.inference.onnxruntime import OnnxRuntimeSession
from benchmarks.fire_pictures import SPLITS
from models.boxed_pictures import Scene
from models.detect.data import NEW_LABELS, scenes_by_part
from models.verify_objects import LEAST, Judged, judge, scores_of

MEETS, NEAR = 0.5, 0.1
"""IoU from which a box is right, and from which it is of the same thing."""


@dataclass(frozen=True)
class Met:
    """The nearest drawn box of a box's label, if any, their IoU, and whether a surer one took it."""

    drawn: Optional[Box]
    iou: float
    taken: bool

    @property
    def aside(self) -> bool:
        return NEAR <= self.iou < MEETS


Mend = Callable[[Detection, Met], Optional[Detection]]
"""What to count instead of a wrong box."""


def _put_right(found: Detection, met: Met) -> Optional[Detection]:
    if not met.aside or met.drawn is None:
        return found
    return None if met.taken else replace(found, box=met.drawn)


WAYS: Dict[str, Mend] = {
    "as it is": lambda found, _: found,
    "ends in the wrong place: put right": _put_right,
    "ends in the wrong place: left out": lambda found, met: None if met.aside else found,
    "double: left out": lambda found, met: None if met.iou >= MEETS else found,
    "of nothing: left out": lambda found, met: None if met.iou < NEAR else found,
}


def main(
    boxed: Path = typer.Argument(...),
    bundle: str = typer.Option("city-nano", "--bundle"),
    part: str = typer.Option("test", "--part", help="Of models/splits/fire-det.csv: train, val or test."),
    as_json: bool = typer.Option(False, "--json"),
) -> None:
    """Print AP50 of flames and smoke in each way, as a Markdown table or JSON."""
    loaded = load_bundle(bundle, "object-detection")
    scenes = scenes_by_part(boxed, SPLITS / "fire-det.csv", 0)[part]
    with closing(YoloX(loaded, OnnxRuntimeSession(loaded, 1), {"score": LEAST})) as detector:
        judged = judge(detector, scenes)
    found = {way: _precisions(mended(judged, mend)) for way, mend in WAYS.items()}
    if as_json:
        sys.stdout.write(json.dumps(found, indent=2) + "\n")
        return
    lines = [f"| AP50 | {' | '.join(NEW_LABELS)} |", f"|---|{'---|' * len(NEW_LABELS)}"]
    for way, by_label in found.items():
        lines.append(f"| {way} | {' | '.join(f'{by_label[label]:.3f}' for label in NEW_LABELS)} |")
    sys.stdout.write("\n".join(lines) + "\n")


def mended(judged: Judged, mend: Mend) -> Judged:
    """What was found, with every wrong box replaced by what `mend` makes of it."""
    pictures = zip(judged.scenes, judged.found)
    return replace(judged, found=[_mended(scene, found, mend) for scene, found in pictures])


def _mended(scene: Scene, found: List[Detection], mend: Mend) -> List[Detection]:
    taken: Set[Box] = set()
    kept = []
    for one in found:  # the surest first
        met = _met(scene, one, taken)
        right = met.iou >= MEETS and not met.taken
        counts = one if right else mend(one, met)
        if counts is None:
            continue
        kept.append(counts)
        if met.drawn is not None and (right or counts.box == met.drawn):
            taken.add(met.drawn)
    return kept


def _met(scene: Scene, found: Detection, taken: Set[Box]) -> Met:
    alike = (one.box for one in scene.things if one.label == found.label)
    drawn = max(alike, key=found.box.overlap, default=None)
    return Met(drawn, 0.0 if drawn is None else found.box.overlap(drawn), drawn in taken)


def _precisions(judged: Judged) -> Dict[str, float]:
    return {one.label: one.ap50 or 0.0 for one in scores_of(judged, NEW_LABELS).labels}


if __name__ == "__main__":
    typer.run(main)
