"""A finished run of a classifier as a network: what it was asked, and the weights that it came to."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, Dict, Sequence

import torch

from agent.inference.manifest import FIRE_LABELS as LABELS
from models import report
from models.data import DataError
from models.nets import NETS, build
from models.nets.shaped import load_shaped


def read_config(run: Path) -> Dict[str, Any]:
    """What the run in the folder `run` was asked. Raises DataError where there is none."""
    path = run / report.CONFIG
    if not path.is_file():
        raise DataError(f"{path} is not there: give the folder of a finished `python -m models train` run")
    config: Dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return config


def trained(runs: Sequence[Path], config: Dict[str, Any]) -> torch.nn.Module:
    """The network of a run, or the mean of several runs' weights (Wortsman et al. 2022, "Model soups").

    Pruned or not, it takes N x 3 x S x S float32, RGB in about -1..1, and gives N x labels logits; it is in
    evaluation mode. Raises DataError for a run that trained no classifier, or that has no checkpoint yet.
    """
    name = config.get("net")
    if name not in NETS:
        raise DataError(f"{runs[0]} trained no classifier ({name or config.get('task')}): name one that did")
    states = [averaged(run) for run in runs]
    mean = {
        key: sum(state[key] for state in states) / len(states) if weight.dtype.is_floating_point else weight
        for key, weight in states[0].items()
    }
    net: torch.nn.Module = build(name, len(LABELS), pretrained=False)
    load_shaped(net, mean)
    return net.eval()


def averaged(run: Path) -> Dict[str, torch.Tensor]:
    """The averaged weights of a run, whose checkpoint is read as data: nothing in it is run. Raises DataError
    where there is none yet."""
    path = run / report.CHECKPOINT
    if not path.is_file():
        raise DataError(f"{path} is not there: the run has not finished its first epoch")
    state: Dict[str, torch.Tensor] = torch.load(path, map_location="cpu", weights_only=True)["average"]
    return state
