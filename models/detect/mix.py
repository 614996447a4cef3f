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

from agent.inference.manifest import CITY_LABELS
from models.boxed_pictures import Scene
from models.detect.assign import Target
from models.detect.augment import flames_set, jittered, mixed, mosaic
from models.detect.data import NEW_LABELS, Sample, load

_MOSAIC, _MIXED, _FLAMES = 0.5, 0.1, 0.3
"""How often four pictures are joined, two laid over each other, and a flame set where none is."""

_NEW = torch.tensor([label in NEW_LABELS for label in CITY_LABELS])


class Varied(Dataset[Tuple[Tensor, Target]]):
    """A random variant of each of `picks`, by index in `scenes`; the same again for the same seed.

    Pictures that are joined were searched for the same labels.
    """

    def __init__(
        self, scenes: Sequence[Scene], picks: Sequence[int], side: int, seed: int, *, joined: bool
    ) -> None:
        """`joined`: some are mosaics, or two pictures through each other."""
        self._scenes, self._picks, self._side, self._seed = scenes, picks, side, seed
        self._joined = joined
        self._flames = [scene for scene in scenes if any(thing.label == "fire" for thing in scene.things)]
        self._alike = {
            labelled: [scene for scene in scenes if scene.labelled == labelled]
            for labelled in {scene.labelled for scene in scenes}
        }

    def __len__(self) -> int:
        return len(self._picks)

    def __getitem__(self, index: int) -> Tuple[Tensor, Target]:
        cv2.setNumThreads(1)
        rng = random.Random(self._seed * 1_000_003 + index)
        scene = self._scenes[self._picks[index]]
        return as_target(self._varied(scene, rng))

    def _varied(self, scene: Scene, rng: random.Random) -> Sample:
        alike = self._alike[scene.labelled]
        if self._joined and rng.random() < _MOSAIC:
            return mosaic(
                [self._load(one, rng) for one in [scene, *rng.choices(alike, k=3)]], self._side, rng
            )
        sample = jittered(self._load(scene, rng), self._side, rng)
        if self._joined and rng.random() < _MIXED:
            other = jittered(load(rng.choice(alike), self._side), self._side, rng)
            sample = mixed(sample, other, rng)
        return sample

    def _load(self, scene: Scene, rng: random.Random) -> Sample:
        sample = load(scene, self._side)
        if self._flames and not scene.things and rng.random() < _FLAMES:
            sample = flames_set(sample, load(rng.choice(self._flames), self._side), rng)
        return sample


def as_target(sample: Sample) -> Tuple[Tensor, Target]:
    """The picture as 3 x H x W float32 BGR in 0..255, and its boxes by CITY_LABELS."""
    picture = torch.from_numpy(sample.picture.transpose(2, 0, 1).astype("float32"))
    labelled = torch.tensor([label in sample.labelled for label in CITY_LABELS])
    places = torch.tensor([CITY_LABELS.index(label) for label in NEW_LABELS])
    boxes = torch.from_numpy(sample.boxes)
    return picture, Target(boxes[:, 1:], places[boxes[:, 0].long()], labelled, _NEW & ~labelled)


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
