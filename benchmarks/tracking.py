"""How well things are followed over films, and what is counted there, beside what a person says.

    python -m benchmarks.tracking BUNDLE FILMS

BUNDLE is a detector of objects, FILMS a folder with the films that tests/golden/tracking has annotations of.
Packages that are installed beside the agent (norfair, supervision) are compared. Milliseconds of one
processor a look, median.
"""

from __future__ import annotations

import sys
import time
from contextlib import closing
from pathlib import Path
from typing import Callable, Dict, List, Tuple

import numpy as np

from agent.domain.detection import Tracked
from agent.inference.bundle import load_bundle
from agent.inference.objects import YoloX
from agent.inference.onnxruntime import OnnxRuntimeSession
from agent.ports import ObjectTracker
from benchmarks.tracking_counts import counted
from benchmarks.tracking_rivals import trackers
from benchmarks.tracking_score import score
from benchmarks.tracking_truth import CLIPS, Clip, Look, boxes_by_hand, looks


def main(name: str, films: Path) -> None:
    """Print a table of how things are followed and one of what is counted."""
    seen = {clip: seen_on(films / f"{clip.name}.mp4", name) for clip in CLIPS}
    print("| film | boxes | tracker | switches | fragmentations | missed | false | IDF1 | ms |")
    print("|---|---|---|---|---|---|---|---|---|")
    for clip in CLIPS:
        for tracker, make in trackers().items():
            tracked, milliseconds = follow(make, seen[clip])
            one = score(boxes_by_hand(clip), tracked, clip.judged_below)
            figures = one.switches, one.fragmentations, one.missed, one.false, f"{one.idf1:.0%}"
            told = " | ".join(map(str, figures))
            print(f"| {clip.name} | {one.boxes} | {tracker} | {told} | {milliseconds:.2f} |")
    print("\n| rule | by hand | tracker | counted | errors |\n|---|---|---|---|---|")
    for tracker, make in trackers().items():
        for kind, (by_hand, told_of, wrong) in _counts(make, seen).items():
            print(f"| {kind} | {by_hand} | {tracker} | {told_of} | {wrong} |")


def seen_on(film: Path, bundle: str) -> List[Look]:
    """What the bundle says of a film, by looks. Raises BundleError, SourceError, InferenceError."""
    loaded = load_bundle(bundle, "object-detection")
    with closing(OnnxRuntimeSession(loaded, 1)) as session:
        return list(looks(film, YoloX(loaded, session)))


def follow(make: Callable[[], ObjectTracker], seen: List[Look]) -> Tuple[Dict[int, List[Tracked]], float]:
    """What is followed in each frame, and the milliseconds of a look."""
    tracker = make()
    tracked: Dict[int, List[Tracked]] = {}
    taken: List[float] = []
    for one in seen:
        start = time.thread_time()
        tracked[one.frame] = tracker.look(one.detections, one.at)
        taken.append(1000 * (time.thread_time() - start))
    return tracked, float(np.median(taken))


def _counts(
    make: Callable[[], ObjectTracker], seen: Dict[Clip, List[Look]]
) -> Dict[str, Tuple[int, int, int]]:
    """By kind of rule what a person counted, what was counted, and by how much all rules together err."""
    totals: Dict[str, Tuple[int, int, int]] = {}
    for clip, found in seen.items():
        for one, told_of in counted(clip, found, follow(make, found)[0]):
            by_hand, total, wrong = totals.get(one.kind, (0, 0, 0))
            totals[one.kind] = by_hand + one.count, total + told_of, wrong + abs(told_of - one.count)
    return totals


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]))
