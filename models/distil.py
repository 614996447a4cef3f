"""Bundles as teachers of another network: variants of the pictures, and what teachers say of each.

The method is that of Hinton, Vinyals & Dean 2015, "Distilling the Knowledge in a Neural Network". Teacher and
student see the same variants, and learning them takes long, as Beyer et al. 2022 advise ("Knowledge
distillation: A good teacher is patient and consistent"). So that patience is cheap, variants are made and
judged once, kept in a folder, and learnt again and again.
"""

from __future__ import annotations

import json
import logging
import os
from pathlib import Path
from typing import Any, Sequence, Tuple

import cv2
import numpy as np
import torch
from rich.progress import track
from torch import Tensor, nn
from torch.utils.data import Dataset

from agent.inference.bundle import load_bundle
from agent.inference.fire import FireClassifier
from agent.inference.onnxruntime import OnnxRuntimeSession
from agent.ports import Picture
from agent.vision.preprocess import resized
from models.data import DataError
from models.variants import Variants, balanced, planes

log = logging.getLogger(__name__)

SOFTNESS = 2.0
"""The temperature at which both are compared; Hinton et al. found 2 to 4 best for small students."""

_NO_LABEL = -100

_SETTINGS = "lessons.json"
_BATCH = 32


class Teachers:
    """What bundles for fire say of a picture, on average; each sees it at its own input's side.

    Raises BundleError for a bundle that is not there or is for something else.
    """

    def __init__(self, names: Sequence[str], threads: int) -> None:
        bundles = [load_bundle(name, "fire-classification") for name in names]
        self.hashes = [bundle.manifest.sha256 for bundle in bundles]
        self.side = max(bundle.manifest.input.width for bundle in bundles)
        """That of the largest input among them, in pixels."""
        self._classifiers = [FireClassifier(one, OnnxRuntimeSession(one, threads)) for one in bundles]

    def say(self, pictures: Sequence[Picture]) -> Any:
        """N x 3 float32 probabilities of fire, start-fire and no-fire."""
        said = [classifier.look(pictures) for classifier in self._classifiers]
        return np.array(
            [[[one.fire, one.start_fire, one.no_fire] for one in scores] for scores in said], np.float32
        ).mean(0)


class Lessons:
    """A folder of `rounds` rounds of variants, each with as many as there are pictures.

    Variants are made at the side of the teachers' inputs and kept at `side`. Of them the share `mixed` are
    two through each other (Zhang et al. 2018, "mixup"): no label is right for those, but what teachers say of
    them tells more of the teachers. Raises DataError for a folder of lessons that were made otherwise.
    """

    def __init__(
        self,
        folder: Path,
        teachers: Teachers,
        rounds: int,
        side: int,
        seed: int,
        pictures: Any,
        truth: Any,
        mixed: float = 0.0,
    ) -> None:
        self._folder, self._teachers, self._rounds, self._side, self._seed = (
            folder,
            teachers,
            rounds,
            side,
            seed,
        )
        self._pictures, self._truth, self._mixed = pictures, truth, mixed
        settings = {
            "teachers": teachers.hashes,
            "side": side,
            "seed": seed,
            "pictures": len(pictures),
            "mixed": mixed,
        }
        folder.mkdir(parents=True, exist_ok=True)
        noted = folder / _SETTINGS
        if not noted.is_file():
            noted.write_text(json.dumps(settings) + "\n", encoding="utf-8")
        elif json.loads(noted.read_text(encoding="utf-8")) != settings:
            raise DataError(
                f"{folder} holds lessons of other teachers, pictures, side or seed: name another --lessons"
            )

    def of(self, epoch: int, side: int) -> Lesson:
        """Those of that epoch at that side: round after round, mirrored every other time; shuffled anew."""
        again, number = divmod(epoch, self._rounds)
        files = [self._folder / f"{number:03d}-{what}.npy" for what in ("pictures", "labels", "said")]
        if not all(file.is_file() for file in files):
            self._make(number, files)
        pictures, labels, said = (np.load(file, mmap_mode="r") for file in files)
        order = np.random.default_rng(self._seed * 1000 + epoch).permutation(len(labels))
        return Lesson(pictures, labels, said, order, side, mirrored=again % 2 == 1)

    def _make(self, number: int, files: Sequence[Path]) -> None:
        seed = self._seed * 1000 + number
        picks = balanced(self._truth, len(self._truth), seed)
        variants = Variants(self._pictures, self._truth, picks, self._teachers.side, seed)
        labels, rng = self._truth[picks].copy(), np.random.default_rng(seed)
        kept = np.empty((len(picks), self._side, self._side, 3), np.uint8)
        said = np.empty((len(picks), 3), np.float32)
        starts = range(0, len(picks), _BATCH)
        for start in track(starts, description=f"teachers judge, round {number}", transient=True):
            batch = [variants.picture(index) for index in range(start, min(start + _BATCH, len(picks)))]
            for index in np.flatnonzero(rng.random(len(batch)) < self._mixed):
                share, other = rng.uniform(0.2, 0.8), batch[rng.integers(len(batch))]
                batch[index] = np.asarray(cv2.addWeighted(batch[index], share, other, 1 - share, 0), np.uint8)
                labels[start + index] = _NO_LABEL
            said[start : start + _BATCH] = self._teachers.say(batch)
            kept[start : start + _BATCH] = [resized(one, self._side, self._side) for one in batch]
        log.info(
            "round %d: the teachers agree with %.1f %% of labels",
            number,
            100 * float((said.argmax(1) == labels)[labels != _NO_LABEL].mean()),
        )
        for file, values in zip(files, (kept, labels, said)):
            aside = file.with_suffix(f".{os.getpid()}")
            with aside.open("wb") as opened:
                np.save(opened, values)
            aside.replace(file)


class Lesson(Dataset[Tuple[Tensor, int, Tensor]]):
    """Pictures (3 x side x side, RGB, uint8), their labels' indices and what was said of them (3)."""

    def __init__(
        self, pictures: Any, labels: Any, said: Any, order: Any, side: int, *, mirrored: bool
    ) -> None:
        self._pictures, self._labels, self._said, self._order = pictures, labels, said, order
        self._side, self._mirrored = side, mirrored

    def __len__(self) -> int:
        return len(self._order)

    def __getitem__(self, index: int) -> Tuple[Tensor, int, Tensor]:
        at = int(self._order[index])
        picture = self._pictures[at][:, ::-1] if self._mirrored else self._pictures[at]
        return (
            planes(resized(np.ascontiguousarray(picture), self._side, self._side)),
            int(self._labels[at]),
            torch.from_numpy(np.array(self._said[at])),
        )


def lesson(logits: Tensor, labels: Tensor, taught: Tensor, smoothing: float, share: float) -> Tensor:
    """The loss of N x 3 logits: cross-entropy with what teachers say (N x 3), softened, for `share` of it,
    and with the labels for the rest; by what teachers say alone where there is no label."""
    known = labels != _NO_LABEL
    by_label = nn.functional.cross_entropy(
        logits, labels.clamp_min(0), label_smoothing=smoothing, reduction="none"
    )
    soft = torch.softmax(taught.clamp_min(1e-6).log() / SOFTNESS, 1)
    by_teacher = nn.functional.cross_entropy(logits / SOFTNESS, soft, reduction="none") * SOFTNESS**2
    return torch.where(known, (1 - share) * by_label + share * by_teacher, by_teacher).mean()
