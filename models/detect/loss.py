"""What a detector learns from: boxes that people drew, and what its parent sees (distillation)."""

from __future__ import annotations

from typing import Dict, Sequence, Tuple

import torch
from torch import Tensor
from torch.nn.functional import binary_cross_entropy_with_logits as entropy

from models.detect.assign import Target, assigned, corners, iou
from models.nets.yolox import BOX

FIRST = BOX + 1
"""The column of the first label."""

_BOX_WEIGHT = 5.0
"""As by YOLOX's authors."""

_GUESSED = 0.3
"""A score from which the network's own find of a label that nobody looked for is let be: it may be right."""


def loss(
    logits: Tensor, taught: Tensor, targets: Sequence[Target], cells: Tensor
) -> Tuple[Tensor, Dict[str, float]]:
    """The loss of a batch, and its parts by name.

    `logits` are N x A x (5 + labels) of the network, `taught` N x A x (5 + old labels) the probabilities
    that the parent gives on the same pictures, `cells` A x 3 (column, row, stride). Old labels come first.

    - A cell that SimOTA gives to a drawn box learns that box, its label, and that something is there.
    - Every other cell learns from the parent whether something is there, and the more the surer the parent
      is its box and its old labels; and that no new label is there, unless nobody looked for it.
    """
    boxes = corners(logits, cells)
    sure = taught[..., BOX] * taught[..., FIRST:].amax(-1)
    parts = {name: logits.new_zeros(()) for name in ("object", "box", "label", "taught box", "taught label")}
    mass = logits.new_zeros(())
    for row, teacher, box, weight, target in zip(logits, taught, boxes, sure, targets):
        chosen, which = assigned(row.detach(), box.detach(), target, cells)
        weight = weight.clone()
        weight[chosen] = 0.0
        mass = mass + weight.sum() + len(chosen)
        wanted = teacher[:, BOX].clone()
        wanted[chosen] = 1.0
        counts = ~_guessed(row.detach(), target)
        counts[chosen] = True
        parts["object"] = parts["object"] + entropy(row[:, BOX], wanted, counts.float(), reduction="sum")
        overlap = iou(box[chosen], target.boxes[which])
        parts["box"] = parts["box"] + _BOX_WEIGHT * (1 - overlap**2).sum()
        labels = torch.zeros(len(chosen), row.shape[1] - FIRST)
        labels[torch.arange(len(chosen)), target.labels[which]] = overlap.detach()
        parts["label"] = parts["label"] + _labels(
            row[chosen], labels, torch.ones(len(chosen)), target, teacher
        )
        same = iou(box, corners(teacher, cells))
        parts["taught box"] = parts["taught box"] + _BOX_WEIGHT * (weight * (1 - same**2)).sum()
        absent = torch.zeros(len(row), row.shape[1] - teacher.shape[1])
        labels = torch.cat([teacher[:, FIRST:], absent], 1)
        parts["taught label"] = parts["taught label"] + _labels(row, labels, weight, target, teacher)
    means = {name: part / mass.clamp(min=1.0) for name, part in parts.items()}
    total: Tensor = torch.stack(list(means.values())).sum()
    return total, {name: float(part.detach()) for name, part in means.items()}


def _labels(row: Tensor, wanted: Tensor, weight: Tensor, target: Target, teacher: Tensor) -> Tensor:
    """Of the labels that the parent has or people looked for."""
    old = torch.arange(wanted.shape[1]) < teacher.shape[1] - FIRST
    each = entropy(row[:, FIRST:], wanted, reduction="none") * (old | target.labelled)
    return (each.sum(1) * weight).sum()


def _guessed(row: Tensor, target: Target) -> Tensor:
    """The cells where the network sees a new label that nobody looked for."""
    scores = row.sigmoid()
    unsought = scores[:, FIRST:] * scores[:, BOX, None] * target.unsought
    return unsought.amax(1) > _GUESSED
