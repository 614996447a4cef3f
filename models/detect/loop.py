"""Train a detector: flames and smoke in a head beside its parent's, which learns on or stays as it is."""

from __future__ import annotations

import copy
import json
import logging
import math
import random
from collections import Counter
from contextlib import closing
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any, Dict, List, Optional, Sequence, Tuple

import torch
from rich.progress import track
from torch import Tensor, nn
from torch.utils.data import DataLoader

from agent.inference.bundle import load_bundle
from agent.inference.cells import cells
from agent.inference.objects import YoloX
from agent.inference.onnxruntime import OnnxRuntimeSession
from models import report
from models.boxed_pictures import Scene
from models.data import DataError
from models.detect.assign import Target
from models.detect.begin import begun, origin
from models.detect.bundle import noise, write_bundle
from models.detect.curves import draw
from models.detect.data import NEW_LABELS, Sample, burning_scenes, empty_scenes, load, scenes_by_part
from models.detect.keep import keep
from models.detect.loss import loss, scene_loss
from models.detect.mix import Varied, batched, seen_at
from models.detect.parent import load_parent
from models.nets.city import CityNano, Flames
from models.nets.yolox import YoloXNano, columns, rows
from models.parity import parity
from models.run import Run
from models.verify_objects import LEAST, judge, scores_of

log = logging.getLogger("models.train")

BUNDLE = "bundle"

SIDE, DECAY = 416, 0.998
"""Of the pictures, as the parent was trained; and of the average of the weights."""

BODY_RATE = 0.002
"""By which share of its size a step changes a weight of the published network."""

SCENE_RATE = 0.002
"""Of what is said of whole pictures."""

_KEEP = 4.0
"""Of what is no longer said of things, by what is not said of flames."""

_CLIP = 10.0
"""Largest norm of a step's gradient."""

_LEAST_SIDE, _STEP = 0.6, 32
"""A batch is seen as small as this share of the full size at times, in steps of the coarsest stride."""

_PLAIN = 0.15
"""Share of the epochs, the last, with single pictures only at full size: what a camera shows (YOLOX too
ends without mosaics)."""


@dataclass(frozen=True)
class Config:
    """Everything a run depends on; written to config.json."""

    task: str
    data: str
    parent: str
    epochs: int
    side: int
    batch: int
    head_rate: float
    body_rate: float
    decay: float
    seed: int
    split: Optional[str]
    negatives: Optional[str]
    negatives_split: Optional[str]
    burning: bool
    start: Optional[str]


def train_detector(config: Config, out: Path) -> None:
    """Leave checkpoint, log, metrics, plots and a bundle in `out`; a run that was broken off goes on.

    The validation part is judged after each epoch by the device's own code; the test part is not read here.
    Raises DataError.
    """
    if not config.head_rate and (config.body_rate or config.start is None):
        raise DataError(
            "--head-rate 0 teaches nothing but the word on whole pictures: add --body-rate 0, and by --start "
            "what it is of"
        )
    report.begin(out, {**asdict(config), "begun_from": origin(config.start)})
    torch.set_flush_denormal(True)
    parts = scenes_by_part(Path(config.data), _path(config.split), config.seed)
    scenes, val = parts["train"], parts["val"]
    burning: List[Tuple[Scene, Tuple[int, ...]]] = []
    if config.negatives is not None:
        split_file = _path(config.negatives_split)
        classes = (Path(config.negatives), split_file, config.seed, Path(config.data))
        scenes = scenes + empty_scenes(*classes)
        burning = burning_scenes(*classes) if config.burning else []
    if not scenes or not val:
        raise DataError(f"{config.data}: too few groups for a training and a validation part")
    log.info("%d pictures to train on, %d to validate", len(scenes) + len(burning), len(val))
    samples = [load(scene, config.side) for scene in track(scenes, "reading pictures", transient=True)]
    samples += [replace(load(scene, config.side), burning=labels) for scene, labels in burning]
    run = _Run(config, out, samples)
    for epoch in range(run.epoch, config.epochs):
        losses = run.epoch_over(epoch, samples)
        run.history.append({"epoch": epoch, "loss": losses, **run.judged(val)})
        log.info("epoch %s", json.dumps(run.history[-1]))
        run.save(epoch + 1)
    metrics = {"history": run.history, "parity": run.parity()}
    (out / report.METRICS).write_text(json.dumps(metrics, indent=2) + "\n", encoding="utf-8")
    draw(out / "learning-curves.png", run.history, NEW_LABELS)
    log.info("done: see %s", out)


class _Run(Run):
    def __init__(self, config: Config, out: Path, samples: Sequence[Sample]) -> None:
        torch.manual_seed(config.seed)
        self._out = out
        self._parent = load_parent(Path(config.parent)).requires_grad_(False).train()
        if config.start is None:
            net = CityNano(copy.deepcopy(self._parent), Flames(len(NEW_LABELS)))
            learning = _beyond_fine(net.published)
        else:
            net = begun(config.start, samples, config.side, config.batch, config.seed).requires_grad_(False)
            learning = list(net.published.parameters())
        rates = [(list(net.flames.scene.requires_grad_().parameters()), SCENE_RATE)]
        if config.head_rate:
            head = [one for name, one in net.flames.named_parameters() if not name.startswith("scene.")]
            rates.append(([one.requires_grad_() for one in head], config.head_rate))
        if config.body_rate:
            rates += [_by_size(one.requires_grad_(), config.body_rate) for one in learning]
        self._parent = self._parent.to(memory_format=torch.channels_last)  # half again as fast on a CPU
        net = net.to(memory_format=torch.channels_last)
        super().__init__(config, net, rates, 5e-4, out / report.CHECKPOINT)

    def epoch_over(self, epoch: int, samples: Sequence[Sample]) -> Dict[str, float]:
        """As many pictures as there are, rare kinds picked more often; the mean losses by name."""
        config, seed = self._config, self._config.seed * 1000 + epoch
        plain = epoch >= round((1 - _PLAIN) * config.epochs)
        sides, rng = [config.side] if plain else _sides(config.side), random.Random(seed)
        loader = DataLoader(
            Varied(samples, _balanced(samples, seed), config.side, seed, joined=not plain),
            config.batch,
            num_workers=1,
            collate_fn=batched,
            drop_last=len(samples) > config.batch,
        )
        self._net.train()
        sums: Counter[str] = Counter()
        for pictures, targets in track(loader, description=f"epoch {epoch}", transient=True):
            self._set_rates(len(loader) * config.epochs)
            sums.update(self._learn(*seen_at(rng.choice(sides), pictures, targets)))
        return {name: round(total / len(loader), 4) for name, total in sums.items()}

    def _learn(self, pictures: Tensor, targets: Sequence[Target]) -> Dict[str, float]:
        pictures = pictures.contiguous(memory_format=torch.channels_last)
        side = pictures.shape[-1]
        if not self._config.head_rate:
            return self._step_by(*self._of_the_scene(pictures, targets))
        (body, neck), said, new, scene = self._net.looked(pictures)
        total, parts = loss(rows(new), targets, torch.from_numpy(cells(side, side)))
        whole = scene_loss(scene, targets)
        total, parts = total + whole, {**parts, "scene": float(whole.detach())}
        if self._config.body_rate:
            with torch.no_grad():
                parent = self._parent  # its finest map is the network's own where that does not learn
                maps = parent.body(pictures) if self._config.start else parent.body.beyond(body[0])
                teacher = parent.neck(*maps)
                taught = columns(self._parent.heads, teacher)
            kept, more = keep(said, neck, taught, teacher)
            total, parts = total + _KEEP * kept, {**parts, **more}
        return self._step_by(total, parts)

    def _of_the_scene(self, pictures: Tensor, targets: Sequence[Target]) -> Tuple[Tensor, Dict[str, float]]:
        """The loss where nothing learns but what is said of the whole picture, and its one part by name."""
        with torch.no_grad():
            seen = self._net.flames.eval().seen(*self._net.published.levels(pictures))
        whole = scene_loss(self._net.flames.scene.train()(seen).flatten(1), targets)
        return whole, {"scene": float(whole.detach())}

    def _step_by(self, total: Tensor, parts: Dict[str, float]) -> Dict[str, float]:
        self._optimiser.zero_grad()
        total.backward()
        nn.utils.clip_grad_norm_(self._net.parameters(), _CLIP)
        self._optimiser.step()
        self._step += 1
        self._follow()
        return parts

    def judged(self, scenes: Sequence[Scene]) -> Dict[str, Any]:
        """Average precision of the averaged network, as a bundle that is left in the run's folder."""
        self._write_bundle()
        bundle = load_bundle(str(self._out / BUNDLE))
        with closing(YoloX(bundle, OnnxRuntimeSession(bundle, 1), {"score": LEAST})) as detector:
            found = scores_of(judge(detector, scenes), NEW_LABELS)
        return {"ap50": {one.label: one.ap50 for one in found.labels}, "map50_95": found.map}

    def parity(self) -> float:
        """The largest difference between the averaged network and the bundle that was judged last."""
        return parity(self._average, noise(self._config.side), self._out / BUNDLE)

    def _write_bundle(self) -> None:
        about = {"training": {"data": Path(self._config.data).name, "seed": self._config.seed}, "metrics": {}}
        write_bundle(self._average, self._config.side, self._out / BUNDLE, "0", about)

    def _set_rates(self, total: int) -> None:
        """Linear warm-up, then a cosine to one twentieth (Loshchilov & Hutter 2017)."""
        warm = min(1.0, (self._step + 1) / min(200, total))
        factor = warm * (0.5 * (1 + math.cos(math.pi * min(1.0, self._step / total))) * 0.95 + 0.05)
        for group in self._optimiser.param_groups:
            group["lr"] = group["peak"] * factor


def _beyond_fine(net: YoloXNano) -> List[nn.Parameter]:
    """Its weights but for those up to the finest map: what is seen there serves flames as it is."""
    parts = (net.body.middle, net.body.coarse, net.neck, net.heads)
    return [weight for part in parts for weight in part.parameters()]


def _by_size(weight: nn.Parameter, share: float) -> Tuple[List[nn.Parameter], float]:
    """A rate that changes a weight by that share of its size: batch norms that are folded into convolutions
    leave some a thousand times as large as others."""
    return [weight], share * float(weight.detach().square().mean().sqrt())


def _sides(side: int) -> List[int]:
    """Those at which batches are seen."""
    return [some for some in range(_STEP, side + 1, _STEP) if some >= _LEAST_SIDE * side]


def _balanced(samples: Sequence[Sample], seed: int) -> List[int]:
    """As many picks as there are pictures, weighted by the square root of how rare their labels are."""
    kinds = [(sample.burning, *sorted(set(sample.boxes[:, 0].tolist()))) for sample in samples]
    counts = Counter(kinds)
    weights = torch.tensor([counts[kind] ** -0.5 for kind in kinds])
    generator = torch.Generator().manual_seed(seed)
    picks: List[int] = torch.multinomial(
        weights, len(samples), replacement=True, generator=generator
    ).tolist()
    return picks


def _path(text: Optional[str]) -> Optional[Path]:
    return None if text is None else Path(text)
