"""Let a classifier learn as INT8 will compute it: what `quantise` rounds afterwards is rounded in training.

The network keeps its float weights under their names, so that a run is saved, averaged, exported and
quantised as any other. Rounding passes gradients straight through (Jacob et al. 2018, "Quantization and
Training of Neural Networks for Efficient Integer-Arithmetic-Only Inference").

Batch norms stay as they are. Export multiplies each channel's weights by its norm's factor, and their scale,
symmetric and of that channel, is multiplied by the same: which integer a weight becomes does not depend on
the norm. The frozen or corrected norms of Krishnamoorthi 2018 ("Quantizing deep convolutional networks for
efficient inference") are for scales that do.
"""

from __future__ import annotations

from functools import partial
from typing import Any, Dict, List, Mapping, Optional, Sequence, Tuple

import torch
from torch import Tensor, nn

from models.data import DataError
from models.nets.efficientnet_lite import MBConv

MOST = 127
"""The integer that the largest number becomes."""

_KEPT = 0.95
"""Of a range at each batch, where the batch reaches less far: some twenty batches are remembered."""

_LEAST = 1e-12
"""The range of what is all zero."""


class Range:
    """How far from zero the input of a layer reaches, a float32 scalar.

    It grows at once and shrinks slowly, for `quantise` takes the furthest of all pictures that it is shown,
    not their mean.
    """

    def __init__(self) -> None:
        self._followed: Optional[Tensor] = None

    def of(self, given: Tensor, training: bool) -> Tensor:
        if self._followed is not None and not training:
            return self._followed
        reached = torch.stack(torch.aminmax(given.detach())).abs().amax()
        if not training:
            return reached
        if self._followed is not None:
            reached = torch.maximum(reached, _KEPT * self._followed + (1 - _KEPT) * reached)
        self._followed = reached
        return reached


class Attached:
    """What `attach` did: `ranges`, by layer, which belong to all the networks; `remove` undoes it."""

    def __init__(self, ranges: Dict[str, Range]) -> None:
        self.ranges = ranges
        self._handles: List[Any] = []

    def add(self, net: nn.Module, layers: Mapping[str, nn.Module]) -> None:
        for name, layer in layers.items():
            entrance = _entrance(net, name)
            self._handles += [
                entrance.register_forward_pre_hook(partial(_round_input, self.ranges[name])),
                layer.register_forward_pre_hook(_take_rounded_weights),
                layer.register_forward_hook(_give_back_weights, always_call=True),
            ]

    def remove(self) -> None:
        for handle in self._handles:
            handle.remove()


def attach(net: nn.Module, *others: nn.Module, left: Sequence[str] = ()) -> Attached:
    """Have `net` compute as its INT8 bundle will; `others`, of its shape, use the ranges that it follows.

    While `net` trains, the range of a layer's input is that of the last batches. In evaluation it stays as
    it is; before any training, each batch is measured by itself. Ranges are not saved: `quantise` measures
    its own. `left` are layers that stay in floating point, as `quantise --float` names them; DataError is
    raised for one that is not there.
    """
    attached = Attached({name: Range() for name in rounded_layers(net, left)})
    for one in (net, *others):
        attached.add(one, rounded_layers(one, left))
    return attached


def rounded_layers(net: nn.Module, left: Sequence[str] = ()) -> Dict[str, nn.Module]:
    """The layers, by name, that `quantise` computes in INT8: neither the last one nor depthwise ones.

    `left` are others that it shall not, as `--float` names them. Raises DataError where one is not there.
    """
    *inner, _last = (
        (name, layer) for name, layer in net.named_modules() if isinstance(layer, (nn.Conv2d, nn.Linear))
    )
    exempt = {_module_of(node): node for node in left}
    unknown = set(exempt) - {name for name, _ in inner}
    if unknown:
        raise DataError(f"the network has no layer {exempt[min(unknown)]} that could stay in floating point")
    return {name: layer for name, layer in inner if getattr(layer, "groups", 1) == 1 and name not in exempt}


def _module_of(node: str) -> str:
    """/_blocks.0/_project_conv/Conv -> _blocks.0._project_conv"""
    return node.strip("/").rpartition("/")[0].replace("/", ".")


def _entrance(net: nn.Module, name: str) -> nn.Module:
    """What is handed the input of that layer: the layer or, where it begins a block, the block, for its
    shortcut takes the rounded numbers as well."""
    layer, block = net.get_submodule(name), net.get_submodule(name.rpartition(".")[0])
    if not isinstance(block, MBConv):
        return layer
    first = next(one for one in block.modules() if isinstance(one, nn.Conv2d))
    return block if first is layer else layer


def _round_input(followed: Range, module: nn.Module, given: Tuple[Tensor]) -> Tensor:
    (x,) = given
    return _round(x, followed.of(x, module.training))


def _take_rounded_weights(layer: nn.Module, _: Any) -> None:
    vars(layer)["weight"] = _round_weights(layer.get_parameter("weight"))  # is found before the parameter


def _give_back_weights(layer: nn.Module, *_: Any) -> None:
    vars(layer).pop("weight", None)


def _round(x: Tensor, reach: Tensor) -> Tensor:
    """All of `x` with one scale; what lies further than `reach` becomes the last integer."""
    scale = reach.clamp_min(_LEAST) / MOST
    zero = torch.zeros_like(scale, dtype=torch.int32)
    return torch.fake_quantize_per_tensor_affine(x, scale, zero, -MOST - 1, MOST)


def _round_weights(weights: Tensor) -> Tensor:
    """Each output channel with a scale of its own."""
    scale = weights.detach().flatten(1).abs().amax(1).clamp_min(_LEAST) / MOST
    zero = torch.zeros_like(scale, dtype=torch.int32)
    return torch.fake_quantize_per_channel_affine(weights, scale, zero, 0, -MOST, MOST)
