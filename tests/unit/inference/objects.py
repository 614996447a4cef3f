"""A bundle of objects for 64 x 64 and what its network may say: 64 cells of 8 pixels, 16 of 16, 4 of 32."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Dict, Sequence, Tuple

import numpy as np
import numpy.typing as npt

from agent.inference.bundle import Bundle
from agent.inference.manifest import Manifest
from tests.fakes.bundles import manifest

SIDE = 64
COLUMNS = SIDE // 8
CELLS = 64 + 16 + 4
LABELS = ["person", "car", "dog"]
Cell = Tuple[int, Sequence[float], Sequence[float]]
"""Index of a cell; offset and logarithmic size of the box; the object score and those of the labels."""


def description(**changes: Any) -> Dict[str, Any]:
    """A manifest, but for the hash."""
    given = {**manifest()["input"], "width": SIDE, "height": SIDE, "resize": "letterbox", "padding": 114}
    return {
        **manifest(),
        "name": "things",
        "task": "object-detection",
        "labels": LABELS,
        "input": {**given, "colour": "BGR", "scale": [1.0, 1.0, 1.0]},
        "output": {"name": "cells", "activation": "none"},
        "thresholds": {"score": 0.1, "overlap": 0.5},
        **changes,
    }


def bundle() -> Bundle:
    return Bundle(Path("nowhere"), Manifest.model_validate({**description(), "sha256": "0" * 64}))


def rows(*said: Cell) -> npt.NDArray[np.float32]:
    """One picture's worth: 1 x cells x (5 + labels)."""
    result = np.zeros((1, CELLS, 5 + len(LABELS)), np.float32)
    for index, box, scores in said:
        result[0, index, :4] = box
        result[0, index, 4:] = scores
    return result
