"""YOLOX-Nano: depthwise CSPDarknet, PAFPN, decoupled head (Ge et al. 2021, arXiv:2107.08430).

Parts are registered in the order in which they compute, which is that of the published ONNX file. As in
that file a convolution has a bias and no batch normalisation, which its authors folded in: what is trained
is what is exported.
"""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor, nn

LEVELS = (64, 128, 256)
"""Channels at strides 8, 16 and 32."""

WIDTH = 64
"""Channels of the head."""

STEM = (12, 3, 3)
"""Channels and size of the published stem's convolution: see `spread`."""

BOX = 4
"""Columns of a box: the middle's offset from the cell and the logarithmic size, both in strides."""


Maps = tuple[Tensor, Tensor, Tensor]


def _conv(inputs: int, outputs: int, kernel: int = 1, stride: int = 1, groups: int = 1) -> nn.Sequential:
    return nn.Sequential(
        nn.Conv2d(inputs, outputs, kernel, stride, kernel // 2, groups=groups), nn.SiLU(inplace=True)
    )


def _depthwise(inputs: int, outputs: int, stride: int = 1) -> nn.Sequential:
    """3 x 3 by channel, then 1 x 1 over them."""
    return nn.Sequential(_conv(inputs, inputs, 3, stride, inputs), _conv(inputs, outputs))


class _Block(nn.Module):
    def __init__(self, channels: int, *, shortcut: bool) -> None:
        super().__init__()
        self.narrow = _conv(channels, channels)
        self.look = _depthwise(channels, channels)
        self._shortcut = shortcut

    def forward(self, x: Tensor) -> Tensor:
        y: Tensor = self.look(self.narrow(x))
        return y + x if self._shortcut else y


class _Csp(nn.Module):
    """Half of the channels goes through `blocks`, half past them (Wang et al. 2020, "CSPNet")."""

    def __init__(self, inputs: int, outputs: int, blocks: int, *, shortcut: bool) -> None:
        super().__init__()
        half = outputs // 2
        self.into = _conv(inputs, half)
        self.past = _conv(inputs, half)
        self.blocks = nn.Sequential(*[_Block(half, shortcut=shortcut) for _ in range(blocks)])
        self.join = _conv(outputs, outputs)

    def forward(self, x: Tensor) -> Tensor:
        joined: Tensor = self.join(torch.cat([self.blocks(self.into(x)), self.past(x)], 1))
        return joined


class _Pyramid(nn.Module):
    """Maxima over 5, 9 and 13 cells beside the map itself (He et al. 2014, "Spatial Pyramid Pooling")."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.narrow = _conv(channels, channels // 2)
        self.pool = nn.MaxPool2d(5, 1, 2)  # twice it is one of 9, thrice of 13, in a quarter of the time
        self.join = _conv(channels * 2, channels)

    def forward(self, x: Tensor) -> Tensor:
        x = self.narrow(x)
        seen = [x]
        for _ in range(3):
            seen.append(self.pool(seen[-1]))
        joined: Tensor = self.join(torch.cat(seen, 1))
        return joined


class _Body(nn.Module):
    """N x 3 x H x W -> maps at strides 8, 16 and 32.

    The published stem puts every second row and column into channels of their own and convolves these by 3 x
    3: the same sums as one convolution of 6 x 6, which is faster (see `spread`).
    """

    def __init__(self) -> None:
        super().__init__()
        self.stem = nn.Sequential(nn.Conv2d(3, 16, 6, 2, 2), nn.SiLU(inplace=True))
        self.fine = nn.Sequential(
            _depthwise(16, 32, 2),
            _Csp(32, 32, 1, shortcut=True),
            _depthwise(32, 64, 2),
            _Csp(64, 64, 3, shortcut=True),
        )
        self.middle = nn.Sequential(_depthwise(64, 128, 2), _Csp(128, 128, 3, shortcut=True))
        self.coarse = nn.Sequential(_depthwise(128, 256, 2), _Pyramid(256), _Csp(256, 256, 1, shortcut=False))

    def forward(self, x: Tensor) -> Maps:
        return self.beyond(self.fine(self.stem(x)))

    def beyond(self, fine: Tensor) -> Maps:
        """All three maps by the finest."""
        middle = self.middle(fine)
        return fine, middle, self.coarse(middle)


class _Neck(nn.Module):
    """Down from coarse to fine and up again (Liu et al. 2018, "Path Aggregation Network")."""

    def __init__(self) -> None:
        super().__init__()
        fine, middle, coarse = LEVELS
        self.narrow_coarse = _conv(coarse, middle)
        self.down_middle = _Csp(coarse, middle, 1, shortcut=False)
        self.narrow_middle = _conv(middle, fine)
        self.down_fine = _Csp(middle, fine, 1, shortcut=False)
        self.shrink_fine = _depthwise(fine, fine, 2)
        self.up_middle = _Csp(middle, middle, 1, shortcut=False)
        self.shrink_middle = _depthwise(middle, middle, 2)
        self.up_coarse = _Csp(coarse, coarse, 1, shortcut=False)
        self._larger = nn.Upsample(scale_factor=2, mode="nearest")

    def forward(self, fine: Tensor, middle: Tensor, coarse: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        narrow_coarse = self.narrow_coarse(coarse)
        middle = self.down_middle(torch.cat([self._larger(narrow_coarse), middle], 1))
        narrow_middle = self.narrow_middle(middle)
        fine = self.down_fine(torch.cat([self._larger(narrow_middle), fine], 1))
        middle = self.up_middle(torch.cat([self.shrink_fine(fine), narrow_middle], 1))
        coarse = self.up_coarse(torch.cat([self.shrink_middle(middle), narrow_coarse], 1))
        return fine, middle, coarse


class _Head(nn.Module):
    """The columns of one level: N x C x H x W -> N x (5 + labels) x H x W, logits of object and labels."""

    def __init__(self, inputs: int, labels: int) -> None:
        super().__init__()
        self.stem = _conv(inputs, WIDTH)
        self.label_look = nn.Sequential(_depthwise(WIDTH, WIDTH), _depthwise(WIDTH, WIDTH))
        self.labels = nn.Conv2d(WIDTH, labels, 1)
        self.box_look = nn.Sequential(_depthwise(WIDTH, WIDTH), _depthwise(WIDTH, WIDTH))
        self.box = nn.Conv2d(WIDTH, BOX, 1)
        self.object = nn.Conv2d(WIDTH, 1, 1)

    def forward(self, x: Tensor) -> tuple[Tensor, Tensor]:
        x = self.stem(x)
        boxes = self.box_look(x)
        labels = self.labels(self.label_look(x))
        return self.box(boxes), torch.cat([self.object(boxes), labels], 1)


class YoloXNano(nn.Module):
    """N x 3 x H x W float32 BGR in 0..255 (H, W multiples of 32) -> N x A x (5 + labels), a row a cell.

    A row is a box (`BOX`), the object's and each label's value: logits while it trains, else probabilities.
    """

    def __init__(self, labels: int) -> None:
        super().__init__()
        self.body = _Body()
        self.neck = _Neck()
        self.heads = nn.ModuleList([_Head(channels, labels) for channels in LEVELS])

    def levels(self, x: Tensor) -> tuple[Maps, Maps]:
        """Maps of LEVELS at strides 8, 16 and 32: the body's, and those that all heads look at."""
        body = self.body(x)
        return body, self.neck(*body)

    def forward(self, x: Tensor) -> Tensor:
        _, levels = self.levels(x)
        return rows(columns(self.heads, levels))


def spread(weight: Tensor) -> Tensor:
    """The weight of a 3 x 3 convolution of 12 channels (rows and columns apart, as the published stem is:
    even and odd rows of even columns, then of odd) as one of 6 x 6 of 3 channels, by a stride of 2."""
    outputs = len(weight)
    parts = weight.reshape(outputs, 2, 2, 3, 3, 3)  # outputs, column, row, colour, y, x
    return parts.permute(0, 3, 4, 2, 5, 1).reshape(outputs, 3, 6, 6)


def columns(heads: nn.ModuleList, levels: Sequence[Tensor]) -> list[Tensor]:
    """What `heads`, one a level, say of each: N x (5 + labels) x H x W."""
    said = []
    for head, level in zip(heads, levels):
        boxes, scores = head(level)
        said.append(torch.cat([boxes, scores if heads.training else scores.sigmoid()], 1))
    return said


def rows(levels: Sequence[Tensor]) -> Tensor:
    """Maps of columns, N x C x H x W each, as N x A x C: a row a cell."""
    return torch.cat([level.flatten(2) for level in levels], 2).transpose(1, 2)
