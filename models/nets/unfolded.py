"""The weights of a bundle as a network that can go on learning.

An exported network has its batch norms folded into its convolutions. Here they come back: each gets the
statistics of some pictures, and the scale and shift with which the network answers as before.
"""

from __future__ import annotations

from typing import Any, Dict, List, Sequence, Tuple

import numpy as np
import onnx
import torch
from onnx import numpy_helper
from torch import Tensor, nn

from agent.inference.bundle import load_bundle
from models.data import DataError


def unfolded(net: nn.Module, bundle: str) -> Dict[str, Tensor]:
    """The state of `net` with the weights of that bundle, pruned or not; its batch norms do nothing but add.

    `net` is of the architecture that was exported: every convolution with a batch norm behind it, and one
    linear layer. The file has them in the order in which they compute. Raises BundleError, and DataError for
    a bundle of another network, or of one that was quantised.
    """
    loaded = load_bundle(bundle, "fire-classification")
    graph = onnx.load(str(loaded.model)).graph
    values = _constants(graph)
    layers = _as_computed(net, loaded.manifest.input.width)
    outputs = {one.name for one in graph.output}  # the map of heat is one, and the linear layer's weights
    convolutions = [node for node in graph.node if node.op_type == "Conv" and not outputs & set(node.output)]
    linear = [node for node in graph.node if node.op_type == "Gemm"]
    if len(convolutions) != len(layers) or len(linear) != 1:
        raise DataError(
            f"{bundle} has {len(convolutions)} convolutions, the network {len(layers)}: name its --net"
        )
    if not all(name in values for node in (*convolutions, *linear) for name in node.input[1:]):
        raise DataError(f"{bundle} was quantised: start from the bundle that it was made of")
    state = dict(net.state_dict())
    for node, (convolution, _, norm, layer) in zip(convolutions, layers):
        weight, shift = (values[name] for name in node.input[1:])
        state[f"{convolution}.weight"] = weight
        state[f"{norm}.weight"] = torch.ones_like(shift)
        state[f"{norm}.bias"] = shift
        state[f"{norm}.running_mean"] = torch.zeros_like(shift)
        state[f"{norm}.running_var"] = torch.full_like(shift, 1 - layer.eps)
    [head] = [name for name, layer in net.named_modules() if isinstance(layer, nn.Linear)]
    state[f"{head}.weight"], state[f"{head}.bias"] = (values[name] for name in linear[0].input[1:])
    return state


@torch.no_grad()
def settle(net: nn.Module, batches: Sequence[Tensor]) -> None:
    """Give every batch norm the statistics of `batches` (each N x 3 x S x S), and the scale and shift that
    leave what it answers as it is.

    While it learns, a network normalises by what it sees; with statistics that are not those of its pictures
    it would answer at random from the first step on.
    """
    pairs = _pairs(net)
    sums: List[List[Any]] = [[0, 0.0, 0.0] for _ in pairs]

    def watch(number: int) -> Any:
        def count(_: nn.Module, __: Any, out: Tensor) -> None:
            values = out.transpose(0, 1).flatten(1).double()
            sums[number][0] += values.shape[1]
            sums[number][1] = sums[number][1] + values.sum(1)
            sums[number][2] = sums[number][2] + (values**2).sum(1)

        return count

    hooks = [pair[1].register_forward_hook(watch(number)) for number, pair in enumerate(pairs)]
    net.eval()
    for batch in batches:
        net(batch)
    for hook in hooks:
        hook.remove()
    for (_, _, _, norm), (count, total, squares) in zip(pairs, sums):
        mean = (total / count).float()
        variance = (squares / count - (total / count) ** 2).clamp_min(0).float()
        scale = norm.weight / torch.sqrt(norm.running_var + norm.eps)
        norm.bias += (mean - norm.running_mean) * scale
        norm.weight.copy_(scale * torch.sqrt(variance + norm.eps))
        norm.running_mean.copy_(mean)
        norm.running_var.copy_(variance)


@torch.no_grad()
def _as_computed(net: nn.Module, side: int) -> List[Tuple[str, nn.Conv2d, str, Any]]:
    """As `_pairs`, in the order in which a picture of that side goes through them."""
    pairs, order = _pairs(net), []
    hooks = [pair[1].register_forward_hook(lambda *_, pair=pair: order.append(pair)) for pair in pairs]
    net.eval()(torch.zeros(1, 3, side, side))
    for hook in hooks:
        hook.remove()
    return order


def _pairs(net: nn.Module) -> List[Tuple[str, nn.Conv2d, str, Any]]:
    """Name and layer of each convolution and of the batch norm behind it, in the order of the modules."""
    layers = [one for one in net.named_modules() if isinstance(one[1], (nn.Conv2d, nn.BatchNorm2d))]
    pairs = []
    for (name, layer), (behind, norm) in zip(layers[::2], layers[1::2]):
        if not isinstance(layer, nn.Conv2d) or not isinstance(norm, nn.BatchNorm2d):
            raise DataError(f"{name} is not a convolution followed by a batch norm: start from a run instead")
        pairs.append((name, layer, behind, norm))
    return pairs


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
