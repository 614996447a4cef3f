"""What a network may say of a picture of 64 x 64: 64 cells of 8 pixels, 16 of 16, 4 of 32."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Sequence, Tuple

import numpy as np
import numpy.typing as npt

from agent.inference.bundle import Bundle
from agent.inference.manifest import Manifest
from tests.fakes.object_bundles import CELLS, LABELS, description

Cell = Tuple[int, Sequence[float], Sequence[float]]
"""Index of a cell; offset and logarithmic size of the box; the object score and those of the labels."""


def bundle(**changes: Any) -> Bundle:
    return Bundle(Path("nowhere"), Manifest.model_validate({**description(**changes), "sha256": "0" * 64}))


def rows(*said: Cell) -> npt.NDArray[np.float32]:
    """One picture's worth: 1 x cells x (5 + labels)."""
    result = np.zeros((1, CELLS, 5 + len(LABELS)), np.float32)
    for index, box, scores in said:
        result[0, index, :4] = box
        result[0, index, 4:] = scores
    return result
