"""The weights of a bundle as a network that can go on learning.

An exported network has its batch norms folded into its convolutions. Here they come back: each gets the
statistics of some pictures, and the scale and shift with which the network answers as before.
"""

from __future__ import annotations

from typing import Any, Dict, List, NamedTuple, Optional, Sequence

import numpy as np
import onnx
import torch
from onnx import numpy_helper
from torch import Tensor, nn

from agent.inference.bundle import load_bundle
from agent.inference.manifest import Task
from models.data import DataError

_LEAST = 1e-8
"""Size of a filter of zeros."""


class _Pair(NamedTuple):
    """A convolution and the batch norm behind it, each with its name; None where there is no norm."""

    name: str
    convolution: nn.Conv2d
    behind: Optional[str] = None
    norm: Any = None


def unfolded(
    net: nn.Module, bundle: str, task: Task = "fire-classification", lacking: int = 0
) -> Dict[str, Tensor]:
    """The state of `net` with the weights of that bundle, pruned or not; its batch norms scale and add.

    `net` is of the architecture that was exported: convolutions, with a batch norm behind each or a bias, and
    at most one linear layer. The file has them in the order in which they compute; the last `lacking` may be
    missing in an older one, and stay what they are. Before a norm a filter is of size 1, so that all learn
    alike. Raises BundleError, and DataError for a bundle of another network, or of one that was quantised.
    """
    loaded = load_bundle(bundle, task)
    graph = onnx.load(str(loaded.model)).graph
    values = _constants(graph)
    layers = _as_computed(net, loaded.manifest.input.width)
    outputs = {one.name for one in graph.output}  # the map of heat is one, and the linear layer's weights
    convolutions = [node for node in graph.node if node.op_type == "Conv" and not outputs & set(node.output)]
    linear = [node for node in graph.node if node.op_type == "Gemm"]
    heads = [name for name, layer in net.named_modules() if isinstance(layer, nn.Linear)]
    if not 0 <= len(layers) - len(convolutions) <= lacking or len(linear) != len(heads):
        raise DataError(
            f"{bundle} has {len(convolutions)} convolutions, the network {len(layers)}: name its --net"
        )
    if not all(name in values for node in (*convolutions, *linear) for name in node.input[1:]):
        raise DataError(f"{bundle} was quantised: start from the bundle that it was made of")
    state = dict(net.state_dict())
    for node, pair in zip(convolutions, layers):
        weight, shift = (values[name] for name in node.input[1:])
        state[f"{pair.name}.weight"] = weight
        state[f"{pair.behind or pair.name}.bias"] = shift
        if pair.norm is not None:
            size = weight.square().sum((1, 2, 3)).sqrt().clamp_min(_LEAST)
            state[f"{pair.name}.weight"] = weight / size[:, None, None, None]
            state[f"{pair.behind}.weight"] = size
            state[f"{pair.behind}.running_mean"] = torch.zeros_like(shift)
            state[f"{pair.behind}.running_var"] = torch.full_like(shift, 1 - pair.norm.eps)
    for node, head in zip(linear, heads):
        state[f"{head}.weight"], state[f"{head}.bias"] = (values[name] for name in node.input[1:])
    return state


@torch.no_grad()
def settle(net: nn.Module, batches: Sequence[Tensor]) -> None:
    """Give every batch norm the statistics of `batches` (each N x 3 x S x S), and the scale and shift that
    leave what it answers as it is.

    While it learns, a network normalises by what it sees; with statistics that are not those of its pictures
    it would answer at random from the first step on.
    """
    pairs = [pair for pair in _pairs(net) if pair.norm is not None]
    sums: List[List[Any]] = [[0, 0.0, 0.0] for _ in pairs]

    def watch(number: int) -> Any:
        def count(_: nn.Module, __: Any, out: Tensor) -> None:
            values = out.transpose(0, 1).flatten(1).double()
            sums[number][0] += values.shape[1]
            sums[number][1] = sums[number][1] + values.sum(1)
            sums[number][2] = sums[number][2] + (values**2).sum(1)

        return count

    hooks = [pair.convolution.register_forward_hook(watch(number)) for number, pair in enumerate(pairs)]
    net.eval()
    for batch in batches:
        net(batch)
    for hook in hooks:
        hook.remove()
    for (*_, norm), (count, total, squares) in zip(pairs, sums):
        mean = (total / count).float()
        variance = (squares / count - (total / count) ** 2).clamp_min(0).float()
        scale = norm.weight / torch.sqrt(norm.running_var + norm.eps)
        norm.bias += (mean - norm.running_mean) * scale
        norm.weight.copy_(scale * torch.sqrt(variance + norm.eps))
        norm.running_mean.copy_(mean)
        norm.running_var.copy_(variance)


@torch.no_grad()
def _as_computed(net: nn.Module, side: int) -> List[_Pair]:
    """As `_pairs`, in the order in which a picture of that side goes through them."""
    order: List[_Pair] = []
    hooks = [
        pair.convolution.register_forward_hook(lambda *_, pair=pair: order.append(pair))
        for pair in _pairs(net)
    ]
    net.eval()(torch.zeros(1, 3, side, side))
    for hook in hooks:
        hook.remove()
    return order


def _pairs(net: nn.Module) -> List[_Pair]:
    """Every convolution, in the order of the modules."""
    found: List[_Pair] = []
    for name, layer in net.named_modules():
        if isinstance(layer, nn.Conv2d):
            found.append(_Pair(name, layer))
        elif isinstance(layer, nn.BatchNorm2d):
            found[-1] = found[-1]._replace(behind=name, norm=layer)
    return found


def _constants(graph: Any) -> Dict[str, Tensor]:
    """Every float32 constant, and what is stored as float16 and cast (`export --half`), by name."""
    found = {one.name: numpy_helper.to_array(one) for one in graph.initializer}
    for node in graph.node:
        if node.op_type == "Cast" and node.input[0] in found:
            found[node.output[0]] = found[node.input[0]]
    return {
        name: torch.from_numpy(value.astype(np.float32))
        for name, value in found.items()
        if value.dtype in (np.float16, np.float32)
    }
