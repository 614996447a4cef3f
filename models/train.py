"""Train a classifier on class folders: transfer learning, resumable, with a run folder to look into.

A detector is trained by models/detect/loop.py, which this hands over to.
"""

from __future__ import annotations

import json
import logging
import math
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, List, Optional, Tuple

import cv2
import numpy as np
import numpy.typing as npt
import torch
import typer
from rich.progress import track
from torch import Tensor, nn
from torch.utils.data import DataLoader

from agent.inference.manifest import FIRE_LABELS as LABELS
from agent.vision.preprocess import resized
from models import report
from models.aware import attach
from models.checkpoint import averaged
from models.data import DataError
from models.distil import Lessons, Teachers, lesson
from models.nets import build, folded
from models.nets.shaped import load_shaped
from models.nets.unfolded import settle, unfolded
from models.prepare import Boxed, Prepared, prepare
from models.run import Run
from models.scoring import score
from models.variants import Variants, WithPasted, balanced, normalised, planes

log = logging.getLogger("models.train")

_SETTLING = 512  # pictures


@dataclass(frozen=True)
class Config:
    """Everything a run depends on; written to config.json."""

    data: str
    net: str
    epochs: int
    side: int
    final_epochs: int
    final_side: int
    batch: int
    head_rate: float
    body_rate: float
    smoothing: float
    decay: float
    seed: int
    split: Optional[str]
    negatives: Optional[str]
    start: Optional[str] = None
    teachers: Tuple[str, ...] = ()
    rounds: int = 0
    share: float = 0.0
    lessons: Optional[str] = None
    aware: bool = False
    left: Tuple[str, ...] = ()
    mixed: float = 0.0
    boxed: Optional[str] = None
    boxed_split: Optional[str] = None
    pasted: float = 0.0
    boxed_whole: bool = False

    @property
    def plan(self) -> List[int]:
        """The picture side of each epoch."""
        return [self.side] * self.epochs + [self.final_side] * self.final_epochs


def train(
    data: Path = typer.Option(
        ...,
        "--data",
        help="A folder with one folder of pictures per class; to detect, in the layout of YOLO.",
    ),
    out: Path = typer.Option(..., "--out", help="The run folder; a run that was broken off goes on there."),
    net: str = typer.Option(
        "efficientnet-lite0", "--net", help="efficientnet-lite0, -lite2, fire-nano or tiny."
    ),
    epochs: int = typer.Option(8, "--epochs", min=0, help="Epochs at --side."),
    side: Optional[int] = typer.Option(
        None,
        "--side",
        show_default="160; to detect 416",
        help="Side of the pictures at first, a multiple of 32.",
    ),
    final_epochs: int = typer.Option(3, "--final-epochs", min=0, help="Epochs at --final-side, at the end."),
    final_side: int = typer.Option(224, "--final-side", help="Side that the model is used at."),
    batch: int = typer.Option(32, "--batch", min=2),
    head_rate: float = typer.Option(
        3e-3,
        "--head-rate",
        min=0,
        help="Learning rate of the last layer; to detect, of the head for flames: 0 (with --start and "
        "--body-rate 0) leaves that, too, and teaches it what whole pictures show.",
    ),
    body_rate: Optional[float] = typer.Option(
        None,
        "--body-rate",
        min=0,
        show_default="6e-4; to detect 0.002 of each weight's size",
        help="Learning rate of all others; to detect, 0 leaves the published network as it is.",
    ),
    seed: int = typer.Option(1, "--seed"),
    split_file: Optional[Path] = typer.Option(
        None,
        "--split",
        show_default="one made by group, from --seed",
        help="A split by content (sha256,label,group,part).",
    ),
    negatives: Optional[Path] = typer.Option(
        None, "--negatives", help="A folder of pictures without fire, for training only."
    ),
    start: Optional[Path] = typer.Option(
        None,
        "--start",
        help="An earlier run, pruned or not, or a bundle, trained on the same split: its weights begin.",
    ),
    teacher: Optional[List[str]] = typer.Option(
        None,
        "--teacher",
        help="A bundle, trained on the same split, whose judgement the network learns beside the labels. "
        "Several are averaged.",
    ),
    rounds: int = typer.Option(
        8, "--rounds", min=1, help="How many variants of each picture teachers judge; then all come again."
    ),
    share: float = typer.Option(
        0.7,
        "--teacher-share",
        min=0,
        max=1,
        help="Of the teachers' word in what is learnt; the rest is the labels'.",
    ),
    mixed: float = typer.Option(
        0.0,
        "--mixed",
        min=0,
        max=1,
        help="Of the variants that teachers judge, the share that are two pictures through each other, for "
        "which their word alone counts.",
    ),
    lessons: Optional[Path] = typer.Option(
        None,
        "--lessons",
        show_default="in OUT",
        help="Where to keep what teachers judged, 110 KB a variant at 192 pixels; may be shared by runs.",
    ),
    aware: bool = typer.Option(
        False, "--aware", help="Learn as INT8 will compute: for `quantise`, afterwards. Use with --start."
    ),
    left: Optional[List[str]] = typer.Option(
        None, "--float", help="With --aware: a layer that `quantise --float` is to leave; may be repeated."
    ),
    boxed: Optional[Path] = typer.Option(
        None,
        "--boxed",
        help="Pictures with boxes of flames and smoke in YOLO's layout: they are cut out and pasted into "
        "pictures without fire, so that small fires in streets are learnt.",
    ),
    boxed_split: Optional[Path] = typer.Option(
        None,
        "--boxed-split",
        show_default="one made by group, from --seed",
        help="The split of --boxed, of which the training part is cut.",
    ),
    pasted: float = typer.Option(
        0.25,
        "--pasted",
        min=0,
        max=1,
        help="With --boxed: of what is learnt, the share that is calm pictures with something pasted in: "
        "flames, smoke or, so that pasting is not taken for fire, something calm.",
    ),
    boxed_whole: bool = typer.Option(
        False,
        "--boxed-whole",
        help="With --boxed: learn its pictures as they are, too. Flames of 3 % of one or more are a fire, "
        "smaller ones, and smoke alone, a start-fire.",
    ),
    task: str = typer.Option("classify", "--task", help="classify or detect."),
    parent: Optional[Path] = typer.Option(
        None,
        "--parent",
        help="To detect: the published YOLOX-Nano (ONNX), beside whose heads a new one learns.",
    ),
    negatives_split: Optional[Path] = typer.Option(
        None,
        "--negatives-split",
        help="To detect: the split of --negatives, of which the training part is used.",
    ),
    burning: bool = typer.Option(
        False,
        "--burning",
        help="To detect: learn from `fire` and `start-fire` in --negatives, too, where nobody boxed them.",
    ),
) -> None:
    """Fine-tune a network on DATA and leave checkpoint, metrics and plots in OUT.

    Thresholds and temperature are chosen at export, on the validation part; the test part is not read here.
    To detect, --net, --teacher, --boxed, --final-epochs and --final-side have no meaning.
    """
    cv2.setNumThreads(1)
    if task == "detect":
        if parent is None:
            raise DataError("a detector is made of a published one: name its ONNX file by --parent")
        from models.detect import loop

        loop.train_detector(
            loop.Config(
                task, str(data), str(parent), epochs, side or loop.SIDE, batch, head_rate,
                loop.BODY_RATE if body_rate is None else body_rate, loop.DECAY, seed,
                _text(split_file), _text(negatives), _text(negatives_split), burning, _text(start),
            ),
            out,
        )  # fmt: skip
        return
    if task != "classify":
        raise DataError(f"{task!r} is no task: use classify or detect")
    if boxed and teacher:
        raise DataError("--boxed: what is pasted has a label and no --teacher's word; leave one of them out")
    if boxed_whole and not boxed:
        raise DataError("--boxed-whole: name the pictures by --boxed")
    if mixed and not teacher:
        raise DataError("--mixed: of two pictures through each other a --teacher alone can tell")
    config = Config(
        str(data), net, epochs, side or 160, final_epochs, final_side, batch, head_rate,
        6e-4 if body_rate is None else body_rate, 0.06,
        0.99, seed, _text(split_file), _text(negatives), _text(start),
        *_taught(teacher, rounds, share, lessons, out), aware, tuple(left or ()), mixed,
        _text(boxed), _text(boxed_split), pasted if boxed else 0.0, boxed_whole,
    )  # fmt: skip
    report.begin(out, asdict(config))
    torch.set_flush_denormal(True)  # dying activations are denormal, and fifty times slower
    told = None if boxed is None else Boxed(boxed, boxed_split, boxed_whole)
    prepared = prepare(data, split_file, negatives, told, seed, max(config.side, config.final_side))
    log.info("%d pictures to train on, %d to validate", len(prepared.train), len(prepared.val))
    run = _Run(config, out, prepared)
    for epoch in range(run.epoch, len(config.plan)):
        loss = run.epoch_over(epoch)
        scores = score(run.judge(prepared.val, config.final_side), prepared.val_truth, LABELS, rounds=10)
        run.history.append(
            {
                "epoch": epoch,
                "loss": loss,
                "accuracy": scores.accuracy,
                "macro_f1": scores.macro_f1,
                "fire_or_not": scores.fire_or_not_accuracy,
                "recall": scores.recall,
            }
        )
        log.info("epoch %s", json.dumps(run.history[-1]))
        run.save(epoch + 1)
    if not config.plan:
        run.save(0)
    final = score(run.judge(prepared.val, config.final_side), prepared.val_truth, LABELS)
    report.finish(out, run.history, {"validation": final.as_dict()})
    log.info("done: see %s", out)


def _text(path: Optional[Path]) -> Optional[str]:
    return None if path is None else str(path)


def _taught(
    teachers: Optional[List[str]], rounds: int, share: float, lessons: Optional[Path], out: Path
) -> Tuple[Tuple[str, ...], int, float, Optional[str]]:
    """What a run's settings say of its teachers: nothing but that where there are none."""
    if not teachers:
        return (), 0, 0.0, None
    return tuple(teachers), rounds, share, str(lessons or out / "lessons")


class _Run(Run):
    def __init__(self, config: Config, out: Path, prepared: Prepared) -> None:
        pictures, truth = prepared.train, prepared.truth
        torch.manual_seed(config.seed)
        net = _begun(config, pictures).to(memory_format=torch.channels_last)
        *body, head = net.children()
        weights = [weight for part in body for weight in part.parameters()]
        rates = [(list(head.parameters()), config.head_rate), (weights, config.body_rate)]
        super().__init__(config, net, rates, 0.02, out / report.CHECKPOINT)
        self._pictures, self._truth, self._paster = pictures, truth, prepared.paster
        self._lessons = None
        if config.lessons is not None:
            teachers = Teachers(config.teachers, torch.get_num_threads())
            self._lessons = Lessons(
                Path(config.lessons),
                teachers,
                config.rounds,
                config.final_side,
                config.seed,
                pictures,
                truth,
                config.mixed,
            )
        if config.aware:
            attach(self._net, self._average, left=config.left)

    def epoch_over(self, epoch: int) -> float:
        """One pass over as many variants as there are pictures, more of rare classes; the mean loss."""
        config = self._config
        data = self._data(epoch)
        steps = max(1, len(data) // config.batch)
        self._net.train()
        total = 0.0
        loader = DataLoader(data, config.batch, num_workers=1, drop_last=len(data) > config.batch)
        for batch, labels, *taught in track(loader, description=f"epoch {epoch}", transient=True):
            self._set_rates(steps * len(config.plan))
            loss = self._loss(batch, labels, *taught)
            self._optimiser.zero_grad()
            loss.backward()
            nn.utils.clip_grad_norm_(self._net.parameters(), 5.0)
            self._optimiser.step()
            self._step += 1
            self._follow()
            total += float(loss.detach())
        return total / steps

    def _data(self, epoch: int) -> Any:
        side, seed = self._config.plan[epoch], self._config.seed * 1000 + epoch
        if self._lessons is not None:
            return self._lessons.of(epoch, side)
        picks = balanced(self._truth, len(self._truth), seed)
        variants = Variants(self._pictures, self._truth, picks, side, seed)
        if self._paster is None:
            return variants
        return WithPasted(variants, self._paster, self._config.pasted)

    def _loss(self, batch: Tensor, labels: Tensor, taught: Optional[Tensor] = None) -> Tensor:
        said, smoothing = self._net(normalised(batch)), self._config.smoothing
        if taught is None:
            return nn.functional.cross_entropy(said, labels, label_smoothing=smoothing)
        return lesson(said, labels, taught, smoothing, self._config.share)

    def judge(self, pictures: Any, side: int) -> npt.NDArray[np.float32]:
        """Probabilities that the averaged network gives, N x labels."""
        probabilities: npt.NDArray[np.float32] = judge(self._average, pictures, side)
        return probabilities

    def _set_rates(self, total: int) -> None:
        """Linear warm-up, then a cosine to one hundredth (Loshchilov & Hutter 2017)."""
        warm = min(1.0, (self._step + 1) / min(150, total))
        factor = warm * (0.5 * (1 + math.cos(math.pi * min(1.0, self._step / total))) + 0.01)
        for group in self._optimiser.param_groups:
            group["lr"] = group["peak"] * factor


def _begun(config: Config, pictures: Any) -> nn.Module:
    """The network as the run begins: with weights from ImageNet, or those of an earlier run or a bundle."""
    net: nn.Module = build(config.net, len(LABELS), pretrained=config.start is None)
    if config.start is None:
        if not folded(config.net):
            return net
    elif (Path(config.start) / report.CHECKPOINT).is_file():
        load_shaped(net, averaged(Path(config.start)))
        return net
    else:
        load_shaped(net, unfolded(net, config.start))
    some = pictures[:: max(1, len(pictures) // _SETTLING)]
    settle(
        net, [normalised(batch_of(some[at : at + 32], config.final_side)) for at in range(0, len(some), 32)]
    )
    return net


@torch.no_grad()
def judge(net: nn.Module, pictures: Any, side: int) -> npt.NDArray[np.float32]:
    """Probabilities of square uint8 BGR pictures, resized to `side`: N x labels."""
    probabilities: npt.NDArray[np.float32] = torch.softmax(
        torch.from_numpy(logits(net, pictures, side)), 1
    ).numpy()
    return probabilities


@torch.no_grad()
def logits(net: nn.Module, pictures: Any, side: int) -> npt.NDArray[np.float32]:
    """As `judge`, before the softmax."""
    net.eval()
    answers = []
    for start in range(0, len(pictures), 64):
        answers.append(net(normalised(batch_of(pictures[start : start + 64], side))))
    found: npt.NDArray[np.float32] = torch.cat(answers).numpy()
    return found


def batch_of(pictures: Any, side: int) -> Tensor:
    """Pictures (H x W x 3, BGR, uint8) -> N x 3 x side x side, RGB, uint8."""
    return torch.stack([planes(resized(one, side, side)) for one in pictures])
