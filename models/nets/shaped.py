"""A network made as narrow as its weights: what pruning leaves needs no description but itself."""

from __future__ import annotations

from typing import Any, Mapping

from torch import Tensor, nn


def load_shaped(net: nn.Module, weights: Mapping[str, Tensor]) -> None:
    """Load `weights` into `net`, whose convolutions, norms and linear layers take their shapes from them.

    Raises RuntimeError, as torch does, for weights of another architecture.
    """
    for name, layer in net.named_modules():
        weight = weights.get(f"{name}.weight")
        if weight is None or weight.shape == layer.get_parameter("weight").shape:
            continue
        _resize(layer, weight, weights.get(f"{name}.bias"))
    net.load_state_dict(weights)


def _resize(layer: Any, weight: Tensor, bias: Any) -> None:
    if isinstance(layer, nn.Conv2d):
        depthwise = 1 < layer.groups == layer.in_channels
        layer.groups = len(weight) if depthwise else layer.groups
        layer.out_channels, layer.in_channels = len(weight), weight.shape[1] * layer.groups
    elif isinstance(layer, nn.BatchNorm2d):
        layer.num_features = len(weight)
        for statistic in ("running_mean", "running_var"):
            setattr(layer, statistic, weight.new_zeros(len(weight)))
    elif isinstance(layer, nn.Linear):
        layer.out_features, layer.in_features = weight.shape
    layer.weight = nn.Parameter(weight.new_zeros(weight.shape))
    if bias is not None:
        layer.bias = nn.Parameter(bias.new_zeros(bias.shape))
