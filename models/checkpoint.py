"""A finished run of a classifier as a network: what it was asked, and the weights that it came to."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, Dict, Optional

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


def trained(
    run: Path, config: Dict[str, Any], other: Optional[Path] = None, share: float = 0.5
) -> torch.nn.Module:
    """The network of a run, or the mean of its weights and another run's, of which the other's are `share`
    (Wortsman et al. 2022, "Robust fine-tuning of zero-shot models").

    Pruned or not, it takes N x 3 x S x S float32, RGB in about -1..1, and gives N x labels logits; it is in
    evaluation mode. Raises DataError for a run that trained no classifier, or that has no checkpoint yet.
    """
    name = config.get("net")
    if name not in NETS:
        raise DataError(f"{run} trained no classifier ({name or config.get('task')}): name one that did")
    state = averaged(run)
    if other is not None:
        theirs = averaged(other)
        state = {
            key: torch.lerp(weight, theirs[key], share) if weight.dtype.is_floating_point else weight
            for key, weight in state.items()
        }
    net: torch.nn.Module = build(name, len(LABELS), pretrained=False)
    load_shaped(net, state)
    return net.eval()


def averaged(run: Path) -> Dict[str, torch.Tensor]:
    """The averaged weights of a run, whose checkpoint is read as data: nothing in it is run. Raises DataError
    where there is none yet."""
    path = run / report.CHECKPOINT
    if not path.is_file():
        raise DataError(f"{path} is not there: the run has not finished its first epoch")
    state: Dict[str, torch.Tensor] = torch.load(path, map_location="cpu", weights_only=True)["average"]
    return state
