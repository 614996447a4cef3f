"""A run of a detector as a network."""

from __future__ import annotations

from pathlib import Path

from models.checkpoint import averaged, read_config
from models.data import DataError
from models.detect.bundle import HEADS
from models.nets.city import CityNano, Flames
from models.nets.shaped import load_shaped
from models.nets.yolox import YoloXNano


def trained(run: Path) -> CityNano:
    """The network that the run in the folder `run` came to, pruned or not; it is in evaluation mode.

    Raises DataError for a run that trained no detector, or that has no checkpoint yet.
    """
    if read_config(run).get("task") != "detect":
        raise DataError(f"{run} trained no detector: name a run of `train --task detect`")
    net = untrained()
    load_shaped(net, averaged(run))
    return net.eval()


def untrained() -> CityNano:
    """The network for the labels of HEADS, of random weights."""
    published, new = HEADS
    return CityNano(YoloXNano(published), Flames(new))
