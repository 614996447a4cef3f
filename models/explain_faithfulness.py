"""Whether maps point at what the network goes by: deletion and insertion (Petsiuk et al. 2018, "RISE").

Deletion greys the cells of a picture out, the most important first: the sooner the probability falls, the
better the map. Insertion uncovers them in a blurred picture: the sooner it rises, the better. Petsiuk et al.
do so pixel by pixel. Here whole cells go, for all methods alike: single pixels of grey are a noise that
networks stumble over whatever they mean, so that a map which is finer would look better than it is.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Dict, List, Mapping, Sequence

import numpy as np
import numpy.typing as npt
import torch
from rich.console import Console
from rich.progress import track
from torch import Tensor, nn
from torch.nn import functional

from models.explain_maps import CELLS, Map, cells
from models.explain_statistics import Mean, mean

RANDOM = "random"
"""The control: cells in an order that chance gave."""

GAMES = ("deletion", "insertion")
SHARES = np.linspace(0, 1, 17)
"""Of the picture that is changed, at each point of a curve."""

Curves = npt.NDArray[np.float64]
"""Pictures x shares: the probability of the label that the whole picture was judged to have."""


@dataclass(frozen=True, eq=False)
class Faithfulness:
    """Curves by game and method, the control among them; `judged` has the label of each picture."""

    curves: Dict[str, Dict[str, Curves]]
    judged: Sequence[str]

    def area(self, game: str, method: str) -> Mean:
        """Under the curve: low is good for deletion, high for insertion."""
        return mean(areas(self.curves[game][method]))

    def better(self, game: str, method: str) -> Mean:
        """By how much a method does better than the control, picture by picture; above 0 is better."""
        gain = areas(self.curves[game][method]) - areas(self.curves[game][RANDOM])
        return mean(gain if game == "insertion" else -gain)

    def warnings(self) -> List[str]:
        """A sentence for each method that cannot be told from chance."""
        return [
            f"{method} does no better than chance at {game}: do not trust where its maps point."
            for game in GAMES
            for method in self.curves[game]
            if method != RANDOM and self.better(game, method).interval[0] <= 0
        ]

    def lines(self) -> List[str]:
        return [
            f"{game:10} {method:21} area {self.area(game, method)}"
            + ("" if method == RANDOM else f", better than random by {self.better(game, method)}")
            for game in GAMES
            for method in self.curves[game]
        ]

    def as_dict(self) -> Dict[str, Any]:
        return {
            "pictures": len(self.judged),
            "cells": CELLS * CELLS,
            "shares": SHARES.round(4).tolist(),
            **{game: {name: self._of(game, name) for name in self.curves[game]} for game in GAMES},
        }

    def _of(self, game: str, method: str) -> Dict[str, Any]:
        curves, judged = self.curves[game][method], np.array(self.judged)
        return {
            "area": self.area(game, method).as_dict(),
            "better_than_random": self.better(game, method).as_dict() if method != RANDOM else None,
            "area_by_judged": {
                label: mean(areas(curves[judged == label])).as_dict() for label in sorted(set(self.judged))
            },
            "curve": curves.mean(0).round(4).tolist(),
        }


def measure(
    net: nn.Module, pictures: Tensor, targets: Sequence[int], maps: Mapping[str, Sequence[Map]], seed: int
) -> Dict[str, Dict[str, Curves]]:
    """The curves by game and method, of N x 3 x S x S normalised pictures and as many maps of each method."""
    console = Console(stderr=True)
    rng = np.random.default_rng(seed)
    rows: Dict[str, Dict[str, List[Any]]] = {
        game: {method: [] for method in [*maps, RANDOM]} for game in GAMES
    }
    numbers = range(len(targets))
    for index in track(numbers, "deletion, insertion", console=console, disable=not console.is_terminal):
        picture, target = pictures[index : index + 1], targets[index]
        values = {method: cells(found[index]) for method, found in maps.items()}
        values[RANDOM] = rng.random(CELLS * CELLS)
        for method, importance in values.items():
            first = _turns(importance, picture.shape[-1])
            grey, veiled = torch.zeros_like(picture), blurred(picture)
            rows["deletion"][method].append(_curve(net, torch.where(first, grey, picture), target))
            rows["insertion"][method].append(_curve(net, torch.where(first, picture, veiled), target))
    return {
        game: {method: np.array(found) for method, found in of_game.items()} for game, of_game in rows.items()
    }


def areas(curves: Curves) -> Curves:
    """The area under each row, by trapezoids over 0..1."""
    found: Curves = (curves[:, 1:] + curves[:, :-1]).mean(1) / 2
    return found


def blurred(pictures: Tensor) -> Tensor:
    """Without any detail: a Gaussian as wide as a cell over N x 3 x S x S, the edges mirrored."""
    sigma = pictures.shape[-1] // CELLS
    reach = torch.arange(-2 * sigma, 2 * sigma + 1, dtype=torch.float32)
    kernel = torch.softmax(-(reach**2) / (2 * sigma**2), 0)
    smooth = functional.pad(pictures, (2 * sigma,) * 4, mode="reflect")
    for shape in ((1, 1, 1, -1), (1, 1, -1, 1)):
        smooth = functional.conv2d(smooth, kernel.view(shape).expand(3, 1, *shape[2:]).contiguous(), groups=3)
    return smooth


def _turns(importance: npt.NDArray[np.float64], side: int) -> Tensor:
    """Shares x 1 x S x S: whether a place is among the most important cells, for each share of them."""
    rank = np.empty(len(importance), np.int64)
    rank[np.argsort(-importance, kind="stable")] = np.arange(len(importance))
    among = rank[None] < (SHARES * len(importance)).round()[:, None]
    step = side // CELLS
    grid = among.reshape(-1, 1, CELLS, CELLS).repeat(step, 2).repeat(step, 3)
    return torch.from_numpy(grid)


def _curve(net: nn.Module, pictures: Tensor, target: int) -> npt.NDArray[np.float64]:
    with torch.no_grad():
        said = torch.softmax(net(pictures), 1)[:, target]
    found: npt.NDArray[np.float64] = said.numpy().astype(np.float64)
    return found
