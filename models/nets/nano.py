"""The body of YOLOX-Nano as a classifier: 0.7 million weights, which know streets, people and flames already.

As it is published, batch norms are folded into its convolutions, some of which are a thousand times as large
as others. Here each has one again, and weights of one size before it, so that all learn alike.
"""

from __future__ import annotations

import onnx
import torch
from onnx import numpy_helper
from torch import Tensor, nn

from agent.inference.bundle import load_bundle
from models.nets.yolox import LEVELS, YoloXNano

FEATURES = 512
"""What the linear layer goes by."""

PARENT = "city-nano"
"""The detector that ships, with whose body a new classifier begins."""

_FIRST, _PREFIX = "stem.0", "published.body."

_MEAN, _SCALE = 127.0, 128.0
"""A classifier's pictures come as (value - mean) / scale, RGB; a detector's as values, BGR."""


class FireNano(nn.Module):
    """N x 3 x S x S float32 RGB in -1..1 (S a multiple of 32) -> N x classes logits.

    What the body sees at strides 8 and 16 is averaged to 32, where places are few, and looked at beside the
    coarse map.
    """

    def __init__(self, classes: int, dropout: float = 0.2) -> None:
        super().__init__()
        self.body = YoloXNano(1).body
        _add_norms(self.body)
        self._fine, self._middle = nn.AvgPool2d(4), nn.AvgPool2d(2)
        convolution = nn.Conv2d(sum(LEVELS), FEATURES, 1, bias=False)
        self.join = nn.Sequential(convolution, nn.BatchNorm2d(FEATURES), nn.SiLU(inplace=True))
        self._pool, self._dropout = nn.AdaptiveAvgPool2d(1), nn.Dropout(dropout)
        self.head = nn.Linear(FEATURES, classes)

    def forward(self, x: Tensor) -> Tensor:
        fine, middle, coarse = self.body(x)
        x = self.join(torch.cat([self._fine(fine), self._middle(middle), coarse], 1))
        return self.head(self._dropout(self._pool(x).flatten(1)))


@torch.no_grad()
def fire_nano(classes: int, *, pretrained: bool) -> FireNano:
    """Where `pretrained`, its body sees what that of the detector that ships does, but at the picture's edge
    (what is beyond is grey here, black there).

    Its norms know no statistics then: see models.nets.unfolded.settle.
    """
    net = FireNano(classes)
    said = _shipped() if pretrained else {}
    for name, pair in net.body.named_modules():
        if f"{name}.weight" not in said:
            continue
        weight, shift = said[f"{name}.weight"], said[f"{name}.bias"]
        if name == _FIRST:
            shift = shift + _MEAN * weight.sum((1, 2, 3))
            weight = weight.flip(1) * _SCALE
        convolution, norm = pair.children()
        size = weight.square().sum((1, 2, 3)).sqrt().clamp_min(1e-8)
        convolution.weight.copy_(weight / size[:, None, None, None])
        norm.weight.copy_(size)
        norm.bias.copy_(shift)
        norm.running_var.fill_(1 - norm.eps)
    return net


def _shipped() -> dict[str, Tensor]:
    """The weights of the detector's body by name."""
    graph = onnx.load(str(load_bundle(PARENT).model)).graph
    return {
        one.name[len(_PREFIX) :]: torch.from_numpy(numpy_helper.to_array(one).copy())
        for one in graph.initializer
        if one.name.startswith(_PREFIX)
    }


def _add_norms(part: nn.Module) -> None:
    """Put a batch norm behind every convolution below `part`, which takes the place of its bias."""
    for name, child in part.named_children():
        if isinstance(child, nn.Conv2d):
            child.register_parameter("bias", None)
            setattr(part, name, nn.Sequential(child, nn.BatchNorm2d(child.out_channels)))
        else:
            _add_norms(child)
