"""What the motion gate costs, what it saves, and whether it loses anything that rules would tell.

    python -m benchmarks.motion_gate FOLDER BUNDLE [--every 3.0] [--json]

Each film of FOLDER (nofire_*.mp4) is looked at five times a second, once through the gate and once without,
by the same detector, tracker and rules: who enters and leaves the picture and each half of it, and who
crosses its middle lines. Then a picture of each film that STILL names stands still for a minute under what
a camera makes of it. Milliseconds are of one processor: of the gate a picture that it judges, of a look a
picture.
"""

from __future__ import annotations

import itertools
import json
import sys
import time
from contextlib import closing
from functools import partial
from pathlib import Path
from typing import Any, Callable, Dict, Iterator, List, Sequence, Tuple, TypeVar

import cv2
import numpy as np
import typer

from agent.clock import SystemClock
from agent.domain.detection import Detection, Tracked
from agent.domain.geometry import Line
from agent.domain.object_event import ObjectEvent
from agent.domain.policy.object_rules import THINGS, ObjectRule, RuleKind
from agent.domain.policy.objects import ObjectPolicy, ObjectPolicySettings
from agent.domain.zone import Zone
from agent.inference.bundle import load_bundle
from agent.inference.objects import YoloX
from agent.inference.onnxruntime import OnnxRuntimeSession
from agent.pipeline.gate import MotionGate
from agent.ports import Frame, Picture
from agent.sources.registry import Options, source_of
from agent.vision.tracking.tracker import BufferedTracker

T = TypeVar("T")
LOOKS_PER_SECOND = 5.0
LEFT = Zone("left", ((0.0, 0.0), (0.5, 0.0), (0.5, 1.0), (0.0, 1.0)))
RIGHT = Zone("right", ((0.5, 0.0), (1.0, 0.0), (1.0, 1.0), (0.5, 1.0)))
LINES = (Line("across", (0.5, 1.0), (0.5, 0.0)), Line("along", (0.0, 0.5), (1.0, 0.5)))
STILL = ("nofire_cars_topview.mp4", "nofire_pedestrians_vtest.mp4", "nofire_person_room.mp4")
STILL_PICTURES = 300
Disturbance = Callable[[Picture, int], Picture]


class Watched:
    """A tracker and rules, told what each look found."""

    def __init__(self) -> None:
        ids = (str(number) for number in itertools.count())
        self._tracker = BufferedTracker()
        self.policy = ObjectPolicy("clip", ObjectPolicySettings(_rules()), lambda: next(ids))
        self.told: Dict[str, List[float]] = {}

    def look(self, frame: Frame, found: List[Detection], detector: YoloX) -> List[Tracked]:
        tracked = self._tracker.look(found, frame.at.monotonic)
        height, width = frame.pixels.shape[:2]
        for event in self.policy.look(tracked, frame.at, detector.model, width / height):
            if isinstance(event, ObjectEvent):
                what = " ".join(filter(None, (event.kind.value, event.rule, event.label, event.direction)))
                self.told.setdefault(what, []).append(round(frame.media_s, 1))
        return tracked


def main(
    folder: Path = typer.Argument(...),
    bundle: str = typer.Argument(...),
    every: float = typer.Option(3.0, "--every", help="still_look_every_s"),
    as_json: bool = typer.Option(False, "--json"),
) -> None:
    """Print two Markdown tables, or JSON."""
    loaded = load_bundle(bundle, "object-detection")
    with closing(OnnxRuntimeSession(loaded, 1)) as session:
        detector = YoloX(loaded, session)
        films = [_film(path, detector, every) for path in sorted(folder.glob("nofire_*.mp4"))]
        still = [_still(folder / name, detector, every) for name in STILL]
    rows = {"films": films, "still": still}
    sys.stdout.write(json.dumps(rows, indent=2) + "\n" if as_json else _markdown(films, still))


def _film(path: Path, detector: YoloX, every: float) -> Dict[str, Any]:
    gate, gated, plain = MotionGate(every), Watched(), Watched()
    gate_ms: List[float] = []
    look_ms: List[float] = []
    looks = 0
    for frame in _frames(path):
        (found,), took_ms = _timed(partial(detector.find, [frame.pixels]))
        look_ms.append(took_ms)
        plain.look(frame, found, detector)
        held, took_ms = _timed(partial(gate.held, frame))
        gate_ms.append(took_ms)
        tracked = gated.look(frame, found if held is None else held, detector)
        if held is None:
            looks += 1
            gate.looked(frame, found, tracked)
    told = sorted(set(plain.told) | set(gated.told))
    return {
        "clip": path.name,
        "pictures": len(look_ms),
        "looks": looks,
        "gate_ms": round(float(np.median(gate_ms)), 2),
        "look_ms": round(float(np.median(look_ms)), 1),
        "events": {"without": _number(plain), "through": _number(gated)},
        "counts": {"without": plain.policy.counts(), "through": gated.policy.counts()},
        "differ": {
            what: {"without": plain.told.get(what, []), "through": gated.told.get(what, [])}
            for what in told
            if plain.told.get(what) != gated.told.get(what)
        },
    }


def _frames(path: Path) -> Iterator[Frame]:
    start = SystemClock().moment()
    with closing(source_of(str(path), Options(SystemClock(), real_time=False)).open()) as stream:
        due_s = 0.0
        for index in itertools.count():
            picture = stream.read()
            if picture is None:
                return
            if picture.media_s + 1e-6 >= due_s:
                due_s = max(due_s + 1.0 / LOOKS_PER_SECOND, picture.media_s)
                yield Frame("clip", picture.pixels, start.plus(picture.media_s), picture.media_s, index)


def _still(path: Path, detector: YoloX, every: float) -> Dict[str, Any]:
    """Which share of a minute's pictures is not looked at, by disturbance, and how many events are told."""
    frames = list(_frames(path))
    picture = frames[len(frames) // 2].pixels
    shares: Dict[str, Dict[str, float]] = {}
    for name, disturb in DISTURBANCES.items():
        gate, watched, looks = MotionGate(every), Watched(), 0
        for number in range(STILL_PICTURES):
            at_s = number / LOOKS_PER_SECOND
            frame = Frame("clip", disturb(picture, number), frames[0].at.plus(at_s), at_s, number)
            held = gate.held(frame)
            if held is None:
                looks += 1
                (found,) = detector.find([frame.pixels])
                gate.looked(frame, found, watched.look(frame, found, detector))
            else:
                watched.look(frame, held, detector)
        shares[name] = {"saved": round(1.0 - looks / STILL_PICTURES, 3), "events": _number(watched)}
    return {"clip": path.name, "by_disturbance": shares}


def _grain(picture: Picture, number: int) -> Picture:
    """Of a sensor at dusk: Gaussian, a standard deviation of 6 grey levels in each channel."""
    return _shown(picture + np.random.default_rng(number).normal(0.0, 6.0, picture.shape))


def _rain(picture: Picture, number: int) -> Picture:
    """150 streaks, a fiftieth of the height long, brighter by 40 grey levels, each time elsewhere."""
    height, width = picture.shape[:2]
    drops = np.zeros(picture.shape)
    for x, y in np.random.default_rng(number).integers((0, 0), (width, height), (150, 2)).tolist():
        cv2.line(drops, (x, y), (x - 2, y + height // 50), (40, 40, 40), 1)
    return _shown(picture + drops)


def _exposure(picture: Picture, number: int) -> Picture:
    """That hunts: a tenth up and down, in six seconds."""
    return _shown(picture * (1.0 + 0.1 * np.sin(2 * np.pi * number / LOOKS_PER_SECOND / 6.0)))


def _shown(picture: Any) -> Picture:
    return np.asarray(np.clip(picture, 0, 255), np.uint8)


DISTURBANCES: Dict[str, Disturbance] = {
    "none": lambda picture, _: picture,
    "grain": _grain,
    "rain": _rain,
    "exposure": _exposure,
}


def _timed(work: Callable[[], T]) -> Tuple[T, float]:
    start = time.thread_time()
    result = work()
    return result, 1000 * (time.thread_time() - start)


def _rules() -> Tuple[ObjectRule, ...]:
    things, where = frozenset(THINGS), {"picture": None, "left": LEFT, "right": RIGHT}
    inside = [
        ObjectRule(f"{kind.value}-{name}", kind, things, zone)
        for kind in (RuleKind.ENTER, RuleKind.LEAVE)
        for name, zone in where.items()
    ]
    return (*inside, *(ObjectRule(line.name, RuleKind.LINE, things, line=line) for line in LINES))


def _number(watched: Watched) -> int:
    return sum(len(times) for times in watched.told.values())


def _markdown(films: Sequence[Dict[str, Any]], still: Sequence[Dict[str, Any]]) -> str:
    lines = [
        "| clip | pictures | not looked at | gate, ms | look, ms | events without, through | the same |",
        "|---|---|---|---|---|---|---|",
    ]
    for row in films:
        saved, told = 1.0 - row["looks"] / row["pictures"], row["events"]
        same = not row["differ"] and row["counts"]["without"] == row["counts"]["through"]
        lines.append(
            f"| {row['clip']} | {row['pictures']} | {saved:.0%} | {row['gate_ms']} | {row['look_ms']} "
            f"| {told['without']}, {told['through']} | {'yes' if same else '**no**'} |"
        )
    lines += [
        "",
        f"| still picture of | {' | '.join(DISTURBANCES)} |",
        "|---" * (len(DISTURBANCES) + 1) + "|",
    ]
    for row in still:
        saved = " | ".join(f"{row['by_disturbance'][name]['saved']:.0%}" for name in DISTURBANCES)
        lines.append(f"| {row['clip']} | {saved} |")
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    typer.run(main)
