"""Random variants of the training pictures, new ones in every epoch, as a network takes them."""

from __future__ import annotations

import random
from typing import Any, List, Sequence, Tuple

import cv2
import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor
from torch.utils.data import Dataset

from agent.inference.manifest import FIRE_LABELS as LABELS
from agent.ports import Picture
from models.augment import WHOLE, augment, least_of_calm
from models.pasting import Paster


class Variants(Dataset[Tuple[Tensor, int]]):
    """A random variant of each picked picture (3 x side x side, RGB, uint8) and its label's index; the same
    again for the same seed."""

    def __init__(self, pictures: Any, truth: Any, picks: Sequence[int], side: int, seed: int) -> None:
        self._pictures, self._truth, self._picks, self.side, self.seed = pictures, truth, picks, side, seed

    def __len__(self) -> int:
        return len(self._picks)

    def __getitem__(self, index: int) -> Tuple[Tensor, int]:
        return planes(self.picture(index)), int(self._truth[self._picks[index]])

    def picture(self, index: int) -> Picture:
        """The same as a picture: side x side x 3, BGR, uint8."""
        cv2.setNumThreads(1)
        pick = self._picks[index]
        rng = random.Random(self.seed * 1_000_003 + index)
        calm = self._truth[pick] == LABELS.index("no-fire")
        least = least_of_calm(rng) if calm else WHOLE
        return augment(self._pictures[pick], self.side, rng, least)


class WithPasted(Dataset[Tuple[Tensor, int]]):
    """Variants, of which the share `share` gives way to calm pictures with something pasted in."""

    def __init__(self, variants: Variants, paster: Paster, share: float) -> None:
        self._variants, self._paster, self._share = variants, paster, share

    def __len__(self) -> int:
        return len(self._variants)

    def __getitem__(self, index: int) -> Tuple[Tensor, int]:
        rng = random.Random(f"{self._variants.seed} {index}")
        if rng.random() >= self._share:
            return self._variants[index]
        cv2.setNumThreads(1)
        picture, label = self._paster.made(self._variants.side, rng)
        return planes(picture), label


def balanced(truth: Any, number: int, seed: int) -> List[int]:
    """`number` picks with replacement, weighted by the square root of each class's rarity."""
    counts = np.bincount(truth, minlength=len(LABELS)).clip(1)
    weights = torch.tensor((counts.mean() / counts) ** 0.5, dtype=torch.float32)[torch.from_numpy(truth)]
    generator = torch.Generator().manual_seed(seed)
    picks: List[int] = torch.multinomial(weights, number, replacement=True, generator=generator).tolist()
    return picks


def planes(picture: npt.NDArray[np.uint8]) -> Tensor:
    """H x W x 3 BGR -> 3 x H x W RGB, still uint8."""
    return torch.from_numpy(np.ascontiguousarray(picture[:, :, ::-1].transpose(2, 0, 1)))


def normalised(batch: Tensor) -> Tensor:
    """uint8 -> float32 in about -1..1, as the ImageNet weights want it; channels last is faster on a CPU."""
    return ((batch.float() - 127.0) / 128.0).contiguous(memory_format=torch.channels_last)
