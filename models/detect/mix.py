"""The batches of an epoch: which pictures, how they are varied, and as what the network is to see them."""

from __future__ import annotations

import random
from dataclasses import replace
from typing import List, Sequence, Tuple

import cv2
import torch
from torch import Tensor
from torch.nn.functional import interpolate
from torch.utils.data import Dataset

from models.detect.assign import Target
from models.detect.augment import flames_set, jittered, mixed, mosaic
from models.detect.data import NEW_LABELS, Sample

_MOSAIC, _MIXED, _FLAMES = 0.5, 0.1, 0.3
"""How often four pictures are joined, two laid over each other, and a flame set where none is."""

_WHOLE = 0.5
"""Of pictures that show nothing the share that is never cut."""


class Varied(Dataset[Tuple[Tensor, Target]]):
    """A random variant of each of `picks`, by index in `samples`; the same again for the same seed.

    Pictures that are joined were searched for the same labels.
    """

    def __init__(
        self, samples: Sequence[Sample], picks: Sequence[int], side: int, seed: int, *, joined: bool
    ) -> None:
        """`joined`: some are mosaics, or two pictures through each other."""
        self._samples, self._picks, self._side, self._seed = samples, picks, side, seed
        self._joined = joined
        self._flames = [sample for sample in samples if (sample.boxes[:, 0] == 0).any()]
        self._alike = {
            labelled: [sample for sample in samples if sample.labelled == labelled]
            for labelled in {sample.labelled for sample in samples}
        }

    def __len__(self) -> int:
        return len(self._picks)

    def __getitem__(self, index: int) -> Tuple[Tensor, Target]:
        cv2.setNumThreads(1)
        rng = random.Random(self._seed * 1_000_003 + index)
        return as_target(self._varied(self._samples[self._picks[index]], rng))

    def _varied(self, sample: Sample, rng: random.Random) -> Sample:
        if sample.burning:
            return jittered(sample, self._side, rng, largest=1.0)  # nobody knows what a cut would take
        if not len(sample.boxes) and rng.random() < _WHOLE:  # or what is whole would be what burns
            return jittered(self._lit(sample, rng), self._side, rng, largest=1.0)
        alike = self._alike[sample.labelled]
        if self._joined and rng.random() < _MOSAIC:
            four = [sample, *rng.choices(alike, k=3)]
            return mosaic([self._lit(one, rng) for one in four], self._side, rng)
        varied = jittered(self._lit(sample, rng), self._side, rng)
        if self._joined and rng.random() < _MIXED:
            varied = mixed(varied, jittered(rng.choice(alike), self._side, rng), rng)
        return varied

    def _lit(self, sample: Sample, rng: random.Random) -> Sample:
        """With a flame set into it at times, where there is nothing."""
        if self._flames and not len(sample.boxes) and rng.random() < _FLAMES:
            return flames_set(sample, rng.choice(self._flames), rng)
        return sample


def as_target(sample: Sample) -> Tuple[Tensor, Target]:
    """The picture as 3 x H x W float32 BGR in 0..255, and its boxes by NEW_LABELS."""
    picture = torch.from_numpy(sample.picture.transpose(2, 0, 1).astype("float32"))
    labelled = torch.tensor([label in sample.labelled for label in NEW_LABELS])
    boxes = torch.from_numpy(sample.boxes)
    return picture, Target(boxes[:, 1:], boxes[:, 0].long(), labelled, sample.burning)


def batched(pairs: Sequence[Tuple[Tensor, Target]]) -> Tuple[Tensor, List[Target]]:
    """Pictures N x 3 x H x W and their targets."""
    return torch.stack([picture for picture, _ in pairs]), [target for _, target in pairs]


def seen_at(side: int, pictures: Tensor, targets: Sequence[Target]) -> Tuple[Tensor, Sequence[Target]]:
    """The batch at another size, N x 3 x side x side, with its boxes."""
    scale = side / pictures.shape[-1]
    if scale == 1:
        return pictures, targets
    smaller = interpolate(pictures, size=(side, side), mode="bilinear", antialias=True)
    return smaller, [replace(target, boxes=target.boxes * scale) for target in targets]
