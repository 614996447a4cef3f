"""Small fires for pictures that have none: boxed flames and smoke, pasted into calm training pictures.

Class folders hold pictures that are full of fire or of none; a camera sees a street, and a fire in a corner
of it. Cut, Paste and Learn (Dwibedi et al. 2017) is the method: several ways to blend, so that no seam tells
what was pasted, and as a control cuts without fire, which stay calm.
"""

from __future__ import annotations

import math
import random
from pathlib import Path
from typing import Dict, List, Optional, Sequence, Tuple

import cv2
import numpy as np
import numpy.typing as npt

from agent.domain.box import Box
from agent.inference.manifest import FIRE_LABELS
from agent.ports import Picture
from agent.sources.scene.noise import fractal
from agent.vision.parts import cut_out
from agent.vision.preprocess import resized
from models.augment import CLOSE, framed, least_of_calm, weathered
from models.boxed_pictures import Scene
from models.data import DataError, picture_of
from models.detect.data import items, scenes_by_part
from models.near import Hashes, unlike

START_FIRE = 0.03
"""Flames whose box covers less of the picture are a start-fire, as the data's own rule has it."""

SHARES = (0.005, 0.2)
"""Of the picture that the box of what is pasted covers: at 224 pixels, a square of 16 to 100."""

_KINDS = (("fire", 0.45), ("smoke", 0.2), ("control", 0.35))
_LEAST_PX, _MOST_PX, _ASPECT = 24, 128, 3.0
"""Of a cut: its least side; what its longer side is shrunk to; how much longer that may be."""
_SQUEEZE = (0.5, 1.25)
"""A camera's 16:9 is squeezed into the network's square, and so is what burns in it."""
_FINE = 64
_COLOURED = 0.15
"""Flames with a smaller share of pixels in the colours of fire are left out: in a corner none knows them."""
_SEEN = 12.0
"""Grey levels by which a pasted box must differ from what was there, or nobody could see it."""

Cover = npt.NDArray[np.float32]
"""H x W x 1, 0 to 1: how far the pasted hides what is under it."""


def cuts(scenes: Sequence[Scene]) -> Dict[str, List[Picture]]:
    """Boxed flames (`fire`) in the colours of fire, and smoke that no flames' box meets where flames were
    looked for, too: H x W x 3, BGR, `_MOST_PX` at most. Raises DataError for what cannot be decoded."""
    found: Dict[str, List[Picture]] = {"fire": [], "smoke": []}
    for scene in scenes:
        flames = [thing.box for thing in scene.things if thing.label == "fire"]
        smoke = [thing.box for thing in scene.things if thing.label == "smoke" and "fire" in scene.labelled]
        chosen = [("fire", box) for box in flames]
        chosen += [("smoke", box) for box in smoke if not any(box.common(other) > 0 for other in flames)]
        if not chosen:
            continue
        picture = picture_of(scene.path)
        for kind, box in chosen:
            cut = _cut(picture, box)
            if cut is not None and (kind == "smoke" or coloured(cut) >= _COLOURED):
                found[kind].append(cut)
    return found


def boxed_scenes(root: Path, file: Optional[Path], seed: int, taken: Hashes) -> List[Scene]:
    """Of the folder `root` in YOLO's layout what trains, by the split `file` or one made by group, and looks
    like none of `taken`. Raises DataError."""
    train = scenes_by_part(root, file, seed)["train"]
    fresh = {item.path for item in unlike(items(root, train), root, taken)}
    return [scene for scene in train if scene.path in fresh]


class Paster:
    """Makes small fires of calm pictures (N x side x side x 3, BGR, uint8) and cuts.

    Raises DataError where there are no calm pictures or no flames to paste.
    """

    def __init__(self, calm: npt.NDArray[np.uint8], cut: Dict[str, List[Picture]]) -> None:
        if not len(calm) or not cut["fire"]:
            raise DataError(
                f"nothing to paste: {len(calm)} pictures without fire, {len(cut['fire'])} boxes of flames"
            )
        self._calm, self._cut = calm, cut

    def made(self, side: int, rng: random.Random) -> Tuple[Picture, int]:
        """`composed`, in the weather of a camera."""
        picture, label = self.composed(side, rng)
        return weathered(picture, rng), label

    def composed(self, side: int, rng: random.Random) -> Tuple[Picture, int]:
        """A calm picture with something in it (side x side x 3, BGR, uint8) and its label's index in
        FIRE_LABELS; the same for the same state of `rng`."""
        least = least_of_calm(rng)
        street = framed(self._one_calm(rng), side, rng, least)
        kinds = [(name, weight) for name, weight in _KINDS if name == "control" or self._cut[name]]
        kind = rng.choices([name for name, _ in kinds], [weight for _, weight in kinds])[0]
        share = math.exp(rng.uniform(math.log(SHARES[0]), math.log(SHARES[1])))
        picture = pasted(street, self._one(kind, rng), share, rng)
        calm = kind == "control" or _hidden(street, picture, share)
        label = "no-fire" if calm else "fire" if kind == "fire" and share >= START_FIRE else "start-fire"
        return picture, FIRE_LABELS.index(label)

    def _one_calm(self, rng: random.Random) -> Picture:
        return np.asarray(self._calm[rng.randrange(len(self._calm))])

    def _one(self, kind: str, rng: random.Random) -> Picture:
        if kind == "control":
            return framed(self._one_calm(rng), _MOST_PX, rng, CLOSE)
        return rng.choice(self._cut[kind])


def pasted(street: Picture, cut: Picture, share: float, rng: random.Random) -> Picture:
    """A copy of `street` with `cut` somewhere in it, whose box covers `share` of it."""
    height, width = street.shape[:2]
    aspect = cut.shape[1] / cut.shape[0] * math.exp(rng.uniform(*(math.log(most) for most in _SQUEEZE)))
    area = share * height * width
    w = min(width, max(3, round(math.sqrt(area * aspect))))
    h = min(height, max(3, round(math.sqrt(area / aspect))))
    shown = resized(cut, w, h).astype(np.float32)
    if rng.random() < 0.5:
        shown = shown[:, ::-1]
    top, left = rng.randint(0, height - h), rng.randint(0, width - w)
    whole: Picture = street.copy()
    under = whole[top : top + h, left : left + w]
    cover = rng.choice((_ragged, _soft))(h, w, rng)
    if rng.random() < 0.3:  # only what is lighter than the street shows
        shown = np.maximum(shown, under)
    under[:] = (cover * shown + (1 - cover) * under + 0.5).astype(np.uint8)
    return whole


def _ragged(height: int, width: int, rng: random.Random) -> Cover:
    """An ellipse whose rim noise takes inwards."""
    axis = (np.arange(_FINE, dtype=np.float32) + 0.5) / _FINE * 2 - 1
    radius = np.sqrt(axis[:, None] ** 2 + axis[None] ** 2)
    noise = fractal(np.random.default_rng(rng.getrandbits(32)), _FINE, _FINE, 4, 3)
    rim = radius * (1 + rng.uniform(0.2, 1.0) * np.maximum(0.0, noise - 0.35))
    return _fitted(np.clip((1 - rim) / rng.uniform(0.15, 0.5), 0, 1), height, width)


def _soft(height: int, width: int, rng: random.Random) -> Cover:
    """The whole box, faded out at its rim."""
    inwards = 1 - np.abs((np.arange(_FINE, dtype=np.float32) + 0.5) / _FINE * 2 - 1)
    near = np.minimum(inwards[:, None], inwards[None])
    return _fitted(np.clip(near / rng.uniform(0.05, 0.4), 0, 1), height, width)


def _fitted(cover: npt.NDArray[np.float32], height: int, width: int) -> Cover:
    return np.asarray(cv2.resize(cover, (width, height), interpolation=cv2.INTER_AREA), np.float32)[..., None]


def _hidden(street: Picture, picture: Picture, share: float) -> bool:
    """Whether the pasted, which covers `share`, is as the street was before: smoke on a grey sky."""
    change = np.abs(picture.astype(np.int16) - street).mean()
    return bool(change < _SEEN * share)


def coloured(cut: Picture) -> float:
    """The share of its pixels (H x W x 3, BGR) in the colours of fire: red to yellow, and bright."""
    blue, green, red = (cut[..., channel].astype(np.int16) for channel in range(3))
    return float(((red > 120) & (red >= green) & (red - blue > 60)).mean())


def _cut(picture: Picture, box: Box) -> Optional[Picture]:
    inside = cut_out(picture, box)
    h, w = inside.shape[:2]
    if min(w, h) < _LEAST_PX or max(w, h) > _ASPECT * min(w, h):
        return None
    scale = min(1.0, _MOST_PX / max(w, h))
    return resized(inside, round(w * scale), round(h * scale))
