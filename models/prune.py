"""Make a narrower network of a run: whole channels go, so that every runtime gains by it."""

from __future__ import annotations

import json
import logging
from pathlib import Path
from typing import Sequence

import torch
import torch_pruning
import typer
from torch import nn

from models import report
from models.checkpoint import read_config, trained
from models.data import DataError
from models.detect.trained import trained as trained_detector

log = logging.getLogger("models.prune")

MULTIPLE = 8
"""Of channels: what tensor cores and vector units work on at once."""


def prune(
    run: Path = typer.Argument(..., help="The folder of a `train` run."),
    out: Path = typer.Option(..., "--out", help="The new run folder."),
    keep: float = typer.Option(0.5, "--keep", min=0.05, max=0.95, help="The share of channels that stays."),
) -> None:
    """Leave the channels of least weight out of RUN's network, about 1 - KEEP of them in every layer.

    Importance is the norm of all weights that belong to a channel, over the layers that it ties together
    (Fang et al. 2023, "DepGraph"). What is left has to learn again: `python -m models train ... --start OUT`,
    with `--teacher BUNDLE` to have it taught; a detector's parent teaches in any case. Export OUT itself to
    see what pruning alone costs.
    """
    logging.basicConfig(level=logging.INFO, format="%(message)s")
    if (out / report.CHECKPOINT).exists():
        raise DataError(f"{out} holds a run already: choose another --out")
    config = read_config(run)
    net: nn.Module
    if config.get("task") == "detect":
        net = detector = trained_detector(run)
        side, left = int(config["side"]), detector.told_by()
    else:
        net, side, left = trained(run, config), int(config["final_side"]), []
    before = _size(net)
    pruned = narrowed(net, keep, side, left)
    after = _size(pruned)
    out.mkdir(parents=True, exist_ok=True)
    (out / report.CONFIG).write_text(
        json.dumps({**config, "pruned": {"run": str(run), "keep": keep}}, indent=2) + "\n", encoding="utf-8"
    )
    torch.save({"average": pruned.state_dict()}, out / report.CHECKPOINT)
    log.info("%d weights of %d (%.0f %%) are left in %s", after, before, 100 * after / before, out)


def narrowed(net: nn.Module, keep: float, side: int, left: Sequence[nn.Module] = ()) -> nn.Module:
    """`net` with about `keep` of the channels of each layer, a multiple of MULTIPLE; the labels of its last
    linear layer stay, and what the layers `left` put out."""
    linear = [layer for layer in net.modules() if isinstance(layer, nn.Linear)]
    pruner = torch_pruning.pruner.BasePruner(
        net.eval(),
        torch.zeros(1, 3, side, side),
        importance=torch_pruning.importance.GroupMagnitudeImportance(p=2),
        pruning_ratio=1 - keep,
        round_to=MULTIPLE,
        ignored_layers=[*linear[-1:], *left],
    )
    pruner.step()
    return net


def _size(net: nn.Module) -> int:
    return sum(weight.numel() for weight in net.parameters())
