"""What a run of a detector begins with that does not begin anew: an earlier run, or a bundle."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Dict, Optional, Sequence

from torch.utils.data import DataLoader

from agent.inference.bundle import load_bundle
from models import report
from models.checkpoint import read_config
from models.detect.data import Sample
from models.detect.mix import Varied, batched
from models.detect.trained import trained, untrained
from models.nets.city import CityNano
from models.nets.shaped import load_shaped
from models.nets.unfolded import settle, unfolded

_SETTLING = 256
"""Pictures by which norms are settled."""


def begun(start: str, samples: Sequence[Sample], side: int, batch: int, seed: int) -> CityNano:
    """The network of the run in the folder `start`, or of the bundle of that name, whose norms are settled by
    some of `samples`. Raises BundleError and DataError."""
    if _is_run(start):
        return trained(Path(start))
    net = untrained()
    load_shaped(net, unfolded(net, start, "object-detection", lacking=1))
    chosen = samples[:: max(1, len(samples) // _SETTLING)]
    varied = Varied(chosen, range(len(chosen)), side, seed, joined=True)
    settle(net, [pictures for pictures, _ in DataLoader(varied, batch, collate_fn=batched)])
    return net


def origin(start: Optional[str]) -> Optional[Dict[str, Any]]:
    """What `start` is, how long and at which rate it learnt, and what it was begun from itself; None without.

    Raises BundleError.
    """
    if start is None:
        return None
    if _is_run(start):
        name, learnt = Path(start).name, read_config(Path(start))
    else:
        manifest = load_bundle(start, "object-detection").manifest
        name, learnt = f"{manifest.name} {manifest.version}", dict(manifest.training)
    return {"name": name, **{key: learnt.get(key) for key in ("epochs", "body_rate", "begun_from")}}


def _is_run(start: str) -> bool:
    return (Path(start) / report.CONFIG).is_file()
