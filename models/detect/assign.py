"""Which cells learn which box: SimOTA (Ge et al. 2021, "YOLOX", section 2.1)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Tuple

import torch
from torch import Tensor
from torch.nn.functional import binary_cross_entropy

from agent.inference.cells import LARGEST
from models.nets.yolox import BOX

RADIUS = 2.5
"""In strides: cells whose middle is so near to a box's middle may learn it."""

CANDIDATES = 10
"""Cells whose overlaps, added up, say how many cells a box gets."""

_IOU_COST, _OUTSIDE_COST = 3.0, 1e5


@dataclass(frozen=True)
class Target:
    """Of one picture: boxes (N x 4: left, top, right, bottom in pixels), their labels (N), which labels
    people looked for (a mask), and, where it is known to burn without anybody having boxed where, the labels
    of which one is there."""

    boxes: Tensor
    labels: Tensor
    labelled: Tensor
    burning: Tuple[int, ...] = ()


def corners(rows: Tensor, cells: Tensor) -> Tensor:
    """... x A x 4, left, top, right and bottom in pixels, of rows whose first columns are a box of `cells`
    (A x 3: column, row, stride)."""
    stride = cells[:, 2:]
    middle = (cells[:, :2] + rows[..., :2]) * stride
    half = rows[..., 2:BOX].clamp(max=LARGEST).exp() * stride / 2
    return torch.cat([middle - half, middle + half], -1)


def iou(one: Tensor, other: Tensor) -> Tensor:
    """Intersection over union of boxes (... x 4), pair by pair after broadcasting."""
    near, far = torch.maximum(one[..., :2], other[..., :2]), torch.minimum(one[..., 2:], other[..., 2:])
    both = (far - near).clamp(min=0).prod(-1)
    areas = [(boxes[..., 2:] - boxes[..., :2]).clamp(min=0).prod(-1) for boxes in (one, other)]
    return both / (areas[0] + areas[1] - both).clamp(min=1e-6)


@torch.no_grad()
def assigned(logits: Tensor, boxes: Tensor, target: Target, cells: Tensor) -> tuple[Tensor, Tensor]:
    """The cells that learn a box of `target`, and which box each learns, both by index.

    `logits` are A x (5 + labels) of one picture, `boxes` A x 4 their corners. A box gets the cells that
    cost it least, as many as its best overlaps add up to; a cell that two boxes want goes to the cheaper.
    """
    if not len(target.boxes):
        none = torch.zeros(0, dtype=torch.long)
        return none, none
    middles, reach = (cells[:, :2] + 0.5) * cells[:, 2:], RADIUS * cells[:, 2]
    within = _inside(middles, target.boxes)
    centred = ((target.boxes[:, None, :2] + target.boxes[:, None, 2:]) / 2 - middles).abs().amax(-1) < reach
    maybe = (within | centred).any(0).nonzero()[:, 0]
    if not len(maybe):
        return maybe, maybe
    overlap = iou(target.boxes[:, None], boxes[maybe])
    scores = logits[maybe].sigmoid()
    likely = (scores[:, BOX, None] * scores[:, BOX + 1 :]).sqrt()
    wanted = torch.zeros(len(target.boxes), likely.shape[1])
    wanted[torch.arange(len(wanted)), target.labels] = 1.0
    shape = (len(wanted), *likely.shape)
    unlike = binary_cross_entropy(likely.expand(shape), wanted[:, None].expand(shape), reduction="none").sum(
        -1
    )
    cost = unlike - _IOU_COST * overlap.clamp(min=1e-8).log()
    cost = cost + _OUTSIDE_COST * ~(within & centred)[:, maybe]
    best = overlap.topk(min(CANDIDATES, len(maybe))).values.sum(1).int().clamp(min=1)
    rank = cost.argsort(1).argsort(1)
    cost = cost.masked_fill(rank >= best[:, None], torch.inf)
    cheapest, box = cost.min(0)
    taken = cheapest.isfinite()
    return maybe[taken], box[taken]


def _inside(points: Tensor, boxes: Tensor) -> Tensor:
    """N x A: whether each of A points is in each of N boxes."""
    return ((points > boxes[:, None, :2]) & (points < boxes[:, None, 2:])).all(-1)
