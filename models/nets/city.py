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


SCENE_SHARE = 0.25
"""What a logit of the whole picture counts by one of the cell; chosen on validation pictures."""


class _Scene(nn.Module):
    """What the whole picture speaks for: N x (1 + labels) x 1 x 1, logits, by the means and the maxima of the
    head's maps: a fire fills a picture or hides in it."""

    def __init__(self, labels: int) -> None:
        super().__init__()
        self._mean = nn.AdaptiveAvgPool2d(1)
        self._dropout = nn.Dropout(0.2)
        self.scores = nn.Conv2d(2 * sum(WIDTHS), 1 + labels, 1)
        nn.init.zeros_(self.scores.weight)
        nn.init.zeros_(self.scores.bias)

    def forward(self, seen: Sequence[Tensor]) -> Tensor:
        pooled = [self._mean(one) for one in seen] + [one.amax((2, 3), keepdim=True) for one in seen]
        scores: Tensor = self.scores(self._dropout(torch.cat(pooled, 1)))
        return scores


class Flames(nn.Module):
    """Heads for `labels` more labels beside those of a YoloXNano -> N x A x (5 + labels) as it has them.

    They look at the body's maps as well as the neck's, for a flame is colour and flicker before it is a
    shape, and each level at the coarser one (Lin et al. 2017, "Feature Pyramid Networks"). A cell's box is
    that of the published network, moved: it knows where things end, and what is learnt is the difference.
    To a cell's scores comes a share of those of the whole picture: a lamp looks like a flame from near.
    """

    def __init__(self, labels: int) -> None:
        super().__init__()
        self.into = nn.ModuleList([_conv(2 * inputs, width) for inputs, width in zip(LEVELS, WIDTHS)])
        self.down = nn.ModuleList([_conv(coarse, fine) for fine, coarse in zip(WIDTHS, WIDTHS[1:])])
        self.heads = nn.ModuleList([_Head(width, labels) for width in WIDTHS])
        self.scene = _Scene(labels)
        self._larger = nn.Upsample(scale_factor=2, mode="nearest")

    def columns(self, body: Maps, neck: Maps, said: Sequence[Tensor]) -> tuple[list[Tensor], Tensor]:
        """Of each level, N x (5 + labels) x H x W, and N x (1 + labels) logits of the whole picture.

        `said` are the columns of the published heads.
        """
        seen = self.seen(body, neck)
        each = [head(level) for head, level in zip(self.heads, seen)]
        scene = self.scene(seen)
        known = SCENE_SHARE * (scene.detach() if self.training else scene)  # it learns by pictures alone
        found = []
        for (moved, scores), published in zip(each, said):
            both = scores + known
            both = both if self.training else both.sigmoid()
            found.append(torch.cat([published[:, :BOX] + moved, both], 1))
        return found, scene.flatten(1)

    def seen(self, body: Maps, neck: Maps) -> list[Tensor]:
        """The maps that its heads look at, of WIDTHS."""
        seen = [into(torch.cat(maps, 1)) for into, *maps in zip(self.into, body, neck)]
        for level in (1, 0):
            seen[level] = seen[level] + self._larger(self.down[level](seen[level + 1]))
        return seen


class CityNano(nn.Module):
    """N x 3 x H x W as YoloXNano takes it -> N x A x (5 + labels + 5 + new labels), a row a cell: what the
    published network says of it, then what the new head does."""

    def __init__(self, published: YoloXNano, flames: Flames) -> None:
        super().__init__()
        self.published, self.flames = published, flames

    def forward(self, x: Tensor) -> Tensor:
        _, said, new, _ = self.looked(x)
        return rows([torch.cat(both, 1) for both in zip(said, new)])

    def told_by(self) -> list[nn.Module]:
        """The convolutions that put out columns, and the maps that the published heads look at."""
        neck = self.published.neck
        found = [layer.join[0] for layer in (neck.down_fine, neck.up_middle, neck.up_coarse)]
        found.append(self.flames.scene.scores)
        for published, new in zip(self.published.heads, self.flames.heads):
            found += [published.labels, published.box, published.object, new.box, new.scores]
        return found

    def looked(self, x: Tensor) -> tuple[tuple[Maps, Maps], list[Tensor], list[Tensor], Tensor]:
        """The maps of body and neck, of each level what both heads say, and the whole picture's logits."""
        body, neck = self.published.levels(x)
        said = columns(self.published.heads, neck)
        return (body, neck), said, *self.flames.columns(body, neck, said)
