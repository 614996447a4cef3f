"""The city's detector: YOLOX-Nano as it is published, and beside its heads one for flames and smoke.

The published network is not touched: what it saw of people and vehicles it sees as before, whatever the new
head learns. Its own boxes keep their cells, so that somebody before a fire is seen as well as the fire.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import torch
from torch import Tensor, nn

from models.nets.yolox import BOX, LEVELS, YoloXNano, columns, rows

WIDTHS, LOOKS = (48, 96, 128), 2
"""Channels of the new head at each level, and its 3 x 3 convolutions: as many as the time of COCO's classes
that are left out pays. Coarse levels have few cells, where channels cost little."""

_PRIOR = 0.01
"""Probability of an object in a cell at first (Lin et al. 2017, "Focal Loss")."""


def _conv(inputs: int, outputs: int, kernel: int = 1, groups: int = 1) -> nn.Sequential:
    return nn.Sequential(
        nn.Conv2d(inputs, outputs, kernel, padding=kernel // 2, groups=groups, bias=False),
        nn.BatchNorm2d(outputs),
        nn.ReLU(inplace=True),
    )


class _Head(nn.Module):
    """The columns of one level: N x C x H x W -> N x 4 x H x W and N x (1 + labels) x H x W, logits."""

    def __init__(self, inputs: int, width: int, labels: int) -> None:
        super().__init__()
        looks = [(_conv(width, width, 3, width), _conv(width, width)) for _ in range(LOOKS)]
        self.look = nn.Sequential(_conv(inputs, width), *[part for pair in looks for part in pair])
        self.box = nn.Conv2d(width, BOX, 1)
        self.scores = nn.Conv2d(width, 1 + labels, 1)
        nn.init.zeros_(self.box.weight)
        nn.init.zeros_(self.box.bias)
        nn.init.constant_(self.scores.bias, -math.log(1 / _PRIOR - 1))

    def forward(self, x: Tensor) -> tuple[Tensor, Tensor]:
        x = self.look(x)
        return self.box(x), self.scores(x)


class Flames(nn.Module):
    """Heads for `labels` more labels on the levels of a YoloXNano, beside what its own heads say of them
    (N x (5 + its labels) x H x W each) -> N x A x (5 + labels) as it has them.

    A cell's box is that of the published network, moved: it knows where things end, and what is learnt is
    the difference.
    """

    def __init__(self, labels: int) -> None:
        super().__init__()
        self.heads = nn.ModuleList([_Head(*sizes, labels) for sizes in zip(LEVELS, WIDTHS)])

    def columns(self, levels: Sequence[Tensor], said: Sequence[Tensor]) -> list[Tensor]:
        """Of each level, N x (5 + labels) x H x W."""
        found = []
        for head, level, published in zip(self.heads, levels, said):
            moved, scores = head(level)
            scores = scores if self.training else scores.sigmoid()
            found.append(torch.cat([published[:, :BOX] + moved, scores], 1))
        return found

    def forward(self, levels: Sequence[Tensor], said: Sequence[Tensor]) -> Tensor:
        return rows(self.columns(levels, said))


class CityNano(nn.Module):
    """N x 3 x H x W as YoloXNano takes it -> N x A x (5 + labels + 5 + new labels), a row a cell: what the
    published network says of it, then what the new head does."""

    def __init__(self, published: YoloXNano, flames: Flames) -> None:
        super().__init__()
        self.published, self.flames = published, flames

    def forward(self, x: Tensor) -> Tensor:
        levels = self.published.levels(x)
        said = columns(self.published.heads, levels)
        return rows([torch.cat(both, 1) for both in zip(said, self.flames.columns(levels, said))])
