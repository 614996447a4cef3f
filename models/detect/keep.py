"""What a network that goes on learning must still say of things: as much as it said before."""

from __future__ import annotations

from typing import Dict, Sequence, Tuple

import torch
from torch import Tensor
from torch.nn.functional import binary_cross_entropy_with_logits as entropy
from torch.nn.functional import smooth_l1_loss

from models.nets.yolox import BOX, Maps, rows

_MAPS_WEIGHT, _BOX_WEIGHT = 2.0, 2.0

_LEAST = 1.0
"""Of the sum of the teacher's objects in a picture: most show nothing, and must go on showing it."""


def keep(
    said: Sequence[Tensor], neck: Maps, taught: Sequence[Tensor], teacher: Maps
) -> Tuple[Tensor, Dict[str, float]]:
    """The loss of a network that no longer says what its teacher does, and its parts by name.

    `said` and `taught` are the columns of both, of each level N x (5 + labels) x H x W, logits; `neck` and
    `teacher` the maps that their heads look at. Every cell is taught, boxes and labels the more the likelier
    something is there (Hinton et al. 2015, "Distilling the Knowledge in a Neural Network"); and the maps are
    to stay what they are (Romero et al. 2015, "FitNets"), which keeps what no picture at hand shows.
    """
    mine, theirs = rows(list(said)), rows(list(taught))
    there = theirs[..., BOX].sigmoid()
    total = there.sum().clamp(min=_LEAST * len(theirs))
    boxes = smooth_l1_loss(mine[..., :BOX], theirs[..., :BOX], reduction="none", beta=0.2).sum(-1)
    labels = _apart(mine[..., BOX + 1 :], theirs[..., BOX + 1 :]).sum(-1)
    maps = [(one - other).square().mean() / other.square().mean() for one, other in zip(neck, teacher)]
    parts = {
        "kept objects": _apart(mine[..., BOX], theirs[..., BOX]).sum() / total,
        "kept boxes": _BOX_WEIGHT * (there * boxes).sum() / total,
        "kept labels": (there * labels).sum() / total,
        "kept maps": _MAPS_WEIGHT * torch.stack(maps).sum(),
    }
    loss = torch.stack(list(parts.values())).sum()
    return loss, {name: float(part.detach()) for name, part in parts.items()}


def _apart(logits: Tensor, taught: Tensor) -> Tensor:
    """Of each number the cross-entropy to what is taught, less what cannot be avoided."""
    wanted = taught.sigmoid()
    return entropy(logits, wanted, reduction="none") - entropy(taught, wanted, reduction="none")
