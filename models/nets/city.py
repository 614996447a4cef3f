"""The city's detector: YOLOX-Nano, and beside its heads one for flames and smoke.

Both heads keep a box for every cell, so that somebody before a fire is seen as well as the fire. Whether the
published network stays as it is or learns on is up to who trains it (models.detect.loop).
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import torch
from torch import Tensor, nn

from models.nets.yolox import BOX, LEVELS, Maps, YoloXNano, columns, rows

WIDTHS, LOOKS = (48, 96, 128), 2
"""Channels of the new head at each level, and its 3 x 3 convolutions. Coarse levels have few cells, where
channels cost little."""

_PRIOR = 0.01
"""Probability of an object in a cell at first (Lin et al. 2017, "Focal Loss")."""


def _conv(inputs: int, outputs: int, kernel: int = 1, groups: int = 1) -> nn.Sequential:
    return nn.Sequential(
        nn.Conv2d(inputs, outputs, kernel, padding=kernel // 2, groups=groups, bias=False),
        nn.BatchNorm2d(outputs),
        nn.ReLU(inplace=True),
    )


class _Head(nn.Module):
    """The columns of one level: N x width x H x W -> N x 4 x H x W and N x (1 + labels) x H x W, logits."""

    def __init__(self, width: int, labels: int) -> None:
        super().__init__()
        looks = [(_conv(width, width, 3, width), _conv(width, width)) for _ in range(LOOKS)]
        self.look = nn.Sequential(*[part for pair in looks for part in pair])
        self.box = nn.Conv2d(width, BOX, 1)
        self.scores = nn.Conv2d(width, 1 + labels, 1)
        nn.init.zeros_(self.box.weight)
        nn.init.zeros_(self.box.bias)
        nn.init.constant_(self.scores.bias, -math.log(1 / _PRIOR - 1))

    def forward(self, x: Tensor) -> tuple[Tensor, Tensor]:
        x = self.look(x)
        return self.box(x), self.scores(x)


class Flames(nn.Module):
    """Heads for `labels` more labels beside those of a YoloXNano -> N x A x (5 + labels) as it has them.

    They look at the body's maps as well as the neck's, for a flame is colour and flicker before it is a
    shape, and each level at the coarser one (Lin et al. 2017, "Feature Pyramid Networks"). A cell's box is
    that of the published network, moved: it knows where things end, and what is learnt is the difference.
    """

    def __init__(self, labels: int) -> None:
        super().__init__()
        self.into = nn.ModuleList([_conv(2 * inputs, width) for inputs, width in zip(LEVELS, WIDTHS)])
        self.down = nn.ModuleList([_conv(coarse, fine) for fine, coarse in zip(WIDTHS, WIDTHS[1:])])
        self.heads = nn.ModuleList([_Head(width, labels) for width in WIDTHS])
        self._larger = nn.Upsample(scale_factor=2, mode="nearest")

    def columns(self, body: Maps, neck: Maps, said: Sequence[Tensor]) -> list[Tensor]:
        """Of each level, N x (5 + labels) x H x W; `said` are the columns of the published heads."""
        seen = [into(torch.cat(maps, 1)) for into, *maps in zip(self.into, body, neck)]
        for level in (1, 0):
            seen[level] = seen[level] + self._larger(self.down[level](seen[level + 1]))
        found = []
        for head, level, published in zip(self.heads, seen, said):
            moved, scores = head(level)
            scores = scores if self.training else scores.sigmoid()
            found.append(torch.cat([published[:, :BOX] + moved, scores], 1))
        return found


class CityNano(nn.Module):
    """N x 3 x H x W as YoloXNano takes it -> N x A x (5 + labels + 5 + new labels), a row a cell: what the
    published network says of it, then what the new head does."""

    def __init__(self, published: YoloXNano, flames: Flames) -> None:
        super().__init__()
        self.published, self.flames = published, flames

    def forward(self, x: Tensor) -> Tensor:
        _, said, new = self.looked(x)
        return rows([torch.cat(both, 1) for both in zip(said, new)])

    def told_by(self) -> list[nn.Module]:
        """The convolutions that put out columns, and the maps that the published heads look at."""
        neck = self.published.neck
        found = [layer.join[0] for layer in (neck.down_fine, neck.up_middle, neck.up_coarse)]
        for published, new in zip(self.published.heads, self.flames.heads):
            found += [published.labels, published.box, published.object, new.box, new.scores]
        return found

    def looked(self, x: Tensor) -> tuple[tuple[Maps, Maps], list[Tensor], list[Tensor]]:
        """The maps of the body and of the neck, and of each level what both heads say."""
        body, neck = self.published.levels(x)
        said = columns(self.published.heads, neck)
        return (body, neck), said, self.flames.columns(body, neck, said)
