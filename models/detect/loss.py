"""What the head for flames and smoke learns from: boxes that people drew, and where they drew none."""

from __future__ import annotations

from typing import Dict, Sequence, Tuple

import torch
from torch import Tensor
from torch.nn.functional import binary_cross_entropy_with_logits as entropy
from torch.nn.functional import logsigmoid

from models.detect.assign import Target, assigned, corners, iou
from models.nets.yolox import BOX

FIRST = BOX + 1
"""The column of the first label."""

_BOX_WEIGHT = 5.0
"""As by YOLOX's authors."""

_BURNING_WEIGHT = 3.0
"""Of a picture with flames that nobody boxed, by a cell that learns a box."""

_GUESSED = 0.3
"""A score from which the network's own find of a label that nobody looked for is let be: it may be right."""


def loss(logits: Tensor, targets: Sequence[Target], cells: Tensor) -> Tuple[Tensor, Dict[str, float]]:
    """The loss of a batch by learning cell (Ge et al. 2021, "YOLOX"), and its parts by name.

    `logits` are N x A x (5 + labels), `cells` A x 3 (column, row, stride). A cell that SimOTA gives to a
    drawn box learns that box, its label, and that something is there; every other that nothing is, unless
    the network sees something there that nobody looked for. Where a picture burns and nobody says where, the
    cell that is surest of flames learns that they are there (Andrews et al. 2002, "Support Vector Machines
    for Multiple-Instance Learning").
    """
    boxes = corners(logits, cells)
    parts = {name: logits.new_zeros(()) for name in ("object", "box", "label")}
    learning = 0
    for row, box, target in zip(logits, boxes, targets):
        if target.burning:
            parts["object"] = parts["object"] + _BURNING_WEIGHT * _missed(row, target)
            continue
        chosen, which = assigned(row.detach(), box.detach(), target, cells)
        learning += len(chosen)
        wanted = torch.zeros(len(row))
        wanted[chosen] = 1.0
        counts = ~_guessed(row.detach(), target)
        counts[chosen] = True
        parts["object"] = parts["object"] + entropy(row[:, BOX], wanted, counts.float(), reduction="sum")
        overlap = iou(box[chosen], target.boxes[which])
        parts["box"] = parts["box"] + _BOX_WEIGHT * (1 - overlap**2).sum()
        labels = torch.zeros(len(chosen), row.shape[1] - FIRST)
        labels[torch.arange(len(chosen)), target.labels[which]] = overlap.detach()
        each = entropy(row[chosen, FIRST:], labels, reduction="none") * target.labelled
        parts["label"] = parts["label"] + each.sum()
    means = {name: part / max(1, learning) for name, part in parts.items()}
    total: Tensor = torch.stack(list(means.values())).sum()
    return total, {name: float(part.detach()) for name, part in means.items()}


def scene_loss(scene: Tensor, targets: Sequence[Target]) -> Tensor:
    """Mean cross-entropy of what is said of whole pictures, N x (1 + labels) logits: whether anything burns,
    and whether each label is there, as far as people looked."""
    wanted, known = torch.zeros_like(scene), torch.zeros_like(scene)
    for row, (told, target) in enumerate(zip(wanted, targets)):
        there = target.labels.unique()
        told[1 + there] = 1.0
        told[0] = float(len(there) > 0 or bool(target.burning))
        known[row, 1:] = target.labelled.float()
        known[row, 0] = float(bool(told[0]) or bool(target.labelled.all()))
        if len(target.burning) == 1:
            told[1 + target.burning[0]] = known[row, 1 + target.burning[0]] = 1.0
    return entropy(scene, wanted, known, reduction="sum") / known.sum().clamp(min=1.0)


def _missed(row: Tensor, target: Target) -> Tensor:
    """How unsure the surest cell is of what burns."""
    labels = row[:, [FIRST + one for one in target.burning]].amax(1)
    return -(logsigmoid(row[:, BOX]) + logsigmoid(labels)).max()


def _guessed(row: Tensor, target: Target) -> Tensor:
    """The cells where the network sees a label that nobody looked for."""
    scores = row.sigmoid()
    unsought = scores[:, FIRST:] * scores[:, BOX, None] * ~target.labelled
    return unsought.amax(1) > _GUESSED
