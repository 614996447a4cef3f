"""Whether maps depend on what was learnt: those of random weights beside those of the trained network.

The weights are randomised from the last layer down (Adebayo et al. 2018, "Sanity Checks for Saliency Maps").
A map that stays alike shows the picture's edges, not the network's reasons.
"""

from __future__ import annotations

import copy
from dataclasses import dataclass
from typing import Any, Dict, Iterator, List, Mapping, Sequence, Tuple

import numpy as np
import torch
from rich.console import Console
from rich.progress import Progress
from torch import Tensor, nn

from models.explain_maps import METHODS, Map, cells
from models.explain_statistics import Mean, mean, rank_correlation

STAGES = ("last layer", "a quarter", "half", "three quarters", "all layers")
"""How much of the network is random, from the top."""

ALIKE = 0.5
"""From this rank correlation on, with all layers random, maps count as not changed: a convention of ours, as
Adebayo et al. judge by eye."""


@dataclass(frozen=True, eq=False)
class Sanity:
    """Rank correlations with the trained network's maps, by method: of each stage, a value per picture.

    `signed` are of the maps as they are, `size` of their absolute values.
    """

    signed: Dict[str, List[List[float]]]
    size: Dict[str, List[List[float]]]

    def at(self, method: str, stage: int) -> Tuple[Mean, Mean]:
        """Signed and of the size."""
        return mean(self.signed[method][stage]), mean(self.size[method][stage])

    def warnings(self) -> List[str]:
        """A sentence for each method whose maps do not change."""
        found = []
        for method in self.signed:
            alike = max(self.at(method, -1), key=lambda one: one.value)
            if alike.value >= ALIKE:
                found.append(
                    f"The maps of {method} hardly change when all weights are random (rank correlation "
                    f"{alike}): they show what is in the picture, not what the network goes by."
                )
        return found

    def lines(self) -> List[str]:
        found = {method: self.at(method, -1) for method in self.signed}
        return [
            f"all layers random: {method:21} rank correlation {signed}, of absolute values {size}"
            for method, (signed, size) in found.items()
        ]

    def as_dict(self) -> Dict[str, Any]:
        return {
            "pictures": len(next(iter(self.signed.values()))[0]),
            "stages": list(STAGES),
            "rank_correlation": {
                method: [
                    {"signed": signed.as_dict(), "size": size.as_dict()}
                    for signed, size in (self.at(method, stage) for stage in range(len(STAGES)))
                ]
                for method in self.signed
            },
        }


def check(
    net: nn.Module, pictures: Tensor, targets: Sequence[int], maps: Mapping[str, Sequence[Map]], seed: int
) -> Sanity:
    """Compare the maps of `net` with those of networks that are random from the top, for the same labels."""
    found = Sanity({method: [] for method in maps}, {method: [] for method in maps})
    console = Console(stderr=True)
    with Progress(console=console, disable=not console.is_terminal) as progress:
        bar = progress.add_task("random weights", total=len(STAGES) * len(maps) * len(targets))
        for random in randomised(net, pictures, seed):
            for method, trained in maps.items():
                signed, size = [], []
                for index, target in enumerate(targets):
                    now = cells(METHODS[method](random, pictures[index : index + 1], target))
                    before = cells(trained[index])
                    signed.append(rank_correlation(before, now))
                    size.append(rank_correlation(np.abs(before), np.abs(now)))
                    progress.advance(bar)
                found.signed[method].append(signed)
                found.size[method].append(size)
    return found


def randomised(net: nn.Module, pictures: Tensor, seed: int) -> Iterator[nn.Module]:
    """A network for each stage, each one more random than the one before; `net` stays as it is.

    Weights are drawn as those of a new network. The batch norms among them take their means and variances
    from `pictures`: with those of a new network, activations would die away over fifty layers.
    """
    net = copy.deepcopy(net)
    kinds = (nn.Conv2d, nn.Linear, nn.BatchNorm2d)
    layers = [part for part in net.modules() if isinstance(part, kinds)][::-1]
    torch.manual_seed(seed)
    done = 0
    for stage in range(len(STAGES)):
        until = max(1, round(len(layers) * stage / (len(STAGES) - 1)))
        for layer in layers[done:until]:
            layer.reset_parameters()
        done = until
        _settle(net, layers[:done], pictures)
        yield copy.deepcopy(net)


def _settle(net: nn.Module, layers: Sequence[nn.Module], pictures: Tensor) -> None:
    norms = [layer for layer in layers if isinstance(layer, nn.BatchNorm2d)]
    for norm in norms:
        norm.reset_running_stats()
        norm.momentum = None  # a mean over all that is seen
        norm.train()
    with torch.no_grad():
        net(pictures)
    net.eval()
