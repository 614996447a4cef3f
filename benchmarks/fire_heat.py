"""How well the map of a classifier says where it burns, and what it costs.

    python -m benchmarks.fire_heat BOXED CLASSES [--bundle fire-lite0] [--part val] [--json]

BOXED is a folder in the layout of YOLO whose boxes are flames and smoke, CLASSES the class folders that the
bundle was trained on: what looks like a picture of their training part is left out. Judged are the pictures
with boxes on which a look counts as danger (`open_above`). Of each: whether the middle of the map's box is
in a real one (the pointing game of Zhang et al. 2018, "Top-down Neural Attention by Excitation Backprop"),
and its IoU with the real box that fits best. The control is the same box in the middle of the picture. How
much of the map is hot was chosen on the validation part (`--part val` shows every share), the test part is
only judged.

The cost is the ratio of processor time with the map and without, the networks taking turns on noise.
"""

from __future__ import annotations

import json
import sys
import time
from contextlib import closing
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Dict, Iterator, List, Sequence, Tuple

import numpy as np
import onnx
import onnxruntime
import typer
from rich.console import Console
from rich.progress import track

from agent.domain.box import Box
from agent.inference.bundle import Bundle, load_bundle
from agent.inference.fire import FireClassifier
from agent.inference.fire_heat import SHARE, hottest
from agent.inference.manifest import FIRE_LABELS
from agent.inference.onnxruntime import OnnxRuntimeSession
from agent.ports import Picture
from agent.vision.preprocess import to_batch
from models import split
from models.boxed_pictures import Scene, read_yolo
from models.data import DataError, picture_of, read_folder
from models.detect.data import items
from models.near import hashes_of, unlike
from models.scoring import Interval, wilson

SPLITS = Path(split.__file__).with_name("splits")
SHARES = (0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8)
TURNS, WARM = 150, 10


@dataclass(frozen=True)
class Pointed:
    """What boxes did on `n` pictures: the share whose middle lies in a real box, the mean IoU with the best
    real box, and the intervals of both (Wilson; bootstrap over pictures)."""

    n: int
    inside: float
    inside_of_95: Interval
    iou: float
    iou_of_95: Interval


def main(
    boxed: Path = typer.Argument(...),
    classes: Path = typer.Argument(...),
    bundle: str = typer.Option("fire-lite0", "--bundle"),
    part: str = typer.Option("test", "--part", help="val or test."),
    as_json: bool = typer.Option(False, "--json"),
) -> None:
    """Print a Markdown table, or JSON."""
    loaded = load_bundle(bundle, "fire-classification")
    burning = list(_burning(loaded, _scenes(boxed, classes, part)))
    shares = SHARES if part == "val" else (SHARE,)
    found = {f"{share:g}": _pointed(loaded, burning, share) for share in shares}
    low, median, high = cost(loaded)
    document: Dict[str, Any] = {
        "bundle": loaded.manifest.name,
        "part": part,
        "by_share": {
            share: {"map": asdict(ours), "centre": asdict(control)}
            for share, (ours, control) in found.items()
        },
        "time_by_that_without": {"median": median, "quartiles": [low, high]},
    }
    sys.stdout.write(json.dumps(document, indent=2) + "\n" if as_json else _markdown(document))


@dataclass(frozen=True)
class _Burning:
    scene: Scene
    picture: Picture
    heat: Any


def _scenes(boxed: Path, classes: Path, part: str) -> List[Scene]:
    """Those of that part that have boxes and look like no picture that the classifier was trained on."""
    scenes = {scene.path: scene for scene in read_yolo(boxed)}
    parts = split.parted(items(boxed, list(scenes.values())), SPLITS / "fire-det.csv", 0)
    if part not in ("val", "test"):
        raise DataError(f"{part!r} is no part to judge: name val or test")
    trained = split.parted(read_folder(classes, FIRE_LABELS), SPLITS / "fire-cls.csv", 0)["train"]
    kept = [scenes[item.path] for item in unlike(parts[part], boxed, hashes_of(trained, classes))]
    return [scene for scene in kept if scene.things]


def _burning(bundle: Bundle, scenes: Sequence[Scene]) -> Iterator[_Burning]:
    """Those on which a look counts as danger, with the map of the likelier of fire and start-fire."""
    manifest = bundle.manifest
    order = [manifest.labels.index(label) for label in FIRE_LABELS[:2]]
    console = Console(stderr=True)
    session = OnnxRuntimeSession(bundle, 1)
    with closing(FireClassifier(bundle, session)) as classifier:
        for scene in track(
            scenes, "looking", console=console, transient=True, disable=not console.is_terminal
        ):
            picture = picture_of(scene.path)
            (scores,) = classifier.look([picture])
            if scores.danger >= manifest.thresholds["open_above"]:
                _, (heat,) = session.infer_all(to_batch([picture], manifest.input.spec))
                yield _Burning(scene, picture, heat[order[scores.fire < scores.start_fire]])


def _pointed(bundle: Bundle, burning: Sequence[_Burning], share: float) -> Tuple[Pointed, Pointed]:
    """The map's boxes, and the same in the middle of their pictures."""
    ours, control = [], []
    for one in burning:
        height, width = one.picture.shape[:2]
        box = hottest(one.heat, (width, height), bundle.manifest.input.spec, share)
        if box is None:
            raise DataError(f"{one.scene.path}: the map says nothing of it")
        ours.append(box)
        control.append(box.moved(0.5 - (box.left + box.right) / 2, 0.5 - (box.top + box.bottom) / 2))
    return _judged(burning, ours), _judged(burning, control)


def _judged(burning: Sequence[_Burning], boxes: Sequence[Box]) -> Pointed:
    pairs = [([thing.box for thing in one.scene.things], box) for one, box in zip(burning, boxes)]
    inside = sum(any(_holds_middle(real, box) for real in there) for there, box in pairs)
    ious = np.array([max(real.overlap(box) for real in there) for there, box in pairs])
    rng = np.random.default_rng(0)
    means = [ious[rng.integers(0, len(ious), len(ious))].mean() for _ in range(1000)]
    low, high = np.percentile(means, [2.5, 97.5])
    n = len(pairs)
    return Pointed(n, inside / n, wilson(inside, n), float(ious.mean()), (float(low), float(high)))


def _holds_middle(real: Box, box: Box) -> bool:
    x, y = (box.left + box.right) / 2, (box.top + box.bottom) / 2
    return real.left <= x <= real.right and real.top <= y <= real.bottom


def cost(bundle: Bundle) -> Tuple[float, float, float]:
    """Quartiles of the processor time of a picture by that of the network without the map, in turns on one
    thread."""
    model = onnx.load(str(bundle.model))
    for part in (model.graph.output, model.graph.node):
        (heat,) = (
            one for one in part if bundle.manifest.output.heat in (one.name, *getattr(one, "output", ()))
        )
        part.remove(heat)
    with_map, without = (
        _session(network) for network in (bundle.model.read_bytes(), model.SerializeToString())
    )
    given = bundle.manifest.input
    noise = np.random.default_rng(0).uniform(-1, 1, (1, 3, given.height, given.width)).astype(np.float32)
    ratios: List[float] = []
    for turn in range(TURNS):
        seconds = {}
        for session in (with_map, without) if turn % 2 else (without, with_map):
            start = time.process_time()
            session.run(None, {given.name: noise})
            seconds[session] = time.process_time() - start
        ratios.append(seconds[with_map] / seconds[without])
    low, median, high = np.percentile(ratios[WARM:], [25, 50, 75]).tolist()
    return low, median, high


def _session(network: bytes) -> Any:
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    options.log_severity_level = 3  # it would warn of weights that nothing needs
    return onnxruntime.InferenceSession(network, options, providers=["CPUExecutionProvider"])


def _markdown(document: Dict[str, Any]) -> str:
    lines = [
        f"{document['bundle']}, {document['part']} part",
        "",
        "| hot from | pictures | middle in a real box | of the centre | IoU | of the centre |",
        "|---|---|---|---|---|---|",
    ]
    for share, both in document["by_share"].items():
        cells = [f"{share}", str(both["map"]["n"])]
        for figure, said in (("inside", "{:.0%} ({:.0%} to {:.0%})"), ("iou", "{:.3f} ({:.3f} to {:.3f})")):
            cells += [
                said.format(both[one][figure], *both[one][f"{figure}_of_95"]) for one in ("map", "centre")
            ]
        lines.append("| " + " | ".join(cells) + " |")
    ratio = document["time_by_that_without"]
    low, high = ratio["quartiles"]
    lines += ["", f"time by that without the map: {ratio['median']:.3f} ({low:.3f} to {high:.3f})", ""]
    return "\n".join(lines)


if __name__ == "__main__":
    typer.run(main)
