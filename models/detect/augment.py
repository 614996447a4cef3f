"""Random variants of boxed pictures: mosaic, mix-up, flames set into other scenes, colour, mirror."""

from __future__ import annotations

import random
from typing import List

import cv2
import numpy as np

from agent.ports import Picture
from models.detect.data import PADDING, Boxes, Sample

_LEAST = 3.0
"""Pixels that a box must be wide and high to be learnt."""

_FAINT = 0.15
"""Of a flame that is set into a scene the mean share of its light: less than that nobody would see."""

_SEEN = 0.1
"""Share of a box that must be left of it where a picture is cut."""


def jittered(sample: Sample, side: int, rng: random.Random, largest: float = 1.5) -> Sample:
    """Mirrored or not, scaled by 0.5 to `largest` and moved, on a grey square; other colours."""
    scale = rng.uniform(0.5, largest)
    height, width = sample.picture.shape[:2]
    x, y = (
        rng.uniform(min(0.0, side - edge * scale), max(0.0, side - edge * scale)) for edge in (width, height)
    )
    mirror = rng.random() < 0.5
    matrix = np.array(
        [[-scale if mirror else scale, 0, x + width * scale if mirror else x], [0, scale, y]], np.float32
    )
    moved = cv2.warpAffine(
        recoloured(sample.picture, rng),
        matrix,
        (side, side),
        flags=cv2.INTER_AREA if scale < 1 else cv2.INTER_LINEAR,
        borderValue=(PADDING, PADDING, PADDING),
    )
    boxes = sample.boxes.copy()
    boxes[:, 1:] = sample.boxes[:, 1:] * scale + np.array([x, y, x, y], np.float32)
    if mirror:
        boxes[:, [1, 3]] = 2 * x + width * scale - boxes[:, [3, 1]]
    return Sample(np.asarray(moved, np.uint8), cut(boxes, 0, 0, side, side), sample.labelled, sample.burning)


def mosaic(samples: List[Sample], side: int, rng: random.Random) -> Sample:
    """Four pictures around a random middle (Bochkovskiy et al. 2020, "YOLOv4"); they are labelled alike."""
    canvas: Picture = np.full((side, side, 3), PADDING, np.uint8)
    middle_x, middle_y = (int(rng.uniform(0.3, 0.7) * side) for _ in range(2))
    quarters = (
        (0, 0, middle_x, middle_y),
        (middle_x, 0, side, middle_y),
        (0, middle_y, middle_x, side),
        (middle_x, middle_y, side, side),
    )
    boxes = []
    for sample, (left, top, right, bottom) in zip(samples, quarters):
        part = jittered(sample, side, rng)
        x, y = rng.randint(0, side - (right - left)), rng.randint(0, side - (bottom - top))
        canvas[top:bottom, left:right] = part.picture[y : y + bottom - top, x : x + right - left]
        moved = part.boxes + np.array([0, left - x, top - y, left - x, top - y], np.float32)
        boxes.append(cut(moved, left, top, right, bottom))
    labelled = frozenset.intersection(*[sample.labelled for sample in samples])
    return Sample(canvas, np.concatenate(boxes), labelled)


def mixed(one: Sample, other: Sample, rng: random.Random) -> Sample:
    """Two pictures of one size through each other (Zhang et al. 2018, "mixup"), with the boxes of both."""
    share = rng.uniform(0.4, 0.6)
    picture = cv2.addWeighted(one.picture, share, other.picture, 1 - share, 0.0)
    return Sample(
        np.asarray(picture, np.uint8), np.concatenate([one.boxes, other.boxes]), one.labelled & other.labelled
    )


def flames_set(sample: Sample, flames: Sample, rng: random.Random) -> Sample:
    """A flame of `flames` shines in `sample`, where both are at the size of the input: a screen blend, for
    a flame gives light and covers little; soft at its edges."""
    fires = flames.boxes[flames.boxes[:, 0] == 0]
    if not len(fires):
        return sample
    left, top, right, bottom = fires[rng.randrange(len(fires)), 1:].round().astype(int).clip(0)
    crop = flames.picture[top:bottom, left:right]
    side = min(sample.picture.shape[:2])
    scale = rng.uniform(0.05, 0.3) * side / max(1, *crop.shape[:2])
    height, width = (int(edge * scale) for edge in crop.shape[:2])
    if min(height, width) < _LEAST or min(crop.shape[:2]) < _LEAST:
        return sample
    light = np.asarray(cv2.resize(crop, (width, height), interpolation=cv2.INTER_AREA), np.float32) / 255
    y = rng.randint(0, sample.picture.shape[0] - height)
    x = rng.randint(0, sample.picture.shape[1] - width)
    rows, columns = (np.sin(np.linspace(0, np.pi, edge)).clip(0) ** 0.5 for edge in (height, width))
    glow = ((light[..., 2] - 0.45) / 0.4).clip(0, 1) * rows[:, None] * columns
    if glow.mean() < _FAINT:
        return sample
    picture = sample.picture.copy()
    under = picture[y : y + height, x : x + width].astype(np.float32) / 255
    picture[y : y + height, x : x + width] = (255 * (1 - (1 - under) * (1 - light * glow[..., None]))).round()
    box = np.array([[0, x, y, x + width, y + height]], np.float32)
    return Sample(picture, np.concatenate([sample.boxes, box]), sample.labelled)


def recoloured(picture: Picture, rng: random.Random) -> Picture:
    """Brighter or darker, more or less saturated, hue by a few degrees: fire must stay the colour of fire."""
    hue, saturation, value = rng.uniform(-4, 4), rng.uniform(0.6, 1.4), rng.uniform(0.6, 1.4)
    steps = np.arange(256, dtype=np.float32)
    tables = ((steps + hue) % 180, (steps * saturation).clip(0, 255), (steps * value).clip(0, 255))
    planes = cv2.split(cv2.cvtColor(picture, cv2.COLOR_BGR2HSV))
    planes = [cv2.LUT(plane, table.astype(np.uint8)) for plane, table in zip(planes, tables)]
    return np.asarray(cv2.cvtColor(cv2.merge(planes), cv2.COLOR_HSV2BGR), np.uint8)


def cut(boxes: Boxes, left: float, top: float, right: float, bottom: float) -> Boxes:
    """The boxes within a window, but for those of which too little is left."""
    whole = (boxes[:, 3] - boxes[:, 1]) * (boxes[:, 4] - boxes[:, 2])
    within = boxes.copy()
    within[:, [1, 3]] = within[:, [1, 3]].clip(left, right)
    within[:, [2, 4]] = within[:, [2, 4]].clip(top, bottom)
    width, height = within[:, 3] - within[:, 1], within[:, 4] - within[:, 2]
    seen = width * height >= _SEEN * whole
    kept: Boxes = within[seen & (width >= _LEAST) & (height >= _LEAST)]
    return kept
